/**
 * The optional log: one line a run, because a kubelet drops the stderr of a run that succeeds. It never holds a secret
 * and never changes an answer: whatever goes wrong here is ignored.
 */
import { randomBytes } from 'node:crypto';
import { closeSync, constants, fstatSync, lstatSync, openSync, renameSync, writeSync } from 'node:fs';
import { hidePassword, printable } from './errors.ts';

/** Beyond this the log is renamed to `.1`, so that two files are the most it ever takes. */
const maxLogBytes = 10 * 1024 * 1024;
/** One write of this size to a file opened for appending is not torn apart by another process. */
const maxLineBytes = 4096;

export interface Run {
  readonly now: number;
  readonly milliseconds: number;
  readonly image: string;
  readonly facts: readonly string[];
  readonly outcome: string;
}

/** Appends one line; a path that is not absolute, a link, or a file that cannot be written is passed over. */
export function appendRunLog(path: string, run: Run): void {
  if (!path.startsWith('/')) return;
  try {
    const fd = openLog(path);
    try {
      writeSync(fd, lineOf(run));
    } finally {
      closeSync(fd);
    }
  } catch {
    // A node with a full disk still pulls images.
    return;
  }
}

function openLog(path: string): number {
  const flags =
    constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | constants.O_NOFOLLOW | constants.O_NONBLOCK;
  const fd = openSync(path, flags, 0o600);
  const stats = fstatSync(fd);
  if (stats.isFile() && stats.size > maxLogBytes) {
    closeSync(fd);
    // Another run may have been first; then what lies there now is the new one.
    if (lstatSync(path).ino === stats.ino) renameSync(path, `${path}.1`);
    return openSync(path, flags, 0o600);
  }
  return fd;
}

function lineOf({ now, milliseconds, image, facts, outcome }: Run): Buffer {
  const id = randomBytes(4).toString('hex');
  const text = [
    new Date(now).toISOString(),
    id,
    `${milliseconds}ms`,
    image === '' ? '-' : hidePassword(image),
    ...facts,
    outcome,
  ].join(' | ');
  return Buffer.from(`${printable(text, maxLineBytes - 1)}\n`);
}
