import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { decodeRune, fromBytes, goQuote, toBytes } from '../../src/kubelet/go-text.ts';

describe('byte strings', () => {
  it('give back any text', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => assert.equal(fromBytes(toBytes(text)), text)));
  });
});

describe('fromBytes', () => {
  // A password cut in the middle of a character had fewer marks than a kubelet makes of it.
  it('makes one U+FFFD of each byte that is no text', () => {
    assert.equal(fromBytes('a\xe1\x80b\xf0\x9f\x98'), 'a\ufffd\ufffdb\ufffd\ufffd\ufffd');
  });

  it('leaves a U+FFFD that somebody wrote', () => {
    assert.equal(fromBytes('\xef\xbf\xbd\xc3\xa9'), '\ufffd\u00e9');
  });
});

describe('decodeRune', () => {
  it('walks through any text character by character', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const bytes = toBytes(text);
        const found: string[] = [];
        for (let at = 0; at < bytes.length; ) {
          const { codePoint, width } = decodeRune(bytes, at);
          found.push(String.fromCodePoint(codePoint));
          at += width;
        }
        assert.deepEqual(found, [...text]);
      }),
    );
  });

  it('steps over an invalid byte alone', () => {
    for (const bytes of ['\xff', '\xc3', '\xc3(', '\xe2\x82', '\xed\xa0\x80', '\xc0\xaf', '\xf5\x80\x80\x80', '\x80']) {
      assert.deepEqual(decodeRune(bytes, 0), { codePoint: 0xfffd, width: 1 });
    }
    assert.deepEqual(decodeRune('\xef\xbf\xbd', 0), { codePoint: 0xfffd, width: 3 });
  });
});

describe('goQuote', () => {
  // What Go prints for %q.
  const answers: [bytes: string, quoted: string][] = [
    ['a"b\\c', String.raw`"a\"b\\c"`],
    ['\x07\b\f\n\r\t\v', String.raw`"\a\b\f\n\r\t\v"`],
    ['\0\x1b\x7f', String.raw`"\x00\x1b\x7f"`],
    ['\xc2\x85\xc2\xa0', String.raw`"\u0085\u00a0"`],
    ['\xe2\x80\xa8\xe2\x80\x8b\xef\xbb\xbf', String.raw`"\u2028\u200b\ufeff"`],
    ['\xf3\xa0\x80\x81', String.raw`"\U000e0001"`],
    ['\xc3\xa9 \xf0\x9f\x98\x80', '"\u00e9 \u{1f600}"'],
    ['\xff\xc3', String.raw`"\xff\xc3"`],
    ['\xef\xbf\xbd', '"\ufffd"'],
    ["'", `"'"`],
  ];
  for (const [bytes, quoted] of answers) it(`writes ${quoted}`, () => assert.equal(goQuote(bytes), quoted));
});
