/**
 * YAML as a kubelet reads it: sigs.k8s.io/yaml, which turns the first document of a stream into JSON
 * (https://pkg.go.dev/sigs.k8s.io/yaml). This file is the grammar of YAML 1.1, tokens to nodes; what the nodes mean is
 * in go-value.ts. Later documents are not even read, so an error in them stays unseen, here as there.
 */
import { Scanner, type Token } from './go-yaml-scan.ts';
import { GoYamlError, type Mark, yamlError } from './go-yaml-text.ts';

interface NodeBase {
  readonly mark: Mark;
  /** In full, such as tag:yaml.org,2002:int; empty where none was written. */
  readonly tag: string;
}
export interface YamlScalar extends NodeBase {
  readonly kind: 'scalar';
  readonly value: string;
  /** Neither quoted nor tagged: the text decides the type. */
  readonly implicit: boolean;
}
export interface YamlList extends NodeBase {
  readonly kind: 'list';
  readonly items: YamlNode[];
}
export interface YamlMap extends NodeBase {
  readonly kind: 'map';
  readonly pairs: (readonly [key: YamlNode, value: YamlNode])[];
}
export interface YamlAlias extends NodeBase {
  readonly kind: 'alias';
  readonly name: string;
  readonly target: YamlNode;
}
export type YamlNode = YamlScalar | YamlList | YamlMap | YamlAlias;

/** Far deeper than any config; the library itself stops at 10000, where our stack would have ended before. */
const maxNesting = 1000;

export interface YamlDocument {
  /** Undefined where the stream is empty. */
  readonly root: YamlNode | undefined;
  /** Where text begins that a kubelet never looks at. */
  readonly rest: Mark | undefined;
}

/** The first document. Throws GoYamlError. */
export function parseGoYaml(text: string): YamlDocument {
  const tokens = new Scanner(text);
  const root = new Parser(tokens).document();
  return { root, rest: findRest(tokens) };
}

/** What follows may be a second document or a mistake. */
function findRest(tokens: Scanner): Mark | undefined {
  const end = tokens.peek();
  if (end.kind !== 'document-end') return end.kind === 'stream-end' ? undefined : end.start;
  tokens.take();
  try {
    const next = tokens.peek();
    return next.kind === 'stream-end' ? undefined : next.start;
  } catch (error) {
    if (!(error instanceof GoYamlError)) throw error;
    return end.start;
  }
}

const directives = ['%YAML', '%TAG'];
const documentEnds = [...directives, 'document-start', 'document-end', 'stream-end'];

interface Properties {
  readonly mark: Mark;
  readonly tag: string;
  readonly anchor: string;
}

class Parser {
  readonly #tokens: Scanner;
  readonly #anchors = new Map<string, YamlNode>();
  readonly #handles = new Map<string, string>();
  #depth = 0;

  constructor(tokens: Scanner) {
    this.#tokens = tokens;
  }

