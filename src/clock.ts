/** Time is an argument: what a clock and a deadline can do. The process has the one real clock. */

export interface Clock {
  /** Milliseconds since the epoch, as the wall clock tells. */
  now(): number;
  /** Milliseconds on a clock that never jumps. */
  monotonic(): number;
  /** Resolves after so many milliseconds; rejects when the signal aborts. */
  sleep(milliseconds: number, signal?: AbortSignal): Promise<void>;
}

export interface Deadline {
  /** Milliseconds that are left; never negative. */
  remaining(): number;
  /** Aborts when nothing is left. */
  readonly signal: AbortSignal;
}
