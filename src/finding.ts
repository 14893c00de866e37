/** What linters say: one thing about one place in a file, and what to write instead. */
import { lineAndColumn } from './json.ts';

export type Severity = 'error' | 'warning';

export interface Finding {
  readonly severity: Severity;
  /** Name of a warning's rule, under which docs/lint.md explains it. */
  readonly rule?: string;
  /** Dotted path of the value, such as `registries[0].matchImages[1]`; empty for the whole file. */
  readonly path: string;
  /** Both count from 1. */
  readonly line: number;
  readonly column: number;
  /** The fact. */
  readonly message: string;
  /** What to do; absent where the message says it. */
  readonly todo?: string;
}

/** A finding before its offset became line and column. */
export interface Problem extends Omit<Finding, 'severity' | 'line' | 'column'> {
  /** In UTF-16 units. */
  readonly offset: number;
}

/** What somebody who knows the rules would say, without a place. */
export interface Advice {
  readonly rule: string;
  readonly message: string;
  readonly todo: string;
}

export function placeProblems(text: string, problems: readonly Problem[], severity: Severity): readonly Finding[] {
  return problems.map(({ offset, ...problem }) => ({ severity, ...problem, ...lineAndColumn(text, offset) }));
}
