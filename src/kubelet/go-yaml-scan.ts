/**
 * YAML 1.1 text to tokens, as the YAML library inside Kubernetes does it (https://yaml.org/spec/1.1/): indentation
 * becomes block starts and ends, and a scalar that turns out to stand before `: ` becomes a key afterwards. It differs
 * from YAML 1.2 in many small places – line breaks, `?` and `:` inside braces, tabs, keys over several lines – and a
 * kubelet starts or does not start by them, which is why the general YAML package does not serve here.
 */
import { describeInvalid } from './go-bytes.ts';
import { scanBlock, scanPlain, scanQuoted } from './go-yaml-scalar.ts';
import { scanAnchor, scanDirective, scanTag } from './go-yaml-tag.ts';
import { Cursor, isBlank, isBlankOrEnd, isBreak, type Mark, scanError, yamlError } from './go-yaml-text.ts';

export type TokenKind =
  | 'block-end'
  | 'block-entry'
  | 'block-mapping'
  | 'block-sequence'
  | 'flow-entry'
  | '['
  | ']'
  | '{'
  | '}'
  | 'key'
  | 'value'
  | 'alias'
  | 'anchor'
  | 'tag'
  | 'scalar'
  | '%YAML'
  | '%TAG'
  | 'document-start'
  | 'document-end'
  | 'stream-end';

export interface Token {
  readonly kind: TokenKind;
  readonly start: Mark;
  readonly end: Mark;
  /** Text of a scalar, name of an anchor or alias, suffix of a tag, version, prefix. */
  readonly value: string;
  /** Of a tag or %TAG: the handle. */
  readonly handle?: string;
  readonly plain?: boolean;
}

/** Bounds of the library: nesting of braces and of indentation. */
const maxDepth = 10_000;
/** A key without `?` ends on its line, within so many characters. */
const maxKeyLength = 1024;
/** The library reads, and refuses characters, by blocks of so many bytes. */
const blockBytes = 512;

interface SimpleKey {
  possible: boolean;
  readonly required: boolean;
  /** Number of the token that would become the key, counted from the start of the stream. */
  readonly token: number;
  readonly mark: Mark;
}

