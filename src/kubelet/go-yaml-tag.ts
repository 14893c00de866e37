/**
 * Anchors, aliases, tags and directives of YAML 1.1 (https://yaml.org/spec/1.1/), as the YAML library inside Kubernetes
 * reads them: names are letters, digits, `_` and `-`, which is why an unquoted `*.example.com` is an error.
 */
import { type Cursor, isBlank, isBlankOrEnd, isBreakOrEnd, type Mark, scanError } from './go-yaml-text.ts';

/** The name behind `&` or `*`. */
export function scanAnchor(cursor: Cursor): string {
  const start = cursor.mark();
  cursor.take();
  const name = scanWord(cursor);
  const next = cursor.at();
  if (name === '' || !(isBlankOrEnd(next) || '?:,]}%@`'.includes(next))) {
    throw scanError('did not find expected alphabetic or numeric character', cursor.mark(), start);
  }
  return name;
}

function scanWord(cursor: Cursor): string {
  let word = '';
  while (/^[0-9A-Za-z_-]$/.test(cursor.at())) word += cursor.take();
  return word;
}

/** `!<uri>` has no handle; `!suffix` has the handle `!`, `!name!suffix` the handle `!name!`. */
export function scanTag(cursor: Cursor): { readonly handle: string; readonly value: string } {
  const start = cursor.mark();
  const tag = cursor.at(1) === '<' ? scanVerbatimTag(cursor, start) : scanShortTag(cursor, start);
  if (!isBlankOrEnd(cursor.at())) {
    throw scanError('did not find expected whitespace or line break', cursor.mark(), start);
  }
  return tag;
}

function scanVerbatimTag(cursor: Cursor, start: Mark): { handle: string; value: string } {
  cursor.skip(2);
  const value = scanUri(cursor, '', start);
  if (cursor.at() !== '>') throw scanError("did not find the expected '>'", cursor.mark(), start);
  cursor.take();
  return { handle: '', value };
}

function scanShortTag(cursor: Cursor, start: Mark): { handle: string; value: string } {
  const handle = scanHandle(cursor, start, false);
  if (handle.length > 1 && handle.endsWith('!')) return { handle, value: scanUri(cursor, '', start) };
  const value = scanUri(cursor, handle, start);
  return value === '' ? { handle: '', value: '!' } : { handle: '!', value };
}

function scanHandle(cursor: Cursor, start: Mark, directive: boolean): string {
  if (cursor.at() !== '!') throw scanError("did not find expected '!'", cursor.mark(), start);
  const handle = cursor.take() + scanWord(cursor);
  if (cursor.at() === '!') return handle + cursor.take();
  if (directive && handle !== '!') throw scanError("did not find expected '!'", cursor.mark(), start);
  return handle;
}

/** The rest of a tag; `head` is what was first taken for a handle, its `!` is dropped. */
function scanUri(cursor: Cursor, head: string, start: Mark): string {
  const bytes = [...Buffer.from(head.slice(1))];
  let found = head !== '';
  for (; /^[0-9A-Za-z_\-;/?:@&=+$,.!~*'()[\]%]$/.test(cursor.at()); found = true) {
    if (cursor.at() === '%') bytes.push(...scanUriEscapes(cursor, start));
    else bytes.push(...Buffer.from(cursor.take()));
  }
  if (!found) throw scanError('did not find expected tag URI', cursor.mark(), start);
  return Buffer.from(bytes).toString('utf8');
}

/** One character, written as %XX octets. */
function scanUriEscapes(cursor: Cursor, start: Mark): number[] {
  const octets: number[] = [];
  let width = 1;
  do {
    const written = cursor.text.slice(cursor.offset, cursor.offset + 3);
    if (!/^%[0-9A-Fa-f]{2}$/.test(written)) {
      throw scanError('did not find URI escaped octet', cursor.mark(), start);
    }
    const octet = Number.parseInt(written.slice(1), 16);
    if (octets.length === 0) {
      width = widthOf(octet);
      if (width === 0) throw scanError('found an incorrect leading UTF-8 octet', cursor.mark(), start);
    } else if ((octet & 0xc0) !== 0x80) {
      throw scanError('found an incorrect trailing UTF-8 octet', cursor.mark(), start);
    }
    octets.push(octet);
    cursor.skip(3);
  } while (octets.length < width);
  return octets;
}

/** Octets of the character that this octet begins; 0 if it begins none. */
function widthOf(octet: number): number {
  if (octet < 0x80) return 1;
  if (octet < 0xc0 || octet >= 0xf8) return 0;
  return octet < 0xe0 ? 2 : octet < 0xf0 ? 3 : 4;
}

export interface Directive {
  readonly name: 'YAML' | 'TAG';
  /** Version of %YAML, prefix of %TAG. */
  readonly value: string;
  readonly handle: string;
}

/** A whole line that begins with `%`. */
export function scanDirective(cursor: Cursor): Directive {
  const start = cursor.mark();
  cursor.take();
  const name = scanWord(cursor);
  if (name === '') throw scanError('could not find expected directive name', cursor.mark(), start);
  if (!isBlankOrEnd(cursor.at())) {
    throw scanError('found unexpected non-alphabetical character', cursor.mark(), start);
  }
  if (name !== 'YAML' && name !== 'TAG') throw scanError('found unknown directive name', cursor.mark(), start);
  cursor.skipBlanks();
  const directive = name === 'YAML' ? scanVersion(cursor, start) : scanPrefix(cursor, start);
  cursor.skipBlanks();
  cursor.skipComment();
  if (!isBreakOrEnd(cursor.at())) {
    throw scanError('did not find expected comment or line break', cursor.mark(), start);
  }
  if (cursor.at() !== '') cursor.takeBreak();
  return directive;
}

function scanVersion(cursor: Cursor, start: Mark): Directive {
  const major = scanNumber(cursor, start);
  if (cursor.at() !== '.') throw scanError("did not find expected digit or '.' character", cursor.mark(), start);
  cursor.take();
  return { name: 'YAML', value: `${major}.${scanNumber(cursor, start)}`, handle: '' };
}

function scanNumber(cursor: Cursor, start: Mark): number {
  let digits = '';
  for (; /^[0-9]$/.test(cursor.at()); digits += cursor.take()) {
    if (digits.length === 2) throw scanError('found extremely long version number', cursor.mark(), start);
  }
  if (digits === '') throw scanError('did not find expected version number', cursor.mark(), start);
  return Number(digits);
}

function scanPrefix(cursor: Cursor, start: Mark): Directive {
  const handle = scanHandle(cursor, start, true);
  if (!isBlank(cursor.at())) throw scanError('did not find expected whitespace', cursor.mark(), start);
  cursor.skipBlanks();
  const value = scanUri(cursor, '', start);
  if (!isBlankOrEnd(cursor.at())) {
    throw scanError('did not find expected whitespace or line break', cursor.mark(), start);
  }
  return { name: 'TAG', value, handle };
}