  document(): YamlNode | undefined {
    const first = this.#tokens.peek();
    if (first.kind === 'stream-end') return undefined;
    const explicit = first.kind === 'document-start' || directives.includes(first.kind);
    if (explicit) this.#directives();
    for (const [handle, prefix] of [
      ['!', '!'],
      ['!!', 'tag:yaml.org,2002:'],
    ] as const) {
      if (!this.#handles.has(handle)) this.#handles.set(handle, prefix);
    }
    if (explicit) {
      const token = this.#tokens.peek();
      if (token.kind !== 'document-start') throw parseError('did not find expected <document start>', token.start);
      this.#tokens.take();
      const next = this.#tokens.peek();
      if (documentEnds.includes(next.kind)) return emptyScalar(next.start);
    }
    return this.#node('block');
  }

  #directives(): void {
    let version = false;
    for (let token = this.#tokens.peek(); directives.includes(token.kind); token = this.#tokens.peek()) {
      if (token.kind === '%YAML') {
        if (version) throw parseError('found duplicate %YAML directive', token.start);
        if (token.value !== '1.1') throw parseError('found incompatible YAML document', token.start);
        version = true;
      } else {
        const handle = token.handle ?? '';
        if (this.#handles.has(handle)) throw parseError('found duplicate %TAG directive', token.start);
        this.#handles.set(handle, token.value);
      }
      this.#tokens.take();
    }
  }

  /** `indentless` is a block node after a key, where a list may stand at the key's own column. */
  #node(context: 'block' | 'indentless' | 'flow'): YamlNode {
    const first = this.#tokens.peek();
    if (first.kind === 'alias') return this.#alias(this.#tokens.take());
    const properties = this.#properties();
    const { mark, tag, anchor } = properties;
    const token = this.#tokens.peek();
    if (++this.#depth > maxNesting) throw parseError('exceeded max depth of 10000', token.start);
    try {
      if (context === 'indentless' && token.kind === 'block-entry') return this.#indentlessList(properties);
      if (token.kind === 'scalar') {
        this.#tokens.take();
        const implicit = (tag === '' && token.plain === true) || tag === '!';
        return this.#named(anchor, { kind: 'scalar', mark, tag, value: token.value, implicit });
      }
      if (token.kind === '[') return this.#flowList(properties);
      if (token.kind === '{') return this.#flowMap(properties);
      if (context !== 'flow' && token.kind === 'block-sequence') return this.#blockList(properties);
      if (context !== 'flow' && token.kind === 'block-mapping') return this.#blockMap(properties);
      if (anchor !== '' || tag !== '') {
        return this.#named(anchor, { kind: 'scalar', mark, tag, value: '', implicit: tag === '' });
      }
      throw parseError('did not find expected node content', token.start, mark);
    } finally {
      this.#depth--;
    }
  }

  #alias(token: Token): YamlAlias {
    const target = this.#anchors.get(token.value);
    if (target === undefined) throw yamlError(`unknown anchor '${token.value}' referenced`, token.start.offset);
    return { kind: 'alias', mark: token.start, tag: '', name: token.value, target };
  }

