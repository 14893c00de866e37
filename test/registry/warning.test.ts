import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { parseWarning } from '../../src/registry/warning.ts';

describe('parseWarning', () => {
  it('ignores what is longer than the specification allows', () => {
    const text = 'x'.repeat(4096 - '299 - ""'.length);
    assert.equal(parseWarning(`299 - "${text}"`), text);
    assert.equal(parseWarning(`299 - "${text}x"`), undefined);
  });

  it('decodes percent escapes as UTF-8, and leaves other bytes as they are', () => {
    assert.equal(parseWarning('299 - "caf%C3%A9"'), 'café');
    assert.equal(parseWarning('299 - "caf%E9"'), 'caf%E9');
    assert.equal(parseWarning('299 - "a%2541b"'), 'a%41b');
  });

  it('ignores a warning into which an escape would bring a quote or a control character', () => {
    for (const code of ['%22', '%1b', '%7F', '%C2%85', '%0A'])
      assert.equal(parseWarning(`299 - "a${code}b"`), undefined, code);
    assert.equal(parseWarning('299 - "a%09b"'), 'a\tb');
  });

  it('ignores a warning that says nothing or says two things', () => {
    for (const header of [
      '299 - ""',
      '299 - "a" "Tue, 15 Nov 1994 08:12:31 GMT"',
      '299 - "a", 299 - "b"',
      '299 -  "a"',
    ])
      assert.equal(parseWarning(header), undefined, header);
  });

  it('never lets a control character through, and never throws', () => {
    const pieces = fc.array(fc.oneof(fc.string(), fc.constantFrom('%', '%0', '%0d', '\\', '"', '%C2', '%9B')));
    fc.assert(
      fc.property(pieces, (texts) => {
        assert.doesNotMatch(parseWarning(`299 - "${texts.join('')}"`) ?? '', /[^\t\P{Cc}]/u);
      }),
      { numRuns: 1000 },
    );
  });
});
