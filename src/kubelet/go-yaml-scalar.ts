/**
 * Plain, quoted and block scalars of YAML 1.1 (https://yaml.org/spec/1.1/), as the YAML library inside Kubernetes reads
 * them. What a scalar means is decided in go-scalar.ts.
 */
import { type Cursor, isBlank, isBlankOrEnd, isBreak, isBreakOrEnd, type Mark, scanError } from './go-yaml-text.ts';

/** A plain scalar: text without quotes. `broken` tells that it ended on a later line than its last word. */
export function scanPlain(cursor: Cursor, indent: number, flow: boolean): { value: string; broken: boolean } {
  const start = cursor.mark();
  const space = new Folding();
  let value = '';
  while (!cursor.atDocumentIndicator('---') && !cursor.atDocumentIndicator('...') && cursor.at() !== '#') {
    while (!isBlankOrEnd(cursor.at()) && !endsPlain(cursor, flow)) value += space.take() + cursor.take();
    if (!isBlank(cursor.at()) && !isBreak(cursor.at())) break;
    space.collect(cursor, () => {
      if (cursor.column <= indent && cursor.at() === '\t') {
        throw scanError('found a tab character that violates indentation', cursor.mark(), start);
      }
    });
    if (!flow && cursor.column <= indent) break;
  }
  return { value, broken: space.broken };
}

function endsPlain(cursor: Cursor, flow: boolean): boolean {
  const c = cursor.at();
  return (c === ':' && isBlankOrEnd(cursor.at(1))) || (flow && ',?[]{}'.includes(c));
}

/** White space between words: blanks are kept; the first line break becomes a space unless more follow. */
class Folding {
  broken = false;
  #blanks = '';
  #first = '';
  #more = '';

  /** What joins the words; forgets it. */
  take(): string {
    const joined = !this.broken
      ? this.#blanks
      : (this.#first === '\n' ? '' : this.#first) + (this.#more || this.#space());
    this.broken = false;
    this.#blanks = this.#first = this.#more = '';
    return joined;
  }

  #space(): string {
    return this.#first === '\n' ? ' ' : '';
  }

  /** An escaped line break joins without a space. */
  escape(): void {
    this.broken = true;
  }

  collect(cursor: Cursor, checkBlank: () => void): void {
    for (;;) {
      if (isBlank(cursor.at())) {
        if (this.broken) {
          checkBlank();
          cursor.take();
        } else this.#blanks += cursor.take();
      } else if (isBreak(cursor.at())) {
        if (this.broken) this.#more += cursor.takeBreak();
        else this.#first = cursor.takeBreak();
        this.broken = true;
      } else return;
    }
  }
}

/** A scalar in single or double quotes; the cursor stands on the first quote. */
export function scanQuoted(cursor: Cursor): string {
  const start = cursor.mark();
  const quote = cursor.take();
  const space = new Folding();
  let value = '';
  for (;;) {
    if (cursor.atDocumentIndicator('---') || cursor.atDocumentIndicator('...')) {
      throw scanError('found unexpected document indicator', cursor.mark(), start);
    }
    if (cursor.at() === '') throw scanError('found unexpected end of stream', cursor.mark(), start);
    while (!isBlankOrEnd(cursor.at())) {
      if (quote === "'" && cursor.at() === "'" && cursor.at(1) === "'") {
        cursor.skip(2);
        value += "'";
      } else if (cursor.at() === quote) break;
      else if (quote === '"' && cursor.at() === '\\' && isBreak(cursor.at(1))) {
        cursor.take();
        cursor.takeBreak();
        space.escape();
        break;
      } else if (quote === '"' && cursor.at() === '\\') value += scanEscape(cursor, start);
      else value += cursor.take();
    }
    if (cursor.at() === quote) break;
    space.collect(cursor, () => undefined);
    value += space.take();
  }
  cursor.take();
  return value;
}

