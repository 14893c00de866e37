/** What of an error is printed. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { describe, exitCodeOf, InputError, printable, quote } from '../src/errors.ts';

const facts = { doing: 'reading "x"', found: 'it is empty', todo: 'write into it' };

test('an error of ours is one line: code, doing what, what came back, what to do', () => {
  assert.equal(
    describe(new InputError('FILE_EMPTY', facts)),
    'purser: FILE_EMPTY: reading "x": it is empty; write into it',
  );
});

test('of any other thing that is thrown, nothing is told (R-SEC-03)', () => {
  const canary = 'CANARY-93b1';
  const getter = Object.defineProperty(new Error('x'), 'message', { get: () => assert.fail('it was asked') });
  const thrown = [
    new Error(canary),
    new Error('x', { cause: new Error(canary) }),
    new AggregateError([new Error(canary)], canary),
    Object.assign(new Error('x'), { code: canary, facts: { ...facts, found: canary } }),
    getter,
    new Proxy(new Error(canary), { get: () => canary }),
    canary,
    undefined,
    Object.create(null),
  ];
  const lines = new Set(thrown.map(describe));
  assert.equal(lines.size, 1);
  assert.match([...lines][0] ?? '', /^purser: INTERNAL: /);
  assert.deepEqual(new Set(thrown.map(exitCodeOf)), new Set([1]));
});

test('whatever a text holds, what is printed is one line of bounded length (R-SEC-07)', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.integer({ min: 4, max: 300 }), (text, max) => {
      const line = printable(text, max);
      assert.ok(Buffer.byteLength(line) <= max);
      assert.doesNotMatch(line, /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
      assert.ok(line.isWellFormed());
    }),
  );
});

// A name, and how it appears.
for (const [name, shown] of [
  ['reg.example/app', '"reg.example/app"'],
  ['user:pass@reg.example/app', '"xxxxx@reg.example/app"'],
  ['https://user:pa/s:s@reg.example:5000/app', '"https://xxxxx@reg.example:5000/app"'],
  ['user:p@ss@reg.example/app', '"xxxxx@reg.example/app"'],
  ['user:p\nss@reg.example', '"xxxxx@reg.example"'],
  ['reg.example:5000/app@sha256:00ff', '"reg.example:5000/app@sha256:00ff"'],
  ['u:p@reg.example:5000/app@sha512:00ff', '"xxxxx@reg.example:5000/app@sha512:00ff"'],
  ['user@reg.example', '"user@reg.example"'],
  ['a "b" \u202e', '"a \\"b\\" \\u202e"'],
] as const) {
  test(`${JSON.stringify(name)} is quoted as ${shown} (R-SEC-01)`, () => assert.equal(quote(name), shown));
}
