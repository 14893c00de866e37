/** What every conformance table is turned into: a list of cases that can be run one by one. */
import assert from 'node:assert/strict';

export interface VectorCase {
  readonly id: string;
  readonly kind: string;
  /** Throws, or rejects with, an AssertionError where our answer differs. */
  readonly run?: () => void | Promise<void>;
  /** Why the case is not run; present when `run` is absent. */
  readonly notRun?: string;
}

export interface VectorTable {
  /** File name of the table without `.json`. */
  readonly name: string;
  cases(document: unknown): Iterable<VectorCase>;
}

/** One item of a table that is a list; all members but `id` and `kind` depend on the kind. */
export type Vector = Readonly<Record<string, unknown>>;

/** What is done for the vectors of one kind. */
export type Check = (vector: Vector) => void | Promise<void>;

/** The cases of a table that is a list of vectors with `id` and `kind`. */
export function* casesByKind(document: unknown, checks: Readonly<Record<string, Check>>): Iterable<VectorCase> {
  assert(Array.isArray(document), 'the table is a list');
  for (const item of document) {
    const vector = objectOf(item);
    const id = textOf(vector, 'id');
    const kind = textOf(vector, 'kind');
    const check = Object.hasOwn(checks, kind) ? checks[kind] : undefined;
    if (vector['disputed'] !== undefined) yield { id, kind, notRun: 'disputed' };
    else if (check === undefined) yield { id, kind, notRun: 'kind not built yet' };
    else yield { id, kind, run: () => check(vector) };
  }
}

export function objectOf(value: unknown): Vector {
  assert(typeof value === 'object' && value !== null && !Array.isArray(value), 'an object is expected');
  return Object.fromEntries(Object.entries(value));
}

export function textOf(vector: Vector, name: string): string {
  const value = vector[name];
  assert(typeof value === 'string', `${name} is a string`);
  return value;
}

export function listOf(vector: Vector, name: string): unknown[] {
  const value = vector[name];
  assert(Array.isArray(value), `${name} is a list`);
  return value;
}

/** A map of strings, such as annotations. */
export function textsOf(vector: Vector, name: string): Record<string, string> {
  const map = objectOf(vector[name]);
  return Object.fromEntries(Object.keys(map).map((key) => [key, textOf(map, key)]));
}