  #named<N extends YamlNode>(anchor: string, node: N): N {
    if (anchor !== '') this.#anchors.set(anchor, node);
    return node;
  }

  /** A tag and an anchor, each at most once, in either order. */
  #properties(): Properties {
    const mark = this.#tokens.peek().start;
    let anchor = '';
    let tag: Token | undefined;
    for (let token = this.#tokens.peek(); ; token = this.#tokens.peek()) {
      if (token.kind === 'anchor' && anchor === '') anchor = token.value;
      else if (token.kind === 'tag' && tag === undefined) tag = token;
      else break;
      this.#tokens.take();
    }
    return { mark, anchor, tag: tag === undefined ? '' : this.#resolveTag(tag, mark) };
  }

  #resolveTag(tag: Token, mark: Mark): string {
    if (tag.handle === undefined || tag.handle === '') return tag.value;
    const prefix = this.#handles.get(tag.handle);
    if (prefix === undefined) throw parseError('found undefined tag handle', tag.start, mark);
    return prefix + tag.value;
  }

  #blockList({ mark, tag, anchor }: Properties): YamlList {
    const list = this.#named(anchor, { kind: 'list', mark, tag, items: [] as YamlNode[] });
    const start = this.#tokens.take().start;
    for (;;) {
      const token = this.#tokens.take();
      if (token.kind === 'block-end') return list;
      if (token.kind !== 'block-entry') throw parseError("did not find expected '-' indicator", token.start, start);
      list.items.push(this.#optional('block', ['block-entry', 'block-end'], token.end));
    }
  }

  #indentlessList({ mark, tag, anchor }: Properties): YamlList {
    const list = this.#named(anchor, { kind: 'list', mark, tag, items: [] as YamlNode[] });
    while (this.#tokens.peek().kind === 'block-entry') {
      const { end } = this.#tokens.take();
      list.items.push(this.#optional('block', ['block-entry', 'key', 'value', 'block-end'], end));
    }
    return list;
  }

  #blockMap({ mark, tag, anchor }: Properties): YamlMap {
    const map = this.#named(anchor, { kind: 'map', mark, tag, pairs: [] as [YamlNode, YamlNode][] });
    const start = this.#tokens.take().start;
    const ends = ['key', 'value', 'block-end'];
    for (;;) {
      const token = this.#tokens.take();
      if (token.kind === 'block-end') return map;
      if (token.kind !== 'key') throw parseError('did not find expected key', token.start, start);
      const key = this.#optional('indentless', ends, token.end);
      const next = this.#tokens.peek();
      if (next.kind === 'value') this.#tokens.take();
      map.pairs.push([
        key,
        next.kind === 'value' ? this.#optional('indentless', ends, next.end) : emptyScalar(next.start),
      ]);
    }
  }

  /** A node, or an empty scalar where one of `ends` says that there is none. */
  #optional(context: 'block' | 'indentless', ends: readonly string[], mark: Mark): YamlNode {
    return ends.includes(this.#tokens.peek().kind) ? emptyScalar(mark) : this.#node(context);
  }

  #flowList({ mark, tag, anchor }: Properties): YamlList {
    const list = this.#named(anchor, { kind: 'list', mark, tag, items: [] as YamlNode[] });
    const start = this.#tokens.take().start;
    for (let first = true; ; first = false) {
      if (this.#flowEnds(']', first, start)) return list;
      const token = this.#tokens.peek();
      if (token.kind !== 'key') list.items.push(this.#node('flow'));
      else {
        // A single pair, `[a: b]`, is a map of its own.
        this.#tokens.take();
        const key = this.#singleKey();
        const pair: [YamlNode, YamlNode] = [key, this.#flowValue(']')];
        list.items.push({ kind: 'map', mark: token.start, tag: '', pairs: [pair] });
      }
    }
  }

  #singleKey(): YamlNode {
    const token = this.#tokens.peek();
    if (!['value', 'flow-entry', ']'].includes(token.kind)) return this.#node('flow');
    // The library swallows this token, whatever it is.
    this.#tokens.take();
    return emptyScalar(token.end);
  }

  #flowMap({ mark, tag, anchor }: Properties): YamlMap {
    const map = this.#named(anchor, { kind: 'map', mark, tag, pairs: [] as [YamlNode, YamlNode][] });
    const start = this.#tokens.take().start;
    for (let first = true; ; first = false) {
      if (this.#flowEnds('}', first, start)) return map;
      if (this.#tokens.peek().kind === 'key') {
        this.#tokens.take();
        const next = this.#tokens.peek();
        const empty = ['value', 'flow-entry', '}'].includes(next.kind);
        const key = empty ? emptyScalar(next.start) : this.#node('flow');
        map.pairs.push([key, this.#flowValue('}')]);
      } else {
        const key = this.#node('flow');
        map.pairs.push([key, emptyScalar(this.#tokens.peek().start)]);
      }
    }
  }

  #flowValue(end: ']' | '}'): YamlNode {
    let token = this.#tokens.peek();
    if (token.kind === 'value') {
      this.#tokens.take();
      token = this.#tokens.peek();
      if (token.kind !== 'flow-entry' && token.kind !== end) return this.#node('flow');
    }
    return emptyScalar(token.start);
  }

  /** Takes the comma between entries, or the end of the collection. */
  #flowEnds(end: ']' | '}', first: boolean, start: Mark): boolean {
    const token = this.#tokens.peek();
    if (!first && token.kind === 'flow-entry') this.#tokens.take();
    else if (!first && token.kind !== end) {
      throw parseError(`did not find expected ',' or '${end}'`, token.start, start);
    }
    if (this.#tokens.peek().kind !== end) return false;
    this.#tokens.take();
    return true;
  }
}

function emptyScalar(mark: Mark): YamlScalar {
  return { kind: 'scalar', mark, tag: '', value: '', implicit: true };
}

/** Unlike the scanner's, the parser's errors count lines from 0. */
function parseError(problem: string, at: Mark, context?: Mark): GoYamlError {
  const line = at.line > 0 ? at.line : (context?.line ?? 0);
  return yamlError(line > 0 ? `line ${line}: ${problem}` : problem, at.offset);
}