const escapes: Readonly<Record<string, string>> = {
  '0': '\0',
  a: '\x07',
  b: '\b',
  t: '\t',
  '\t': '\t',
  n: '\n',
  v: '\v',
  f: '\f',
  r: '\r',
  e: '\x1b',
  ' ': ' ',
  '"': '"',
  "'": "'",
  '\\': '\\',
  N: '\u0085',
  _: '\u00a0',
  L: '\u2028',
  P: '\u2029',
};
const escapeLengths: Readonly<Record<string, number>> = { x: 2, u: 4, U: 8 };

function scanEscape(cursor: Cursor, start: Mark): string {
  const letter = cursor.at(1);
  const length = escapeLengths[letter];
  const simple = escapes[letter];
  if (length === undefined && simple === undefined) {
    throw scanError('found unknown escape character', cursor.mark(), start);
  }
  cursor.skip(2);
  if (length === undefined) return simple ?? '';
  const digits = cursor.text.slice(cursor.offset, cursor.offset + length);
  if (digits.length < length || !/^[0-9A-Fa-f]*$/.test(digits)) {
    throw scanError('did not find expected hexdecimal number', cursor.mark(), start);
  }
  const value = Number.parseInt(digits, 16);
  if ((value >= 0xd800 && value <= 0xdfff) || value > 0x10ffff) {
    throw scanError('found invalid Unicode character escape code', cursor.mark(), start);
  }
  cursor.skip(length);
  return String.fromCodePoint(value);
}

/** A literal (`|`) or folded (`>`) block; the cursor stands on the indicator, `parent` is the indentation around it. */
export function scanBlock(cursor: Cursor, parent: number): string {
  const start = cursor.mark();
  const literal = cursor.take() === '|';
  const { keep, increment } = scanBlockHeader(cursor, start);
  let indent = increment === 0 ? 0 : Math.max(parent, 0) + increment;
  let breaks = '';
  const eatBreaks = (): void => {
    let deepest = 0;
    for (;;) {
      while ((indent === 0 || cursor.column < indent) && cursor.at() === ' ') cursor.take();
      deepest = Math.max(deepest, cursor.column);
      if ((indent === 0 || cursor.column < indent) && cursor.at() === '\t') {
        const problem = 'found a tab character where an indentation space is expected';
        throw scanError(problem, cursor.mark(), start);
      }
      if (!isBreak(cursor.at())) break;
      breaks += cursor.takeBreak();
    }
    if (indent === 0) indent = Math.max(deepest, parent + 1, 1);
  };
  let value = '';
  let lastBreak = '';
  let leadingBlank = false;
  eatBreaks();
  while (cursor.column === indent && cursor.at() !== '') {
    const blank = isBlank(cursor.at());
    if (!literal && lastBreak === '\n' && !leadingBlank && !blank) {
      if (breaks === '') value += ' ';
    } else value += lastBreak;
    value += breaks;
    breaks = '';
    leadingBlank = blank;
    while (!isBreakOrEnd(cursor.at())) value += cursor.take();
    lastBreak = cursor.at() === '' ? '' : cursor.takeBreak();
    eatBreaks();
  }
  return value + (keep === '-' ? '' : lastBreak) + (keep === '+' ? breaks : '');
}

function scanBlockHeader(cursor: Cursor, start: Mark): { keep: string; increment: number } {
  const sign = (): string => (cursor.at() === '+' || cursor.at() === '-' ? cursor.take() : '');
  const before = sign();
  let increment = 0;
  if (/^[0-9]$/.test(cursor.at())) {
    if (cursor.at() === '0') throw scanError('found an indentation indicator equal to 0', cursor.mark(), start);
    increment = Number(cursor.take());
  }
  const keep = before === '' ? (increment > 0 ? sign() : '') : before;
  cursor.skipBlanks();
  cursor.skipComment();
  if (!isBreakOrEnd(cursor.at())) {
    throw scanError('did not find expected comment or line break', cursor.mark(), start);
  }
  if (cursor.at() !== '') cursor.takeBreak();
  return { keep, increment };
}
