/** YAML 1.2 text to the same values as JSON, with positions; loaded only for a config that is not JSON. */
import { isAlias, isMap, isScalar, isSeq, LineCounter, type Node, parseAllDocuments } from 'yaml';
import { type Json, memberPath } from './json.ts';

export interface YamlProblem {
  readonly offset: number;
  readonly message: string;
}

export interface YamlDocument {
  readonly value: Json;
  /** Offset of each value under its path; of a member's name under the path and `#name`. */
  readonly positions: ReadonlyMap<string, number>;
}

/** One document; duplicate keys, unknown tags, non-string keys and alias bombs are problems. Never quotes the text. */
export function parseYaml(text: string): YamlDocument | { readonly problems: readonly YamlProblem[] } {
  const documents = parseAllDocuments(text, {
    version: '1.2',
    uniqueKeys: true,
    prettyErrors: false,
    stringKeys: true,
    lineCounter: new LineCounter(),
  });
  if (!Array.isArray(documents)) return { problems: [{ offset: 0, message: 'the file is empty' }] };
  const [document, second] = documents;
  if (document === undefined) return { problems: [{ offset: 0, message: 'the file is empty' }] };
  const problems = [...document.errors, ...document.warnings].map((error) => ({
    offset: error.pos[0],
    message: yamlMessages[error.code] ?? `not valid YAML (${error.code.toLowerCase().replaceAll('_', ' ')})`,
  }));
  if (second !== undefined) problems.push({ offset: second.range[0], message: 'a second document follows' });
  if (problems.length > 0) return { problems };
  const positions = new Map<string, number>();
  try {
    return { value: toJson(document.contents, '', 0, positions), positions };
  } catch (error) {
    if (!(error instanceof YamlValueError)) throw error;
    return { problems: [{ offset: error.offset, message: error.message }] };
  }
}

const yamlMessages: Readonly<Record<string, string>> = {
  DUPLICATE_KEY: 'a member appears twice',
  TAB_AS_INDENT: 'a tab is used to indent; use blanks',
  NON_STRING_KEY: 'a key is not text; put it in quotes',
  BAD_ALIAS: 'an alias names no anchor',
};

class YamlValueError extends Error {
  readonly offset: number;
  constructor(offset: number, message: string) {
    super(message);
    this.offset = offset;
  }
}

/** As deep as JSON may be. */
const maxDepth = 32;

function toJson(node: Node | null, path: string, depth: number, positions: Map<string, number>): Json {
  const offset = node?.range?.[0] ?? 0;
  positions.set(path, offset);
  if (depth > maxDepth) throw new YamlValueError(offset, 'nested too deeply');
  // A config gains nothing from aliases, and they are how a few lines become gigabytes.
  if (isAlias(node)) throw new YamlValueError(offset, 'aliases are not accepted; write the value out');
  if (node === null) return null;
  if (isScalar(node)) return scalar(node.value, offset);
  if (isSeq<Node>(node))
    return node.items.map((item, index) => toJson(item, `${path}[${index}]`, depth + 1, positions));
  if (!isMap<Node, Node | null>(node)) throw new YamlValueError(offset, 'not a value this file can hold');
  const members: { [name: string]: Json } = Object.create(null);
  for (const { key, value } of node.items) {
    const name = isScalar(key) ? String(key.value) : '';
    if (name === '__proto__') throw new YamlValueError(key.range?.[0] ?? offset, 'a member is named __proto__');
    const inner = memberPath(path, name);
    members[name] = toJson(value, inner, depth + 1, positions);
    positions.set(`${inner}#name`, key.range?.[0] ?? offset);
  }
  return members;
}

function scalar(value: unknown, offset: number): Json {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number') return value;
  throw new YamlValueError(offset, 'not a value this file can hold');
}
