/**
 * What YAML nodes mean to sigs.k8s.io/yaml (https://pkg.go.dev/sigs.k8s.io/yaml): YAML 1.1 scalars (`yes` is a boolean,
 * `017` a number, a date stays text), merge keys, keys of any scalar type turned into text, the last of two equal keys,
 * and, beside the value, the complaints of the library's strict reading. Each value keeps its place in the text.
 */
import { resolveScalar } from './go-scalar.ts';
import { goQuote, toBytes } from './go-text.ts';
import type { YamlMap, YamlNode, YamlScalar } from './go-yaml.ts';
import { GoYamlError, yamlError } from './go-yaml-text.ts';

/** A JSON-like value with its offset. Numbers have no value: no member of any document we read this way is a number. */
export type GoValue =
  | { readonly kind: 'null' | 'number'; readonly offset: number }
  | { readonly kind: 'bool'; readonly offset: number; readonly value: boolean }
  | { readonly kind: 'string'; readonly offset: number; readonly value: string }
  | { readonly kind: 'array'; readonly offset: number; readonly items: readonly GoValue[] }
  | { readonly kind: 'object'; readonly offset: number; readonly members: readonly GoMember[] };

export interface GoMember {
  readonly name: string;
  /** Where the name stands. */
  readonly offset: number;
  readonly value: GoValue;
}

export interface DuplicateKey {
  /** As the library prints it. */
  readonly text: string;
  readonly offset: number;
  readonly path: string;
}

/** Members come in byte order of their names, because the kubelet decodes the JSON that was made of the YAML. */
export function resolveGoYaml(root: YamlNode | undefined): { value: GoValue; duplicates: DuplicateKey[] } {
  if (root === undefined) return { value: { kind: 'null', offset: 0 }, duplicates: [] };
  const resolver = new Resolver();
  const resolved = resolver.value(root, '');
  refuseKeys(resolved);
  return { value: toJson(resolved), duplicates: resolver.duplicates };
}

/** As YAML has it: with numbers and keys that JSON has no word for, which matter only if nothing replaced them. */
type Resolved =
  | (GoValue & { readonly kind: 'null' | 'number' | 'bool' | 'string' })
  | { readonly kind: 'array'; readonly offset: number; readonly items: readonly Resolved[] }
  | { readonly kind: 'object'; readonly offset: number; readonly members: readonly Entry[] }
  | { readonly kind: 'unsupported'; readonly of: 'key' | 'number'; readonly offset: number; readonly problem: string };

interface Entry {
  readonly name: string;
  readonly offset: number;
  readonly value: Resolved;
}

/** The library looks at all keys before it looks at any number. */
function refuseKeys(value: Resolved): void {
  if (value.kind === 'unsupported' && value.of === 'key') throw new GoYamlError(value.problem, value.offset);
  if (value.kind === 'array') value.items.forEach(refuseKeys);
  if (value.kind === 'object') for (const member of value.members) refuseKeys(member.value);
}

function toJson(value: Resolved): GoValue {
  if (value.kind === 'unsupported') throw new GoYamlError(value.problem, value.offset);
  if (value.kind === 'array') return { ...value, items: value.items.map(toJson) };
  if (value.kind !== 'object') return value;
  return { ...value, members: value.members.map((member) => ({ ...member, value: toJson(member.value) })) };
}

class Resolver {
  readonly duplicates: DuplicateKey[] = [];
  readonly #open = new Set<YamlNode>();
  #decoded = 0;
  #aliased = 0;
  #aliasDepth = 0;

  value(node: YamlNode, path: string): Resolved {
    this.#count();
    const { offset } = node.mark;
    if (node.kind === 'alias') return this.#through(node, (target) => this.value(target, path));
    if (node.kind === 'scalar') return scalarValue(node);
    if (node.kind === 'list') {
      return { kind: 'array', offset, items: node.items.map((item, index) => this.value(item, `${path}[${index}]`)) };
    }
    const entries = new Map<string, Entry>();
    this.#fill(entries, node, path);
    const members = [...entries.values()].sort((a, b) => Buffer.compare(Buffer.from(a.name), Buffer.from(b.name)));
    return { kind: 'object', offset, members };
  }

