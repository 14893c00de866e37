/** What every conformance table is turned into: a list of cases that can be run one by one. */

export interface VectorCase {
  readonly id: string;
  readonly kind: string;
  /** Throws an AssertionError where our answer differs. */
  readonly run?: () => void;
  /** Why the case is not run; present when `run` is absent. */
  readonly notRun?: string;
}

export interface VectorTable {
  /** File name of the table without `.json`. */
  readonly name: string;
  cases(document: unknown): Iterable<VectorCase>;
}