/** One stream of tokens, produced as far as they are asked for: errors further on stay unseen. */
export class Scanner {
  readonly #cursor: Cursor;
  readonly #queue: Token[] = [];
  readonly #indents: number[] = [];
  /** One for each level of braces, the outermost first. */
  readonly #keys: SimpleKey[] = [
    { possible: false, required: false, token: 0, mark: { offset: 0, line: 0, column: 0 } },
  ];
  /** Token number to level: where a token that the parser wants may yet turn out to be a key. */
  readonly #keyLevels = new Map<number, number>();
  readonly #forbidden: { readonly from: number; readonly offset: number };
  #taken = 0;
  #indent = -1;
  #keyAllowed = true;

  constructor(text: string) {
    this.#cursor = new Cursor(text);
    if (text.startsWith('\uFEFF')) this.#cursor.offset = 1;
    this.#forbidden = findForbidden(text);
    this.#checkCharacters();
  }

  peek(): Token {
    while (this.#queue.length === 0 || this.#headMayBeKey()) this.#fetch();
    const [head] = this.#queue;
    if (head === undefined) throw yamlError('internal: no token', this.#cursor.offset);
    return head;
  }

  take(): Token {
    const token = this.peek();
    this.#queue.shift();
    this.#taken++;
    return token;
  }

  #headMayBeKey(): boolean {
    const key = this.#keys[this.#keyLevels.get(this.#taken) ?? -1];
    return key !== undefined && this.#isStillKey(key);
  }

  get #flow(): boolean {
    return this.#keys.length > 1;
  }

  #checkCharacters(): void {
    if (this.#cursor.offset + 4 < this.#forbidden.from) return;
    const { offset } = this.#forbidden;
    const isByte = /^[\udc80-\udcff]/.test(this.#cursor.text.slice(offset, offset + 1));
    const problem = isByte ? describeInvalid(this.#cursor.text, offset) : 'control characters are not allowed';
    throw yamlError(problem, offset);
  }

  #fetch(): void {
    const cursor = this.#cursor;
    this.#skipToToken();
    this.#checkCharacters();
    this.#unroll(cursor.column);
    const c = cursor.at();
    const next = cursor.at(1);
    if (c === '') this.#streamEnd();
    else if (cursor.column === 0 && c === '%') this.#directive();
    else if (cursor.atDocumentIndicator('---')) this.#document('document-start');
    else if (cursor.atDocumentIndicator('...')) this.#document('document-end');
    else if (c === '[' || c === '{') this.#flowStart(c);
    else if (c === ']' || c === '}') this.#flowEnd(c);
    else if (c === ',') this.#flowEntry();
    else if (c === '-' && isBlankOrEnd(next)) this.#blockEntry();
    else if (c === '?' && (this.#flow || isBlankOrEnd(next))) this.#key();
    else if (c === ':' && (this.#flow || isBlankOrEnd(next))) this.#value();
    else if (c === '*') this.#content(() => this.#anchor('alias'));
    else if (c === '&') this.#content(() => this.#anchor('anchor'));
    else if (c === '!') this.#content(() => this.#tag());
    else if ((c === '|' || c === '>') && !this.#flow) this.#block();
    else if (c === '"' || c === "'") this.#content(() => this.#scalar(() => scanQuoted(cursor), false));
    else if (startsPlain(c, next, this.#flow)) this.#plain();
    else throw scanError('found character that cannot start any token', cursor.mark(), cursor.mark());
    this.#checkCharacters();
  }

  #skipToToken(): void {
    const cursor = this.#cursor;
    for (;;) {
      while (cursor.at() === ' ' || ((this.#flow || !this.#keyAllowed) && cursor.at() === '\t')) cursor.take();
      cursor.skipComment();
      if (!isBreak(cursor.at())) return;
      cursor.takeBreak();
      if (!this.#flow) this.#keyAllowed = true;
    }
  }

  #add(kind: TokenKind, start: Mark, more: Partial<Token> = {}): void {
    this.#queue.push({ kind, start, end: this.#cursor.mark(), value: '', ...more });
  }

  #addPunctuation(kind: TokenKind, length = 1): void {
    const start = this.#cursor.mark();
    this.#cursor.skip(length);
    this.#add(kind, start);
  }

  // Keys that only the `:` behind them reveals.

  #isStillKey(key: SimpleKey): boolean {
    if (!key.possible) return false;
    const { line, column } = this.#cursor;
    if (key.mark.line === line && key.mark.column + maxKeyLength >= column) return true;
    if (key.required) throw scanError("could not find expected ':'", this.#cursor.mark(), key.mark);
    key.possible = false;
    return false;
  }

  #saveKey(): void {
    if (!this.#keyAllowed) return;
    const required = !this.#flow && this.#indent === this.#cursor.column;
    this.#removeKey();
    const token = this.#taken + this.#queue.length;
    this.#keys[this.#keys.length - 1] = { possible: true, required, token, mark: this.#cursor.mark() };
    this.#keyLevels.set(token, this.#keys.length - 1);
  }

  #removeKey(): void {
    const key = this.#keys.at(-1);
    if (!key?.possible) return;
    if (key.required) throw scanError("could not find expected ':'", this.#cursor.mark(), key.mark);
    key.possible = false;
    this.#keyLevels.delete(key.token);
  }

  // Indentation.

  #roll(column: number, kind: TokenKind, mark: Mark, at = this.#queue.length): void {
    if (this.#flow || this.#indent >= column) return;
    this.#indents.push(this.#indent);
    this.#indent = column;
    if (this.#indents.length > maxDepth)
      throw scanError(`exceeded max depth of ${maxDepth}`, this.#cursor.mark(), mark);
    this.#queue.splice(at, 0, { kind, start: mark, end: mark, value: '' });
  }

  #unroll(column: number): void {
    if (this.#flow) return;
    while (this.#indent > column) {
      this.#add('block-end', this.#cursor.mark());
      this.#indent = this.#indents.pop() ?? -1;
    }
  }

  // One function per token.

  #streamEnd(): void {
    const cursor = this.#cursor;
    if (cursor.column !== 0) {
      cursor.column = 0;
      cursor.line++;
    }
    this.#unroll(-1);
    this.#removeKey();
    this.#keyAllowed = false;
    this.#add('stream-end', cursor.mark());
  }

  #document(kind: 'document-start' | 'document-end'): void {
    this.#unroll(-1);
    this.#removeKey();
    this.#keyAllowed = false;
    this.#addPunctuation(kind, 3);
  }

  #flowStart(kind: '[' | '{'): void {
    this.#saveKey();
    const token = this.#taken + this.#queue.length;
    this.#keys.push({ possible: false, required: false, token, mark: this.#cursor.mark() });
    if (this.#keys.length - 1 > maxDepth) {
      throw scanError(`exceeded max depth of ${maxDepth}`, this.#cursor.mark(), this.#cursor.mark());
    }
    this.#keyAllowed = true;
    this.#addPunctuation(kind);
  }

  #flowEnd(kind: ']' | '}'): void {
    this.#removeKey();
    // Of empty braces this is the number of the opening one, which the library then no longer takes for a key.
    if (this.#flow) this.#keyLevels.delete(this.#keys.pop()?.token ?? -1);
    this.#keyAllowed = false;
    this.#addPunctuation(kind);
  }

  #flowEntry(): void {
    this.#removeKey();
    this.#keyAllowed = true;
    this.#addPunctuation('flow-entry');
  }

  #blockEntry(): void {
    if (!this.#flow) {
      this.#requireKeyAllowed('block sequence entries are not allowed in this context');
      this.#roll(this.#cursor.column, 'block-sequence', this.#cursor.mark());
    }
    this.#removeKey();
    this.#keyAllowed = true;
    this.#addPunctuation('block-entry');
  }

  #key(): void {
    if (!this.#flow) {
      this.#requireKeyAllowed('mapping keys are not allowed in this context');
      this.#roll(this.#cursor.column, 'block-mapping', this.#cursor.mark());
    }
    this.#removeKey();
    this.#keyAllowed = !this.#flow;
    this.#addPunctuation('key');
  }

  #value(): void {
    const key = this.#keys.at(-1);
    if (key !== undefined && this.#isStillKey(key)) {
      const early = key.token - this.#taken;
      const at = early < 0 ? this.#queue.length : early;
      this.#queue.splice(at, 0, { kind: 'key', start: key.mark, end: key.mark, value: '' });
      this.#roll(key.mark.column, 'block-mapping', key.mark, at);
      key.possible = false;
      this.#keyLevels.delete(key.token);
      this.#keyAllowed = false;
    } else {
      if (!this.#flow) {
        this.#requireKeyAllowed('mapping values are not allowed in this context');
        this.#roll(this.#cursor.column, 'block-mapping', this.#cursor.mark());
      }
      this.#keyAllowed = !this.#flow;
    }
    this.#addPunctuation('value');
  }

  #requireKeyAllowed(problem: string): void {
    if (!this.#keyAllowed) throw scanError(problem, this.#cursor.mark(), this.#cursor.mark());
  }

  #content(scan: () => void): void {
    this.#saveKey();
    this.#keyAllowed = false;
    scan();
  }

  #plain(): void {
    this.#content(() => {
      let broken = false;
      this.#scalar(() => {
        const scanned = scanPlain(this.#cursor, this.#indent, this.#flow);
        broken = scanned.broken;
        return scanned.value;
      }, true);
      if (broken) this.#keyAllowed = true;
    });
  }

  #scalar(scan: () => string, plain: boolean): void {
    const start = this.#cursor.mark();
    this.#add('scalar', start, { value: scan(), plain });
  }

  #block(): void {
    this.#removeKey();
    this.#keyAllowed = true;
    this.#scalar(() => scanBlock(this.#cursor, this.#indent), false);
  }

  #anchor(kind: 'alias' | 'anchor'): void {
    const start = this.#cursor.mark();
    this.#add(kind, start, { value: scanAnchor(this.#cursor) });
  }

  #tag(): void {
    const start = this.#cursor.mark();
    this.#add('tag', start, scanTag(this.#cursor));
  }

  #directive(): void {
    this.#unroll(-1);
    this.#removeKey();
    this.#keyAllowed = false;
    const start = this.#cursor.mark();
    const { name, ...directive } = scanDirective(this.#cursor);
    this.#add(name === 'YAML' ? '%YAML' : '%TAG', start, directive);
  }
}

function startsPlain(c: string, next: string, flow: boolean): boolean {
  if (!isBlankOrEnd(c) && !'-?:,[]{}#&*!|>\'"%@`'.includes(c)) return true;
  return (c === '-' && !isBlank(next)) || (!flow && (c === '?' || c === ':') && !isBlankOrEnd(next));
}

/** The first character outside YAML's set, or byte that is no text, and from where on the library has read it. */
function findForbidden(text: string): { from: number; offset: number } {
  const offset = text.search(/[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u);
  if (offset < 0) return { from: Number.POSITIVE_INFINITY, offset };
  const before = Buffer.byteLength(text.slice(0, offset));
  const block = before - (before % blockBytes);
  return { from: Buffer.from(text).subarray(0, block).toString('utf8').length, offset };
}
