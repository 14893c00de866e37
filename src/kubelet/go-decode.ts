/**
 * How Kubernetes fills a Go struct from JSON (https://pkg.go.dev/sigs.k8s.io/json): names are exact, null leaves a
 * member as it is, the first wrong type is reported, a broken duration at once, and strict reading lists unknown and
 * repeated members. Every text is Go's own; beside each stands the path and place that Go leaves out.
 */
import { parseDuration } from './duration.ts';
import { goQuote, toBytes } from './go-text.ts';
import type { GoMember, GoValue } from './go-value.ts';

/** A Go type, with the name that Go prints. `duration` is Kubernetes' metav1.Duration. */
export type GoType =
  | { readonly kind: 'string' | 'bool' | 'duration'; readonly name: string }
  | { readonly kind: 'slice' | 'map'; readonly name: string; readonly element: GoType }
  | { readonly kind: 'struct'; readonly name: string; readonly fields: Readonly<Record<string, GoType>> };

/** Something wrong, in Go's words, where it is. */
export interface GoProblem {
  readonly text: string;
  readonly path: string;
  readonly offset: number;
}

export interface Decoded {
  /** What the kubelet prints and stops for; the value is not used then. */
  readonly fatal?: GoProblem;
  /** Unknown and repeated members, each once, at most a hundred. */
  readonly strict: readonly GoProblem[];
}

/** Reports all that Go would find wrong with `value` as a `type`. */
export function checkGoType(value: GoValue, type: GoType): Decoded {
  const checker = new Checker();
  try {
    checker.check(value, type, { path: '', struct: '', fields: [] });
  } catch (error) {
    if (!(error instanceof StopError)) throw error;
    return { fatal: error.problem, strict: [] };
  }
  const { saved, strict } = checker;
  return saved === undefined ? { strict: [...strict.values()].slice(0, 100) } : { fatal: saved, strict: [] };
}

/** A problem that ends decoding at once, and hides type errors found before. */
class StopError extends Error {
  readonly problem: GoProblem;

  constructor(problem: GoProblem) {
    super(problem.text);
    this.problem = problem;
  }
}

interface Place {
  readonly path: string;
  /** The struct that the innermost field belongs to, and the fields that lead to it. */
  readonly struct: string;
  readonly fields: readonly string[];
}

class Checker {
  saved: GoProblem | undefined;
  readonly strict = new Map<string, GoProblem>();

  check(value: GoValue, type: GoType, place: Place): void {
    if (value.kind === 'null') return;
    if (type.kind === 'duration') this.#duration(value, place);
    else if (type.kind === 'struct' && value.kind === 'object') this.#struct(value.members, type, place);
    else if (type.kind === 'map' && value.kind === 'object') this.#map(value.members, type.element, place);
    else if (type.kind === 'slice' && value.kind === 'array') {
      value.items.forEach((item, index) => {
        this.check(item, type.element, { ...place, path: `${place.path}[${index}]` });
      });
    } else if (type.kind !== value.kind) this.saved ??= mismatch(value, type.name, place);
  }

  #struct(members: readonly GoMember[], type: GoType & { kind: 'struct' }, place: Place): void {
    const seen = new Set<string>();
    for (const { name, offset, value } of members) {
      const path = place.path === '' ? name : `${place.path}.${name}`;
      const field = Object.hasOwn(type.fields, name) ? type.fields[name] : undefined;
      if (field === undefined) {
        this.#complain('unknown', path, offset);
        continue;
      }
      if (seen.has(name)) this.#complain('duplicate', path, offset);
      seen.add(name);
      // Go prints the bare name of the struct, without its package.
      this.check(value, field, { path, struct: type.name.replace(/^.*\./, ''), fields: [...place.fields, name] });
    }
  }

  #map(members: readonly GoMember[], element: GoType, place: Place): void {
    const seen = new Set<string>();
    for (const { name, offset, value } of members) {
      const path = `${place.path}.${name}`;
      if (seen.has(name)) this.#complain('duplicate', path, offset);
      seen.add(name);
      this.check(value, element, { ...place, path });
    }
  }

  #complain(what: 'unknown' | 'duplicate', path: string, offset: number): void {
    const text = `${what} field ${goQuote(toBytes(path))}`;
    if (!this.strict.has(text)) this.strict.set(text, { text, path, offset });
  }

  #duration(value: GoValue, place: Place): void {
    if (value.kind !== 'string') throw new StopError(mismatch(value, 'string', place));
    const problem = durationProblem(value.value);
    if (problem !== undefined)
      throw new StopError({ text: `time: ${problem}`, path: place.path, offset: value.offset });
  }
}

function mismatch(value: GoValue, type: string, { path, struct, fields }: Place): GoProblem {
  const target = fields.length === 0 ? 'value' : `struct field ${struct}.${fields.join('.')}`;
  const text = `json: cannot unmarshal ${value.kind} into Go ${target} of type ${type}`;
  return { text, path, offset: value.offset };
}

const units = ['ns', 'us', 'µs', 'μs', 'ms', 's', 'm', 'h'];

/** Why Go's time.ParseDuration refuses. It reads part by part, and stops at the first that makes too much. */
function durationProblem(text: string): string | undefined {
  const invalid = `invalid duration ${quoteDuration(text)}`;
  const parts = text.replace(/^[-+]/, '');
  let rest = parts;
  if (rest === '0') return undefined;
  if (rest === '') return invalid;
  while (rest !== '') {
    const number = /^(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)/.exec(rest)?.[0];
    if (number === undefined) return invalid;
    if (!fitsInt64(`${number}ns`)) return invalid;
    rest = rest.slice(number.length);
    const unit = /^[^.0-9]*/.exec(rest)?.[0] ?? '';
    if (unit === '') return `missing unit in duration ${quoteDuration(text)}`;
    if (!units.includes(unit)) return `unknown unit ${quoteDuration(unit)} in duration ${quoteDuration(text)}`;
    rest = rest.slice(unit.length);
    if (!fitsInt64(parts.slice(0, parts.length - rest.length))) return invalid;
  }
  return parseDuration(text) === undefined ? invalid : undefined;
}

/** Before the sign counts: the most negative value has one more than the most positive. */
function fitsInt64(parts: string): boolean {
  return parseDuration(`-${parts}`) !== undefined;
}

/** Package time quotes by bytes, unlike the rest of Go. */
function quoteDuration(text: string): string {
  const quoted = toBytes(text).replace(/["\\]|[^\x20-\x7e\x7f]/g, (c) => {
    return c === '"' || c === '\\' ? `\\${c}` : `\\x${c.charCodeAt(0).toString(16).padStart(2, '0')}`;
  });
  return `"${quoted}"`;
}
