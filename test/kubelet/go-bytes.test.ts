/** Bytes that are no UTF-8, as the decoders of Kubernetes see them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bytesOf, decodeBytes, describeInvalid } from '../../src/kubelet/go-bytes.ts';

const read = (bytes: string): string => decodeBytes(Buffer.from(bytes, 'latin1'));

test('text stays text, with its byte order mark', () => {
  assert.equal(decodeBytes(Buffer.from('\ufeffgrün \u{1f600}')), '\ufeffgrün \u{1f600}');
});

test('each byte that is no text becomes one lone surrogate, which gives the byte back', () => {
  const text = read('a\xffb\xc3\xa4\xed\xa0\x80');
  assert.equal(text, 'a\udcffbä\udced\udca0\udc80');
  assert.deepEqual([...bytesOf('\udcff')], [0xff]);
});

test('UTF-16 is read by its byte order mark', () => {
  for (const swap of [false, true]) {
    const bytes = Buffer.from('\ufeffkind: ü', 'utf16le');
    assert.equal(decodeBytes(swap ? bytes.swap16() : bytes), '\ufeffkind: ü');
  }
  assert.match(decodeBytes(Buffer.from([0xff, 0xfe, 0x61])), /^\ufeff\udc00$/);
});

// Words of the YAML library, read from its runs.
for (const [bytes, problem] of [
  ['\x80', 'invalid leading UTF-8 octet'],
  ['\xf8\x80\x80\x80\x80', 'invalid leading UTF-8 octet'],
  ['\xe4', 'incomplete UTF-8 octet sequence'],
  ['\xe4a', 'incomplete UTF-8 octet sequence'],
  ['\xe4ab', 'invalid trailing UTF-8 octet'],
  ['\xc0\x80', 'invalid length of a UTF-8 sequence'],
  ['\xed\xa0\x80', 'invalid Unicode character'],
  ['\xf4\x90\x80\x80', 'invalid Unicode character'],
] as const) {
  test(`of ${Buffer.from(bytes, 'latin1').toString('hex')} YAML says: ${problem}`, () => {
    assert.equal(describeInvalid(read(bytes), 0), problem);
  });
}
