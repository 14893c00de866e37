/**
 * Strict JSON (RFC 8259) for input that others wrote: one document, no duplicate member at any depth, no
 * `__proto__`, bounded depth, objects without a prototype, positions on demand. The built-in parser keeps the
 * last of two equal members, and its messages quote the input; both are reasons for this file.
 */

export type Json = null | boolean | number | string | readonly Json[] | JsonObject;
export interface JsonObject {
  readonly [name: string]: Json;
}

export type JsonFault = 'empty' | 'syntax' | 'duplicate' | 'forbidden-name' | 'depth' | 'trailing';

/** Why a text is not one acceptable document; `offset` counts UTF-16 units. Never quotes the text. */
export class JsonError extends Error {
  override readonly name = 'JsonError';
  readonly fault: JsonFault;
  readonly offset: number;

  constructor(fault: JsonFault, offset: number) {
    super(faultTexts[fault]);
    this.fault = fault;
    this.offset = offset;
  }
}

const faultTexts: Record<JsonFault, string> = {
  empty: 'there is no JSON document',
  syntax: 'not valid JSON',
  duplicate: 'a member appears twice',
  'forbidden-name': 'a member is named __proto__',
  depth: 'nested too deeply',
  trailing: 'text follows the JSON document',
};

export interface JsonOptions {
  /** Deepest nesting of arrays and objects; every document this program reads is far flatter than 32. */
  readonly maxDepth?: number;
  /** Receives the offset of each value under its path, such as `registries[0].matchImages[1]`. */
  readonly positions?: Map<string, number>;
  /**
   * `last` is for what Go's decoder reads: a later member replaces an earlier one, and moves to the end; `__proto__` is
   * a name like others.
   */
  readonly duplicates?: 'refuse' | 'last';
  /** `any` takes `__proto__` for a name like others: for who copies members only into objects without a prototype. */
  readonly names?: 'any';
  /** Receives each member of each object in the order of the text, replaced ones too. */
  readonly onMember?: (object: JsonObject, name: string, value: Json) => void;
}

/** Parses exactly one document; throws JsonError. */
export function parseJson(text: string, options: JsonOptions = {}): Json {
  const { maxDepth = 32, positions, duplicates = 'refuse', onMember } = options;
  if (positions === undefined && onMember === undefined && duplicates === 'refuse') {
    const plain = parsePlain(text, maxDepth);
    if (plain !== undefined) return plain.value;
  }
  return parseStrictly(text, { ...options, maxDepth, duplicates });
}

/** Longer texts are rare, and a regular expression may give up on them. */
const maxPlainLength = 64 * 1024;

/**
 * A process that lives for milliseconds runs its own loops at their slowest, so the built-in parser reads first. What it
 * read counts only if no member was lost, forbidden or too deep; `undefined` leaves the text to the parser below, and so
 * does any escape: V8 takes an escaped name for another one that it saw before (https://github.com/nodejs/node/issues/63785).
 */
function parsePlain(text: string, maxDepth: number): { readonly value: Json } | undefined {
  if (text.length > maxPlainLength || text.includes('\\')) return undefined;
  try {
    // In a valid text each colon outside strings follows the name of a member; one that appears twice has two.
    const expected = text.replace(/"[^"]*"/g, '').split(':').length - 1;
    const counted = { members: 0 };
    const value = copyPlain(JSON.parse(text), maxDepth, counted);
    return counted.members === expected ? { value } : undefined;
  } catch {
    // Whatever it was: the parser below finds it again, and says where.
    return undefined;
  }
}

function copyPlain(value: Json, depthLeft: number, counted: { members: number }): Json {
  if (typeof value !== 'object' || value === null) return value;
  if (depthLeft === 0) throw new JsonError('depth', 0);
  const copyItem = (item: Json): Json => {
    return typeof item === 'object' ? copyPlain(item, depthLeft - 1, counted) : item;
  };
  if (!isJsonObject(value)) return value.map(copyItem);
  const members: { [name: string]: Json } = Object.create(null);
  for (const [name, member] of Object.entries(value)) {
    if (name === '__proto__') throw new JsonError('forbidden-name', 0);
    members[name] = copyItem(member);
    counted.members++;
  }
  return members;
}

