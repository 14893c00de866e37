/** What an entry may say: the decoder of the hot way and the schema that explains refusals accept the same. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { z } from 'zod';
import { isJsonObject, type Json, type JsonObject, parseJson } from '../../src/json.ts';
import type { ProviderDefinition } from '../../src/provider.ts';

/** Members that belong to every entry, now or later. */
const reserved = [
  'matchImages',
  'provider',
  'cacheDuration',
  'caFile',
  'plainHTTP',
  'allowReadable',
  'mirrors',
  'proxy',
];

export function testMembers<Options>(
  definition: ProviderDefinition<Options>,
  cases: readonly { readonly members: JsonObject }[],
): void {
  const fields = definition.fields(z);
  const names = Object.keys(fields);
  const schema = z.strictObject(fields);

  test('its name can be written in a config, and its members are its own', () => {
    assert.match(definition.name, /^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/);
    assert.deepEqual(
      names.filter((name) => reserved.includes(name)),
      [],
    );
  });

  test('every member says what it is for', () => {
    for (const name of names) assert.match(fields[name]?.description ?? '', /^[A-Z]/, name);
  });

  test('its decoder accepts exactly what its schema and its rules accept', () => {
    const seen = { accepted: 0, refused: 0 };
    fc.assert(
      fc.property(anyMembers(names, cases), (members) => {
        const accepted = schema.safeParse(members).success && (definition.rules?.(members) ?? []).length === 0;
        assert.equal(definition.decode(members) !== undefined, accepted, JSON.stringify(members));
        seen[accepted ? 'accepted' : 'refused']++;
      }),
      { numRuns: 2000 },
    );
    assert.ok(seen.accepted > 20 && seen.refused > 20, `one side only: ${JSON.stringify(seen)}`);
  });

  test('its decoder is pure', () => {
    fc.assert(
      fc.property(anyMembers(names, cases), (members) => {
        const before = JSON.stringify(members);
        assert.deepEqual(definition.decode(members), definition.decode(members));
        assert.equal(JSON.stringify(members), before);
      }),
    );
  });
}

/** Members of the cases, mixed, some left out, some spoilt, sometimes one that nobody knows. */
function anyMembers(
  names: readonly string[],
  cases: readonly { readonly members: JsonObject }[],
): fc.Arbitrary<JsonObject> {
  const odd = fc.constantFrom<Json>('', 'x', 'relative/path', '/nul\0', 7, true, null, [], {});
  const member = (name: string): fc.Arbitrary<Json | undefined> => {
    const good = cases.map(({ members }) => members[name]).filter((value) => value !== undefined);
    return fc.oneof(
      { weight: 4, arbitrary: fc.constant(undefined) },
      { weight: 4, arbitrary: fc.constantFrom(undefined, ...good) },
      { weight: 1, arbitrary: odd },
    );
  };
  const mixed = fc.record(Object.fromEntries(names.map((name) => [name, member(name)])));
  const right = fc.constantFrom(...cases.map(({ members }) => members));
  const unknown = fc.dictionary(fc.constantFrom('unknown', 'Path', 'constructor'), odd, { maxKeys: 1 });
  return fc
    .tuple(fc.oneof({ weight: 3, arbitrary: mixed }, { weight: 1, arbitrary: right }), fc.option(unknown, { freq: 8 }))
    .map(([members, more]) => {
      const parsed = parseJson(JSON.stringify({ ...members, ...more }));
      assert.ok(isJsonObject(parsed));
      return parsed;
    });
}
