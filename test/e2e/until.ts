/** Waiting: a condition is looked at until it holds or its time is over. Nothing here sleeps for a guessed time. */
import { setTimeout as sleep } from 'node:timers/promises';

export interface UntilOptions {
  /** Seconds; what is waited for takes a fraction of it on a busy machine. */
  readonly within?: number;
  /** Told when the time is over: what was seen instead. */
  readonly seen?: () => string | Promise<string>;
}

/** The first answer that is neither undefined nor false. */
export async function until<T>(
  what: string,
  look: () => T | Promise<T>,
  { within = 60, seen }: UntilOptions = {},
): Promise<Exclude<T, undefined | false>> {
  const deadline = performance.now() + within * 1000;
  for (;;) {
    const found = await look();
    if (isThere(found)) return found;
    if (performance.now() > deadline) {
      throw new Error(`waited ${within} s for ${what}${seen === undefined ? '' : `; seen: ${await seen()}`}`);
    }
    await sleep(50);
  }
}

function isThere<T>(found: T): found is Exclude<T, undefined | false> {
  return found !== undefined && found !== false;
}