  /** The library's guard against documents that multiply by aliases. */
  #count(): void {
    this.#decoded++;
    if (this.#aliasDepth > 0) this.#aliased++;
    if (this.#aliased <= 100 || this.#decoded <= 1000) return;
    const low = 400_000;
    const high = 4_000_000;
    const beyond = Math.min(Math.max(this.#decoded - low, 0), high - low);
    const allowed = 0.99 - 0.89 * (beyond / (high - low));
    if (this.#aliased / this.#decoded > allowed) throw yamlError('document contains excessive aliasing', 0);
  }

  #through<T>(alias: YamlNode & { kind: 'alias' }, use: (target: YamlNode) => T): T {
    if (this.#open.has(alias)) {
      throw yamlError(`anchor '${alias.name}' value contains itself`, alias.mark.offset);
    }
    this.#open.add(alias);
    this.#aliasDepth++;
    const result = use(alias.target);
    this.#aliasDepth--;
    this.#open.delete(alias);
    return result;
  }

  /** Two keys are the same if type and value are; the map keeps the last value, at the place of its own key. */
  #fill(entries: Map<string, Entry>, map: YamlMap, path: string): void {
    for (const [keyNode, valueNode] of map.pairs) {
      if (isMerge(keyNode)) {
        this.#merge(entries, valueNode, path);
        continue;
      }
      const key = this.#key(keyNode);
      const inner = path === '' ? key.name : `${path}.${key.name}`;
      const decoded = this.value(valueNode, inner);
      const { problem } = key;
      const value =
        problem === undefined
          ? decoded
          : { kind: 'unsupported' as const, of: 'key' as const, offset: keyNode.mark.offset, problem };
      if (entries.has(key.identity)) {
        const text = `line ${valueNode.mark.line + 1}: key ${key.shown} already set in map`;
        this.duplicates.push({ text, offset: keyNode.mark.offset, path: inner });
        entries.delete(key.identity);
      }
      entries.set(key.identity, { name: key.name, offset: keyNode.mark.offset, value });
    }
  }

  #merge(entries: Map<string, Entry>, node: YamlNode, path: string): void {
    const maps = node.kind === 'list' ? [...node.items].reverse() : [node];
    for (const source of maps) {
      const target = source.kind === 'alias' ? source.target : source;
      if (target.kind !== 'map') {
        const problem = 'map merge requires map or sequence of maps as the value';
        throw yamlError(problem, source.mark.offset);
      }
      this.#count();
      if (source.kind !== 'alias') this.#fill(entries, target, path);
      else {
        this.#through(source, () => {
          this.#count();
          this.#fill(entries, target, path);
        });
      }
    }
  }

  #key(node: YamlNode): Key {
    this.#count();
    if (node.kind === 'alias') return this.#through(node, (target) => this.#key(target));
    const { offset } = node.mark;
    if (node.kind !== 'scalar') {
      // Read before it is refused: whatever is wrong inside comes first.
      this.value(node, '');
      throw yamlError('invalid map key: a list or a map', offset);
    }
    const { type, text } = resolveScalar(node);
    const key = { identity: `${type} ${text}`, name: text };
    if (type === 'string') return { ...key, shown: goQuote(toBytes(text)) };
    if (type === 'null')
      return { ...key, shown: '<nil>', problem: 'unsupported map key of type: %!s(<nil>), key: <nil>' };
    if (type !== 'uint') return { ...key, shown: text };
    const shown = `0x${BigInt(text).toString(16)}`;
    return { ...key, shown, problem: `unsupported map key of type: uint64, key: ${shown}` };
  }
}

interface Key {
  /** Equal for keys that the library's map takes for the same. */
  readonly identity: string;
  readonly name: string;
  /** As Go prints it. */
  readonly shown: string;
  /** Why it cannot become the name of a JSON member. */
  readonly problem?: string;
}

function isMerge(node: YamlNode): boolean {
  return node.kind === 'scalar' && node.value === '<<' && (node.implicit || node.tag === 'tag:yaml.org,2002:merge');
}

function scalarValue(node: YamlScalar): Resolved {
  const { offset } = node.mark;
  const { type, text } = resolveScalar(node);
  if (type === 'string') return { kind: 'string', offset, value: text };
  if (type === 'bool') return { kind: 'bool', offset, value: text === 'true' };
  if (type === 'null') return { kind: 'null', offset };
  const infinity = infinities[text];
  if (infinity === undefined) return { kind: 'number', offset };
  return { kind: 'unsupported', of: 'number', offset, problem: `json: unsupported value: ${infinity}` };
}

const infinities: Readonly<Record<string, string>> = { '.inf': '+Inf', '-.inf': '-Inf', '.nan': 'NaN' };
