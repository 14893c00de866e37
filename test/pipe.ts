/** A real pipe, as a kubelet makes them. What child_process calls a pipe is a pair of sockets, which behaves otherwise. */
import { execFileSync } from 'node:child_process';
import { closeSync, constants, mkdtempSync, openSync, rmSync, unlinkSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Descriptors of both ends, to be closed; reading does not block here, and does in a process that inherits it. */
export function createPipe(): { readonly reader: number; readonly writer: number } {
  const folder = mkdtempSync(join(tmpdir(), 'purser-pipe-'));
  const path = join(folder, 'pipe');
  execFileSync('mkfifo', ['-m', '600', path]);
  const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const writer = openSync(path, constants.O_WRONLY);
  unlinkSync(path);
  rmSync(folder, { recursive: true });
  return { reader, writer };
}

/** As much as a pipe takes at once. */
const capacity = 64 * 1024;

/** The reading end of a pipe that holds these bytes and has no writer any more; `undefined` where it cannot. */
export function filledPipe(content: string | Uint8Array): number | undefined {
  const bytes = Buffer.from(content);
  if (bytes.length > capacity) return undefined;
  const { reader, writer } = createPipe();
  writeSync(writer, bytes);
  closeSync(writer);
  return reader;
}
