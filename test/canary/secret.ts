/** A secret that is like no other text, and whether a text holds a part of it in any form that somebody could undo. */
import { randomBytes } from 'node:crypto';

/** Letters, digits, and signs that URL encoding changes. */
export function createSecret(): string {
  return `Canary/${randomBytes(15).toString('base64url')}%=+`;
}

/** Parsers quote the first ten characters of what they cannot read: fewer than that still count. */
const window = 8;

/** The forms of which the text holds at least eight characters in a row. */
export function formsIn(text: string, secret: string): readonly string[] {
  return Object.entries(formsOf(secret)).flatMap(([form, spelled]) => {
    const parts = Array.from({ length: spelled.length - window + 1 }, (_, start) =>
      spelled.slice(start, start + window),
    );
    return parts.some((part) => text.includes(part)) ? [form] : [];
  });
}

function formsOf(secret: string): Readonly<Record<string, string>> {
  const bytes = Buffer.from(secret);
  const hex = bytes.toString('hex');
  const encoded = [0, 1, 2].map((before) => base64At(bytes, before));
  return {
    plain: secret,
    reversed: [...secret].reverse().join(''),
    'URL-encoded': encodeURIComponent(secret),
    hex,
    'upper-case hex': hex.toUpperCase(),
    ...Object.fromEntries(encoded.map((text, before) => [`base64 after ${before} bytes`, text])),
    ...Object.fromEntries(encoded.map((text, before) => [`base64url after ${before} bytes`, toUrlAlphabet(text)])),
  };
}

/** The characters that come of the secret alone, when so many bytes (modulo three) stand before it. */
function base64At(bytes: Buffer, before: number): string {
  const text = Buffer.concat([Buffer.alloc(before), bytes]).toString('base64');
  const whole = Math.floor(((before + bytes.length) * 8) / 6);
  return text.slice(Math.ceil((before * 8) / 6), whole);
}

function toUrlAlphabet(base64: string): string {
  return base64.replaceAll('+', '-').replaceAll('/', '_');
}
