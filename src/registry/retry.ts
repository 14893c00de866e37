/**
 * When the same is asked again: what may pass by itself, a few times, after a wait of random length, all within one
 * budget for a whole pull, so that a registry in trouble is not asked once more for each blob. A refusal, an absence and
 * wrong content never pass. Retry-After is heeded as far as the budget goes.
 */
import type { Clock } from '../clock.ts';
import { type ErrorCode, PurserError, RegistryError } from '../errors.ts';
import type { Trace } from './trace.ts';

export interface RetryBudget {
  /** Runs it, and again while it fails with what may pass; throws the last failure. The signal ends the waiting. */
  run<T>(attempt: () => Promise<T>, signal?: AbortSignal): Promise<T>;
}

export interface RetryOptions {
  readonly clock: Clock;
  readonly trace: Trace;
  /** From 0 to 1. */
  readonly random?: () => number;
}

/** Repeats of a pull, and the milliseconds that it may wait for them in all. */
const maxRetries = 5;
const maxWaiting = 30_000;
/** The first wait is at most this long, each further one twice as long, up to the limit. Milliseconds. */
const firstWait = 250;
const longestWait = 8_000;

const passing: ReadonlySet<ErrorCode> = new Set([
  'NET_CONNECT',
  'NET_BROKEN',
  'NET_TIMEOUT',
  'REGISTRY_LIMITED',
  'REGISTRY_UNAVAILABLE',
]);

export function createRetryBudget({ clock, trace, random = Math.random }: RetryOptions): RetryBudget {
  let retriesLeft = maxRetries;
  let waitingLeft = maxWaiting;
  let quietUntil = 0;

  const waitFor = (error: PurserError, attempt: number): number | undefined => {
    const asked = error instanceof RegistryError ? error.retryAfter : undefined;
    // Any length up to the limit: clients that failed together must not come back together.
    const wait = asked ?? Math.ceil(random() * Math.min(longestWait, firstWait * 2 ** attempt));
    return retriesLeft > 0 && wait <= waitingLeft ? wait : undefined;
  };

  return {
    async run(attempt, signal) {
      for (let count = 0; ; count++) {
        const quiet = quietUntil - clock.monotonic();
        if (quiet > 0) await clock.sleep(quiet, signal);
        try {
          return await attempt();
        } catch (error) {
          if (!(error instanceof PurserError) || !passing.has(error.code) || signal?.aborted) throw error;
          const wait = waitFor(error, count);
          if (wait === undefined) throw error;
          retriesLeft--;
          waitingLeft -= wait;
          trace({ kind: 'retry', reason: error.message, wait });
          // A registry that counts requests counts those of all blobs: they all wait.
          if (error.code === 'REGISTRY_LIMITED') quietUntil = Math.max(quietUntil, clock.monotonic() + wait);
          await clock.sleep(wait, signal);
        }
      }
    },
  };
}
