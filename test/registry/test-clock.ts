/** A clock for the pull engine: short waits pass at once and only move the clock, long ones wait for the test to move it. */
import type { Clock } from '../../src/clock.ts';

export interface TestClock extends Clock {
  /** What was slept through at once, in milliseconds, in order. */
  readonly waits: readonly number[];
  /** Moves the clock and wakes whoever's time has come. */
  advance(milliseconds: number): void;
}

/** From here on a sleep is a watchdog's and not a pause between two tries. */
const longWait = 30_000;

export function createTestClock(start = Date.parse('2026-11-21T12:00:00Z')): TestClock {
  let elapsed = 0;
  const waits: number[] = [];
  const sleepers = new Set<{ until: number; wake: () => void }>();
  return {
    waits,
    now: () => start + elapsed,
    monotonic: () => elapsed,
    sleep(milliseconds, signal) {
      if (milliseconds < longWait) {
        waits.push(milliseconds);
        elapsed += milliseconds;
        return Promise.resolve();
      }
      return new Promise((resolve, reject) => {
        const sleeper = { until: elapsed + milliseconds, wake: resolve };
        sleepers.add(sleeper);
        signal?.addEventListener('abort', () => {
          sleepers.delete(sleeper);
          reject(signal.reason);
        });
      });
    },
    advance(milliseconds) {
      elapsed += milliseconds;
      for (const sleeper of sleepers) {
        if (sleeper.until > elapsed) continue;
        sleepers.delete(sleeper);
        sleeper.wake();
      }
    },
  };
}
