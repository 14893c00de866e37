/**
 * The decoder of the hot way against the schema, from close by: right configs with one thing changed, every thing, into
 * everything that is odd. config.test.ts compares the two over chance documents.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { providers } from '../providers/index.ts';
import { decodeConfig } from '../src/config.ts';
import { findConfigProblems } from '../src/config-schema.ts';
import { isJsonObject, type Json, parseJson } from '../src/json.ts';

const common = { cacheDuration: '5m', caFile: '/ca.pem', plainHTTP: true, allowReadable: false };
const full = { $schema: 'schema.json', log: '/log', automatic: false };
const bases: readonly Json[] = [
  document([]),
  document([{ matchImages: ['reg.example'], provider: 'static', username: 'u', password: 'p', ...common }], full),
  document([{ matchImages: ['a.example:5000/b', '*.b'], provider: 'static', usernameFile: '/u', passwordFile: '/p' }]),
  document([{ matchImages: ['reg.example'], provider: 'docker-config', path: '/config.json', ...common }]),
  document([{ matchImages: ['reg.example'], provider: 'docker-config', rootDir: '/r', workingDir: '/w', home: '/h' }]),
];

function document(registries: Json, more: object = {}): Json {
  return { apiVersion: 'purser/v1', kind: 'PurserConfig', registries, ...more };
}

const odd: readonly Json[] = [
  ...[null, true, false, 0, 1, -1, 1.5, '', ' ', 'x', 'X', '/', '/x', 'x/', './x', '/x\0', '\n', [], {}, [[]], [{}]],
  ...['5m', '5', '0', '0s', '-0s', '-1s', '1d', '1h1', '1.5h', '9999999h', 'purser/v1', 'purser/v2', 'PurserConfig'],
  ...['static', 'Static', 'docker-config', 'reg.example', 'reg.example/', 'reg.example/*', 'reg.example:*', '[::1]:1'],
  ...[['reg.example'], ['reg.example', 7], [''], [null], ['reg.example', 'reg.example'], { 'reg.example': true }],
];
const names = [
  'x',
  'matchImage',
  'constructor',
  'toString',
  'hasOwnProperty',
  'Provider',
  '',
  '0',
  'registries',
  'auth',
];
/** What one provider or the other knows, and not beside everything. */
const siblings = ['username', 'usernameFile', 'password', 'passwordFile', 'path', 'home'];

type Path = readonly (string | number)[];

function places(value: Json, path: Path = []): Path[] {
  const inner = Array.isArray(value)
    ? value.flatMap((item, index) => places(item, [...path, index]))
    : isJsonObject(value)
      ? Object.entries(value).flatMap(([name, member]) => places(member, [...path, name]))
      : [];
  return [path, ...inner];
}

/** A copy with another value at the place; without the place where that is `undefined`. */
function changed(value: Json, [step, ...rest]: Path, to: Json | undefined): Json | undefined {
  if (step === undefined) return to;
  const copy = structuredClone(value);
  const inner = changed(Reflect.get(Object(copy), step) ?? null, rest, to);
  if (inner !== undefined) Reflect.set(Object(copy), step, inner);
  else if (Array.isArray(copy)) copy.splice(Number(step), 1);
  else Reflect.deleteProperty(Object(copy), step);
  return copy;
}

test('one change to a right config is judged by the decoder as by the schema', () => {
  const counts = { accepted: 0, refused: 0 };
  const judge = (value: Json): void => {
    const text = JSON.stringify(value);
    const decoded = decodeConfig(parseJson(text), providers) !== undefined;
    counts[decoded ? 'accepted' : 'refused']++;
    assert.equal(findConfigProblems(text, providers).length === 0, decoded, text);
  };
  for (const base of bases) {
    judge(base);
    for (const path of places(base)) {
      for (const to of [undefined, ...odd]) judge(changed(base, path, to) ?? null);
      for (const name of names) judge(changed(base, [...path, name], 1) ?? null);
      for (const name of siblings) judge(changed(base, [...path, name], '/x') ?? null);
    }
  }
  assert.ok(counts.accepted > 300 && counts.refused > 2000, JSON.stringify(counts));
});
