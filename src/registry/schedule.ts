/** How many blobs are on their way at once, and in what order. Left out: largest first, and several ranges of one blob. */

/** As many as CRI-O has; one connection each. */
export const maxStreams = 6;

/** Works on all items in their order. The first failure stops the others, and is thrown when they have stopped. */
export async function inParallel<T>(
  items: readonly T[],
  work: (item: T, signal: AbortSignal) => Promise<void>,
  streams: number = maxStreams,
): Promise<void> {
  const controller = new AbortController();
  const failures: unknown[] = [];
  // One iterator for all: whoever is free takes the next item.
  const queue = items.values();
  const stream = async (): Promise<void> => {
    for (const item of queue) {
      if (controller.signal.aborted) return;
      try {
        await work(item, controller.signal);
      } catch (error) {
        failures.push(error);
        controller.abort();
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(streams, items.length) }, stream));
  if (failures.length > 0) throw failures[0];
}
