/** Strict JSON: one document, each member once, the built-in parser as the judge of everything else. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Json, JsonError, type JsonFault, lineAndColumn, memberPath, parseJson } from '../src/json.ts';

type Outcome = { readonly value: Json } | { readonly fault: JsonFault; readonly offset: number };

function outcomeOf(text: string, options: Parameters<typeof parseJson>[1] = {}): Outcome {
  try {
    return { value: parseJson(text, options) };
  } catch (error) {
    assert.ok(error instanceof JsonError);
    return { fault: error.fault, offset: error.offset };
  }
}

/** Asking for positions keeps the built-in parser out of it. */
const inDetail = (text: string): Outcome => outcomeOf(text, { positions: new Map() });

for (const [what, text, fault, offset] of [
  ['nothing', '', 'empty', 0],
  ['white space', ' \n', 'empty', 2],
  ['a duplicate member (R-REQ-03)', '{"a":1,"a":1}', 'duplicate', 7],
  ['a duplicate in another spelling (R-REQ-03)', '{"a":1,"\\u0061":1}', 'duplicate', 7],
  ['a duplicate in the depth (R-REQ-03)', '[{"b":[{"a":1,"a":2}]}]', 'duplicate', 14],
  ['__proto__ (R-REQ-03)', '{"__proto__":{}}', 'forbidden-name', 1],
  ['__proto__ in another spelling (R-REQ-03)', '{"x":{"\\u005f_proto__":1}}', 'forbidden-name', 6],
  ['33 levels (R-REQ-03)', '['.repeat(33) + ']'.repeat(33), 'depth', 32],
  ['a second document (F-I10)', '{} {}', 'trailing', 3],
  ['NaN (R-REQ-03)', '[NaN]', 'syntax', 1],
  ['a byte order mark (F-I06)', '\uFEFF{}', 'syntax', 0],
  ['a comment', '{}//', 'trailing', 2],
  ['a raw line break in a string', '"a\nb"', 'syntax', 2],
  ['a number with a leading zero', '[01]', 'syntax', 2],
  ['a trailing comma', '[1,]', 'syntax', 3],
] as const) {
  test(`refuses ${what}, and says where`, () => {
    assert.deepEqual(outcomeOf(text), { fault, offset });
    assert.deepEqual(inDetail(text), { fault, offset });
  });
}

test('names of built-in members are names like others', () => {
  const value = parseJson('{"constructor":1,"toString":{"hasOwnProperty":2}}');
  assert.deepEqual(JSON.stringify(value), '{"constructor":1,"toString":{"hasOwnProperty":2}}');
  assert.equal(Object.getPrototypeOf(value), null);
});

test('32 levels are read', () => {
  assert.ok('value' in outcomeOf('['.repeat(32) + ']'.repeat(32)));
});

/** Pieces that mean something to a parser, so that strings hold them too. */
const piece = fc.constantFrom('"', '\\', ':', ',', '{', '}', '[', ']', ' ', '\n', 'a', '\u2028', '1', 'é', '\ud800');
const name = fc.oneof(
  fc.constantFrom('a', 'b', '__proto__', 'constructor', '0', '1', ''),
  fc.array(piece, { maxLength: 4 }).map((parts) => parts.join('')),
);
const { document } = fc.letrec<{ document: string }>((tie) => ({
  document: fc.oneof(
    { depthSize: 'small' },
    fc.json({ maxDepth: 1 }),
    name.map((text) => JSON.stringify(text)),
    fc.array(tie('document'), { maxLength: 3 }).map((items) => `[${items.join(', ')}]`),
    fc
      .array(fc.tuple(name, tie('document')), { maxLength: 4 })
      .map((members) => `{${members.map(([key, value]) => `${JSON.stringify(key)} :${value}`).join(',')}}`),
  ),
}));

test('accepts what the built-in parser accepts without losing a member, with the same value', () => {
  let accepted = 0;
  let refused = 0;
  fc.assert(
    fc.property(document, (text) => {
      const outcome = outcomeOf(text);
      assert.deepEqual(outcome, inDetail(text));
      if (!('value' in outcome)) {
        refused++;
        return assert.ok(outcome.fault === 'duplicate' || outcome.fault === 'forbidden-name', outcome.fault);
      }
      accepted++;
      // With escaped names the built-in parser is no judge: see the next test.
      if (text.includes('\\') && text.includes('{')) return;
      assert.equal(JSON.stringify(outcome.value), JSON.stringify(JSON.parse(text)));
    }),
    { numRuns: 3000 },
  );
  assert.ok(accepted > 150 && refused > 150, `${accepted} accepted, ${refused} refused`);
});

test('reads an escaped name after one that begins like it (V8 took the first for the second)', () => {
  assert.deepEqual(Object.keys(Object(parseJson('{"h":[],"\\\\":0}'))), ['h', '\\']);
  assert.deepEqual(Object.keys(Object(parseJson('{"h":1,"\\"":2}'))), ['h', '"']);
});

test('refuses exactly the broken texts that the built-in parser refuses', () => {
  const isJson = (text: string): boolean => {
    try {
      JSON.parse(text);
      return true;
    } catch {
      return false;
    }
  };
  fc.assert(
    fc.property(document, fc.nat(), fc.oneof(piece, fc.constant('')), (text, position, put) => {
      const at = position % (text.length + 1);
      const broken = text.slice(0, at) + put + text.slice(at + 1);
      const outcome = outcomeOf(broken);
      assert.deepEqual(outcome, inDetail(broken));
      const loses = 'fault' in outcome && (outcome.fault === 'duplicate' || outcome.fault === 'forbidden-name');
      if (!loses) assert.equal('value' in outcome, isJson(broken), broken);
    }),
    { numRuns: 3000 },
  );
});

test('paths and places are written as people count', () => {
  assert.equal(memberPath('registries[0]', 'a.b'), 'registries[0]["a.b"]');
  assert.equal(memberPath('', 'log'), 'log');
  assert.deepEqual(lineAndColumn('a\nbc', 3), { line: 2, column: 2 });
});
