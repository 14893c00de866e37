/**
 * JSON as Go's decoder reads it (https://pkg.go.dev/encoding/json), with Go's words for what is not JSON. Unlike
 * src/json.ts it keeps every member, also the second of two equal ones, because a kubelet's complaint names them all.
 */
import { bytesOf } from './go-bytes.ts';
import type { GoMember, GoValue } from './go-value.ts';

/** Not JSON; `message` is Go's text. */
export class GoJsonError extends Error {
  override readonly name = 'GoJsonError';
  readonly offset: number;

  constructor(message: string, offset: number) {
    super(message);
    this.offset = offset;
  }
}

/** Go stops at 10000 levels; our stack earlier, and no config is anywhere near. */
const maxNesting = 1000;

/** The text is the whole document. Throws GoJsonError. */
export function parseGoJson(text: string): GoValue {
  const reader = new Reader(text);
  const value = reader.value(0);
  reader.space();
  if (reader.at < text.length) throw reader.invalid('after top-level value');
  return value;
}

class Reader {
  readonly #text: string;
  at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  /** Go reports bytes: of a character beyond ASCII, the first. */
  invalid(context: string): GoJsonError {
    const character = this.#text.slice(this.at).match(/^./su)?.[0];
    if (character === undefined) {
      // At the end Go tries a blank: inside a token that is one more wrong character.
      const inToken = /^(?:in (?:literal|\\u|string escape|numeric|exponent)|after decimal)/.test(context);
      const found = inToken ? `invalid character ' ' ${context}` : 'unexpected end of JSON input';
      return new GoJsonError(found, this.at);
    }
    const [byte = 0] = bytesOf(character);
    return new GoJsonError(`invalid character ${quoteByte(byte)} ${context}`, this.at);
  }

  space(): void {
    while (/^[ \t\r\n]$/.test(this.#text[this.at] ?? '')) this.at++;
  }

  value(depth: number): GoValue {
    this.space();
    const offset = this.at;
    const c = this.#text[offset] ?? '';
    if (depth >= maxNesting && (c === '{' || c === '[')) throw this.invalid('exceeded max depth');
    if (c === '{') return { kind: 'object', offset, members: this.#members(depth + 1) };
    if (c === '[') return { kind: 'array', offset, items: this.#items(depth + 1) };
    if (c === '"') return { kind: 'string', offset, value: this.#string() };
    if (c === 't' || c === 'f')
      return { kind: 'bool', offset, value: this.#word(c === 't' ? 'true' : 'false') === 'true' };
    if (c === 'n') {
      this.#word('null');
      return { kind: 'null', offset };
    }
    if (c !== '-' && !isDigit(c)) throw this.invalid('looking for beginning of value');
    this.#number();
    return { kind: 'number', offset };
  }

  #members(depth: number): GoMember[] {
    const members: GoMember[] = [];
    this.at++;
    for (let first = true; ; first = false) {
      this.space();
      if (first && this.#text[this.at] === '}') break;
      if (this.#text[this.at] !== '"') throw this.invalid('looking for beginning of object key string');
      const offset = this.at;
      const name = this.#string();
      this.space();
      if (this.#text[this.at] !== ':') throw this.invalid('after object key');
      this.at++;
      members.push({ name, offset, value: this.value(depth) });
      this.space();
      if (this.#text[this.at] === '}') break;
      if (this.#text[this.at] !== ',') throw this.invalid('after object key:value pair');
      this.at++;
    }
    this.at++;
    return members;
  }

  #items(depth: number): GoValue[] {
    const items: GoValue[] = [];
    this.at++;
    this.space();
    if (this.#text[this.at] !== ']') {
      for (;;) {
        items.push(this.value(depth));
        this.space();
        if (this.#text[this.at] === ']') break;
        if (this.#text[this.at] !== ',') throw this.invalid('after array element');
        this.at++;
      }
    }
    this.at++;
    return items;
  }

  #string(): string {
    const start = this.at++;
    for (; this.#text[this.at] !== '"'; this.at++) {
      const c = this.#text[this.at];
      if (c === undefined || c < ' ') throw this.invalid('in string literal');
      if (c !== '\\') continue;
      this.at++;
      const letter = this.#text[this.at] ?? '';
      if (letter === '' || !'bfnrt\\/"u'.includes(letter)) throw this.invalid('in string escape code');
      if (letter !== 'u') continue;
      for (let digit = 0; digit < 4; digit++) {
        this.at++;
        if (!/^[0-9a-fA-F]$/.test(this.#text[this.at] ?? '')) {
          throw this.invalid('in \\u hexadecimal character escape');
        }
      }
    }
    this.at++;
    // A lone half of a surrogate pair becomes U+FFFD.
    return String(JSON.parse(this.#text.slice(start, this.at))).toWellFormed();
  }

  #word(word: 'true' | 'false' | 'null'): string {
    this.at++;
    for (const letter of word.slice(1)) {
      if (this.#text[this.at] !== letter) throw this.invalid(`in literal ${word} (expecting '${letter}')`);
      this.at++;
    }
    return word;
  }

  #number(): void {
    const digits = (context: string): void => {
      if (!isDigit(this.#text[this.at] ?? '')) throw this.invalid(context);
      while (isDigit(this.#text[this.at] ?? '')) this.at++;
    };
    if (this.#text[this.at] === '-') this.at++;
    if (this.#text[this.at] === '0') this.at++;
    else digits('in numeric literal');
    if (this.#text[this.at] === '.') {
      this.at++;
      digits('after decimal point in numeric literal');
    }
    if (this.#text[this.at] === 'e' || this.#text[this.at] === 'E') {
      this.at++;
      if (this.#text[this.at] === '+' || this.#text[this.at] === '-') this.at++;
      digits('in exponent of numeric literal');
    }
  }
}

function isDigit(c: string): boolean {
  return c >= '0' && c <= '9' && c.length === 1;
}

function quoteByte(byte: number): string {
  const named: Readonly<Record<number, string>> = {
    7: '\\a',
    8: '\\b',
    9: '\\t',
    10: '\\n',
    11: '\\v',
    12: '\\f',
    13: '\\r',
    39: "\\'",
    92: '\\\\',
  };
  const character = String.fromCharCode(byte);
  const shown = named[byte] ?? (/[\p{Cc}\p{Cf}\u00a0]/u.test(character) ? goEscape(byte) : character);
  return `'${shown}'`;
}

function goEscape(byte: number): string {
  return byte < 0x80 ? `\\x${byte.toString(16).padStart(2, '0')}` : `\\u${byte.toString(16).padStart(4, '0')}`;
}
