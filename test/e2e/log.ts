/** A text file that somebody else is still writing. */
import { closeSync, openSync, readSync, statSync } from 'node:fs';

export interface Log {
  readonly path: string;
  /** Where it ends now: what comes later is `text(mark)`. */
  mark(): number;
  /** All of it, or what comes after a mark. */
  text(from?: number): string;
  /** Whole lines only. */
  lines(from?: number): readonly string[];
}

/** A log beyond this is no log of ours but a fault. */
const maxBytes = 256 * 1024 * 1024;

/** The file may come later; until then it is empty. */
export function createLog(path: string): Log {
  const text = (from = 0): string => {
    const size = sizeOf(path);
    if (size > maxBytes) throw new RangeError(`${path} has ${size} bytes`);
    if (size <= from) return '';
    const fd = openSync(path, 'r');
    try {
      const bytes = Buffer.alloc(size - from);
      return bytes.toString('utf8', 0, readSync(fd, bytes, 0, bytes.length, from));
    } finally {
      closeSync(fd);
    }
  };
  return {
    path,
    mark: () => sizeOf(path),
    text,
    lines: (from) => text(from).split('\n').slice(0, -1),
  };
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}