interface StrictOptions extends JsonOptions {
  readonly maxDepth: number;
  readonly duplicates: 'refuse' | 'last';
}

function parseStrictly(text: string, { maxDepth, positions, duplicates, names, onMember }: StrictOptions): Json {
  let at = 0;

  const space = (): void => {
    for (; at < text.length; at++) {
      const c = text.charCodeAt(at);
      if (c !== 0x20 && c !== 0x0a && c !== 0x0d && c !== 0x09) return;
    }
  };

  const value = (path: string, depth: number): Json => {
    space();
    positions?.set(path, at);
    const c = text[at];
    if (c === '{') return object(path, depth + 1);
    if (c === '[') return array(path, depth + 1);
    if (c === '"') return string();
    return literal();
  };

  const object = (path: string, depth: number): Json => {
    if (depth > maxDepth) throw new JsonError('depth', at);
    const members: { [name: string]: Json } = Object.create(null);
    at++;
    space();
    if (text[at] === '}') {
      at++;
      return members;
    }
    for (;;) {
      space();
      const start = at;
      if (text[at] !== '"') throw new JsonError('syntax', at);
      const name = string();
      if (name === '__proto__' && duplicates === 'refuse' && names !== 'any')
        throw new JsonError('forbidden-name', start);
      if (name in members) {
        if (duplicates === 'refuse') throw new JsonError('duplicate', start);
        delete members[name];
      }
      space();
      if (text[at] !== ':') throw new JsonError('syntax', at);
      at++;
      const inner = positions === undefined ? '' : memberPath(path, name);
      const member = value(inner, depth);
      members[name] = member;
      onMember?.(members, name, member);
      positions?.set(`${inner}#name`, start);
      space();
      if (text[at] === '}') break;
      if (text[at] !== ',') throw new JsonError('syntax', at);
      at++;
    }
    at++;
    return members;
  };

  const array = (path: string, depth: number): Json => {
    if (depth > maxDepth) throw new JsonError('depth', at);
    const items: Json[] = [];
    at++;
    space();
    if (text[at] === ']') {
      at++;
      return items;
    }
    for (;;) {
      items.push(value(positions === undefined ? '' : `${path}[${items.length}]`, depth));
      space();
      if (text[at] === ']') break;
      if (text[at] !== ',') throw new JsonError('syntax', at);
      at++;
    }
    at++;
    return items;
  };

  const string = (): string => {
    const start = at;
    let escaped = false;
    for (at++; ; at++) {
      const c = text.charCodeAt(at);
      // NaN (end of text) fails this comparison and every later one.
      if (!(c >= 0x20)) throw new JsonError('syntax', at);
      if (c === 0x22) break;
      if (c === 0x5c) {
        escaped = true;
        at++;
      }
    }
    at++;
    return escaped ? decodeEscapes(start) : text.slice(start + 1, at - 1);
  };

  const literal = (): Json => {
    const start = at;
    literalToken.lastIndex = at;
    const token = literalToken.exec(text)?.[0];
    if (token === undefined) throw new JsonError('syntax', start);
    at += token.length;
    if (token === 'true') return true;
    if (token === 'false') return false;
    return token === 'null' ? null : Number(token);
  };

  // The slice is one string token that ends where a string ends; only its escapes can still be wrong.
  const decodeEscapes = (start: number): string => {
    try {
      return String(JSON.parse(text.slice(start, at)));
    } catch {
      throw new JsonError('syntax', start);
    }
  };

  space();
  if (at === text.length) throw new JsonError('empty', at);
  const document = value('', 0);
  space();
  if (at !== text.length) throw new JsonError('trailing', at);
  return document;
}

const literalToken = /(?:true|false|null|-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?)/y;

/** `a.b`, or `a["b.c"]` where the name would not read as one. */
export function memberPath(path: string, name: string): string {
  if (!/^[A-Za-z_][A-Za-z0-9_-]*$/.test(name)) return `${path}[${JSON.stringify(name)}]`;
  return path === '' ? name : `${path}.${name}`;
}

/** Line and column, both from 1, of an offset. */
export function lineAndColumn(text: string, offset: number): { readonly line: number; readonly column: number } {
  const before = text.slice(0, offset);
  const lastBreak = before.lastIndexOf('\n');
  return { line: before.split('\n').length, column: offset - lastBreak };
}

export function isJsonObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
