/** Choices that the generators make. */
import fc from 'fast-check';

export const good = <T>(...values: readonly T[]): fc.Arbitrary<T> => fc.constantFrom(...values);

/** `weight` times the usual, once the odd. */
export function mostly<T>(usual: fc.Arbitrary<T>, odd: fc.Arbitrary<T>, weight = 30): fc.Arbitrary<T> {
  return fc.oneof({ weight, arbitrary: usual }, { weight: 1, arbitrary: odd });
}

/** A text in which, one time in `weight + 1`, a character too much, too few or wrong spoils what was right. */
export function scratched(usual: fc.Arbitrary<string>, characters: string, weight = 4): fc.Arbitrary<string> {
  const scratch = fc.tuple(fc.nat(), good(...characters), good('insert', 'delete', 'replace'));
  const none: readonly (readonly [number, string, string])[] = [];
  const scratches = mostly(fc.constant(none), fc.array(scratch, { minLength: 1, maxLength: 2 }), weight);
  return fc.tuple(usual, scratches).map(([text, all]) => {
    let result = text;
    for (const [place, character, kind] of all) {
      const at = place % (result.length + 1);
      const rest = result.slice(kind === 'insert' ? at : at + 1);
      result = `${result.slice(0, at)}${kind === 'delete' ? '' : character}${rest}`;
    }
    return result.toWellFormed();
  });
}

/** Some text: short, mostly plain, now and then with what encoders and decoders stumble over. */
export const anyText = mostly(
  good(
    '',
    'a',
    'AWS',
    'user',
    's3cret-pw',
    'eyJhbGciOiJSUzI1NiJ9.e30.c2ln',
    '<token>',
    '00000000-0000-0000-0000-000000000000',
  ),
  fc.string({
    unit: fc.oneof(
      good(...'aZ09 :/=+"\\<>&\'`\t\n\r\b\f\v\u0000\u0007\u001f\u007f\u0080\u00a0\u00ad\u00e9\u0130\u017f'),
      good(
        '\u2028',
        '\u2029',
        '\ufeff',
        '\ufffd',
        '\u212a',
        '\u200b',
        '\ue000',
        '\u{1f600}',
        '\u{10ffff}',
        '__proto__',
      ),
    ),
    maxLength: 6,
  }),
  1,
);
