/**
 * Text as Go sees it: bytes, of which some are valid UTF-8. A byte string holds one byte in each UTF-16 unit; ASCII
 * text is its own byte string. Rules: https://pkg.go.dev/unicode/utf8#DecodeRune and https://pkg.go.dev/strconv#Quote
 */

export function toBytes(text: string): string {
  return isAscii(text) ? text : Buffer.from(text).toString('latin1');
}

/** Each invalid byte becomes U+FFFD; the built-in decoder makes one of several that begin a character together. */
export function fromBytes(bytes: string): string {
  if (isAscii(bytes)) return bytes;
  const text = Buffer.from(bytes, 'latin1').toString();
  if (!text.includes('\ufffd')) return text;
  let exact = '';
  for (let at = 0; at < bytes.length; ) {
    const { codePoint, width } = decodeRune(bytes, at);
    exact += String.fromCodePoint(codePoint);
    at += width;
  }
  return exact;
}

function isAscii(text: string): boolean {
  return /^[\0-\x7f]*$/.test(text);
}

export interface Rune {
  readonly codePoint: number;
  readonly width: number;
}

/** The rune that begins at an offset; a byte that begins none is U+FFFD, one byte wide. */
export function decodeRune(bytes: string, at: number): Rune {
  const first = bytes.charCodeAt(at);
  if (first < 0x80) return { codePoint: first, width: 1 };
  const length = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
  const sequence = Buffer.from(bytes.slice(at, at + length), 'latin1');
  const codePoint = sequence.toString().codePointAt(0) ?? 0xfffd;
  // The decoder answers U+FFFD to anything invalid; only the real one encodes to the same bytes again.
  const width = Buffer.byteLength(String.fromCodePoint(codePoint));
  const valid = width === length && Buffer.from(String.fromCodePoint(codePoint)).equals(sequence);
  return valid ? { codePoint, width } : { codePoint: 0xfffd, width: 1 };
}

const shortEscapes: Readonly<Record<string, string>> = {
  '\x07': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
  '"': '\\"',
  '\\': '\\\\',
};

/** What Go prints for `%q`: in double quotes, with escapes for all that is not printable. */
export function goQuote(bytes: string): string {
  let quoted = '';
  for (let at = 0; at < bytes.length; ) {
    const { codePoint, width } = decodeRune(bytes, at);
    const invalid = codePoint === 0xfffd && width === 1;
    quoted += invalid ? hexEscape('x', bytes.charCodeAt(at), 2) : quoteRune(codePoint);
    at += width;
  }
  return `"${quoted}"`;
}

function quoteRune(codePoint: number): string {
  const character = String.fromCodePoint(codePoint);
  const short = shortEscapes[character];
  if (short !== undefined) return short;
  if (/[\p{L}\p{M}\p{N}\p{P}\p{S} ]/u.test(character)) return character;
  if (codePoint < 0x20 || codePoint === 0x7f) return hexEscape('x', codePoint, 2);
  return codePoint < 0x10000 ? hexEscape('u', codePoint, 4) : hexEscape('U', codePoint, 8);
}

function hexEscape(kind: 'x' | 'u' | 'U', value: number, digits: number): string {
  return `\\${kind}${value.toString(16).padStart(digits, '0')}`;
}
