/**
 * Bytes of a file to text that still shows which bytes were no text, because a kubelet takes such bytes in JSON for
 * U+FFFD and refuses them in YAML: each becomes a lone surrogate, U+DC00 plus the byte, which no valid text holds.
 * UTF-16 with a byte order mark is read as the YAML library reads it (https://yaml.org/spec/1.1/#id868742).
 */
import { decodeRune } from './go-text.ts';

export function decodeBytes(bytes: Uint8Array): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return decodeUtf16(bytes, 'utf-16le');
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return decodeUtf16(bytes, 'utf-16be');
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return decodeInvalid(Buffer.from(bytes).toString('latin1'));
  }
}

/** A broken pair or half a unit at the end stay lone surrogates. */
function decodeUtf16(bytes: Uint8Array, encoding: 'utf-16le' | 'utf-16be'): string {
  const units = Buffer.from(bytes.subarray(0, bytes.length - (bytes.length % 2)));
  const text = (encoding === 'utf-16le' ? units : units.swap16()).toString('utf16le');
  return bytes.length % 2 === 0 ? text : `${text}\udc00`;
}

function decodeInvalid(bytes: string): string {
  let text = '';
  for (let at = 0; at < bytes.length; ) {
    const { codePoint, width } = decodeRune(bytes, at);
    const invalid = codePoint === 0xfffd && width === 1;
    text += String.fromCodePoint(invalid ? 0xdc00 + bytes.charCodeAt(at) : codePoint);
    at += width;
  }
  return text;
}

/** What the YAML library says of a byte that `decodeBytes` marked. */
export function describeInvalid(text: string, offset: number): string {
  const lead = text.charCodeAt(offset) - 0xdc00;
  const width = lead >= 0xc0 && lead < 0xf8 ? (lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4) : 1;
  if (width === 1) return 'invalid leading UTF-8 octet';
  // Only bytes count here, and any character after the first byte is at least one.
  const trail = Buffer.concat([...text.slice(offset + 1, offset + width)].map(bytesOf)).subarray(0, width - 1);
  if (trail.length < width - 1) return 'incomplete UTF-8 octet sequence';
  if (trail.some((byte) => (byte & 0xc0) !== 0x80)) return 'invalid trailing UTF-8 octet';
  const value = trail.reduce((sum, byte) => (sum << 6) + (byte & 0x3f), lead & (0xff >> (width + 1)));
  const smallest = [0x80, 0x800, 0x10000][width - 2] ?? 0;
  return value < smallest ? 'invalid length of a UTF-8 sequence' : 'invalid Unicode character';
}

/** Of a character, or the byte that `decodeBytes` marked. */
export function bytesOf(character: string): Buffer {
  const code = character.charCodeAt(0);
  return code >= 0xdc80 && code <= 0xdcff ? Buffer.from([code - 0xdc00]) : Buffer.from(character);
}
