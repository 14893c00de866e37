/**
 * Ends what stands still. A pull may take hours on a slow line, so there is no limit for the whole of it; but an answer
 * must begin in time, and its body must keep coming. https://github.com/containerd/containerd waits as long for a header.
 */
import type { Clock } from '../clock.ts';
import { PurserError } from '../errors.ts';

/** Milliseconds until an answer begins, and in which a body must move on. */
const windowTime = 30_000;
/** Bytes a body must bring in that time; less is no line but a server that holds us. */
const minBytes = 16 * 1024;

export interface Watchdog {
  /** Aborts with a PurserError NET_TIMEOUT as its reason, or when the parent does. */
  readonly signal: AbortSignal;
  /** The answer began. */
  began(): void;
  /** So many bytes of its body came. */
  progress(bytes: number): void;
}

/** Does something under a watchdog's eyes. */
export async function watched<T>(
  clock: Clock,
  work: (watchdog: Watchdog) => Promise<T>,
  parent?: AbortSignal,
): Promise<T> {
  const watchdog = startWatchdog(clock, parent);
  try {
    return await work(watchdog);
  } finally {
    watchdog.stop();
  }
}

/** A timer runs until it is stopped. */
function startWatchdog(clock: Clock, parent?: AbortSignal): Watchdog & { stop(): void } {
  const controller = new AbortController();
  const stopped = new AbortController();
  let bytes = 0;
  let hasBegun = false;
  const follow = (): void => controller.abort(parent?.reason);
  if (parent?.aborted) follow();
  parent?.addEventListener('abort', follow, { once: true });

  const watch = async (): Promise<void> => {
    for (;;) {
      bytes = 0;
      await clock.sleep(windowTime, stopped.signal);
      if (bytes < minBytes) break;
    }
    const found = hasBegun
      ? `fewer than ${minBytes} bytes came in ${windowTime / 1000} s`
      : `it did not answer in ${windowTime / 1000} s`;
    controller.abort(new PurserError('NET_TIMEOUT', { doing: 'waiting', found, todo: 'check the network between' }));
  };
  // The sleep that was stopped rejects; there is nothing left to watch then.
  watch().catch(() => undefined);

  return {
    signal: controller.signal,
    began() {
      hasBegun = true;
      // It may have taken nearly all of this window: the body has the next one.
      bytes = minBytes;
    },
    progress(count) {
      bytes += count;
    },
    stop() {
      stopped.abort();
      parent?.removeEventListener('abort', follow);
    },
  };
}
