/**
 * Bounded, trusted reads of the files that a config names, and of the config itself. The program runs as root and
 * hands on what it reads, so a file that somebody else could have written, or a secret that somebody else can read,
 * is refused. Each decision is made on the open descriptor or on a path without links.
 */
import {
  accessSync,
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  readSync,
  realpathSync,
  type Stats,
  statSync,
} from 'node:fs';
import { type ErrorCode, InputError, quote } from './errors.ts';

export interface ReadOptions {
  /** Uid of the running user: its files are as good as root's. `undefined` where there are no uids. */
  readonly uid: number | undefined;
  readonly maxBytes: number;
  /** Refuse any permission for group or others. */
  readonly privateMode: boolean;
  /** Leave a byte order mark in the text, for formats in which it is an error. */
  readonly keepByteOrderMark?: boolean;
}

export interface TrustedFile {
  readonly text: string;
  /** Permission bits, as found on the descriptor. */
  readonly mode: number;
}

/**
 * Reads a regular file after checking owner and mode of each component of its path; throws InputError. What changes
 * under the read is read again, so that nobody gets half of an old text and half of a new one.
 */
export function readTrustedFile(path: string, options: ReadOptions): TrustedFile {
  for (let attempt = 1; attempt <= 3; attempt++) {
    const file = readOnce(path, options);
    if (file !== undefined) return file;
  }
  throw refuse('FILE_READ', path, 'it changed each time it was read', 'try again when it is written');
}

/** `undefined`: it was replaced or written to meanwhile. */
function readOnce(path: string, options: ReadOptions): TrustedFile | undefined {
  const { uid, maxBytes, privateMode, keepByteOrderMark = false } = options;
  const real = onPath(path, () => realpathSync.native(path));
  const expected = uid === undefined ? onPath(path, () => lstatSync(real)) : checkChain(path, real, uid);
  // Non-blocking: a FIFO opens at once and is then refused. No-follow: the last component was resolved above.
  const fd = onPath(path, () => openSync(real, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW));
  try {
    const stats = onPath(path, () => fstatSync(fd));
    if (!stats.isFile()) throw refuse('FILE_READ', path, 'it is not a regular file', 'name a regular file');
    if (stats.ino !== expected.ino || stats.dev !== expected.dev) return undefined;
    if (privateMode) checkPrivate(path, stats.mode);
    const bytes = onPath(path, () => readBounded(fd, path, { size: stats.size, maxBytes }));
    const after = onPath(path, () => fstatSync(fd));
    if (after.mtimeMs !== stats.mtimeMs || after.size !== stats.size) return undefined;
    return { text: decode(path, bytes, keepByteOrderMark), mode: stats.mode & 0o7777 };
  } finally {
    closeSync(fd);
  }
}

/** A regular file as it stands, whoever it belongs to: for looking at, not for use. Throws InputError. */
export function readAnyFile(path: string, maxBytes: number): Uint8Array {
  const fd = onPath(path, () => openSync(path, constants.O_RDONLY | constants.O_NONBLOCK));
  try {
    const stats = onPath(path, () => fstatSync(fd));
    if (!stats.isFile()) throw refuse('FILE_READ', path, 'it is not a regular file', 'name a regular file');
    return onPath(path, () => readBounded(fd, path, { size: stats.size, maxBytes }));
  } finally {
    closeSync(fd);
  }
}

/** Whether the running user could start what is found under a path, after all links. */
export function findExecutable(path: string): 'executable' | 'directory' | 'not-executable' | 'missing' {
  try {
    if (statSync(path).isDirectory()) return 'directory';
    accessSync(path, constants.X_OK);
    return 'executable';
  } catch (error) {
    return errnoOf(error) === 'ENOENT' ? 'missing' : 'not-executable';
  }
}

/** A secret is the file's text without one final line end; an empty one is refused. */
export function secretText(path: string, text: string): string {
  const secret = text.replace(/\r?\n$/, '');
  if (secret === '') throw refuse('FILE_EMPTY', path, 'it is empty', 'write the secret into it');
  return secret;
}

/** Throws FILE_TRUST if group or others have any permission. */
export function checkPrivate(path: string, mode: number): void {
  if ((mode & 0o077) === 0) return;
  throw refuse(
    'FILE_TRUST',
    path,
    `it holds a secret and its mode is ${octal(mode)}`,
    `chmod ${octal(mode & 0o700)} it, or say allowReadable: true in the entry`,
  );
}

/**
 * Each component belongs to root or to the running user and is not writable by group or others; a sticky directory
 * may be, because there nobody can replace what the next check finds owned by root or us.
 */
function checkChain(path: string, real: string, uid: number): Stats {
  let component = '/';
  let stats = onPath(path, () => lstatSync(component));
  for (const name of ['', ...real.split('/').filter((part) => part !== '')]) {
    if (name !== '') {
      component = component === '/' ? `/${name}` : `${component}/${name}`;
      stats = onPath(path, () => lstatSync(component));
    }
    const where = component === path ? 'it' : component;
    if (stats.uid !== 0 && stats.uid !== uid) {
      throw refuse('FILE_TRUST', path, `${where} belongs to user ${stats.uid}`, 'chown it to root');
    }
    const sticky = stats.isDirectory() && (stats.mode & 0o1000) !== 0;
    if ((stats.mode & 0o022) !== 0 && !sticky) {
      throw refuse('FILE_TRUST', path, `${where} is writable by others (${octal(stats.mode)})`, 'chmod go-w it');
    }
  }
  return stats;
}

/** `size` is what the system said; only reading tells. */
function readBounded(fd: number, path: string, { size, maxBytes }: { size: number; maxBytes: number }): Buffer {
  const chunks: Buffer[] = [];
  let length = 0;
  // One byte more than there should be, so that one read takes all and the next finds the end.
  for (let room = Math.min(size, maxBytes) + 1; length <= maxBytes; room = 4096) {
    const chunk = Buffer.allocUnsafe(room);
    const count = readSync(fd, chunk, 0, room, null);
    if (count === 0) return Buffer.concat(chunks);
    chunks.push(chunk.subarray(0, count));
    length += count;
  }
  throw refuse('FILE_TOO_LARGE', path, `it holds more than ${maxBytes} bytes`, 'is it the right file?');
}

function decode(path: string, bytes: Buffer, keepByteOrderMark: boolean): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: keepByteOrderMark }).decode(bytes);
  } catch {
    throw refuse('FILE_ENCODING', path, 'its bytes are not UTF-8', 'save it as UTF-8');
  }
}

/** Runs one file system call; its error becomes ours, which names the path as given and never more than the errno. */
function onPath<T>(path: string, call: () => T): T {
  try {
    return call();
  } catch (error) {
    if (error instanceof InputError) throw error;
    const errno = errnoOf(error);
    if (errno === 'ENOENT' || errno === 'ENOTDIR') {
      throw refuse('FILE_MISSING', path, 'no such file', 'create it or correct the path', error);
    }
    throw refuse('FILE_READ', path, `the system refused it (${errno})`, 'make it readable for the running user', error);
  }
}

/** Name of a system error, such as ENOENT; the one part of a foreign error that is always safe to show. */
export function errnoOf(error: unknown): string {
  if (error instanceof Error && 'code' in error && typeof error.code === 'string' && /^[A-Z0-9_]+$/.test(error.code)) {
    return error.code;
  }
  return 'unknown error';
}

function refuse(code: ErrorCode, path: string, found: string, todo: string, cause?: unknown): InputError {
  return new InputError(code, { doing: `reading ${quote(path)}`, found, todo, cause });
}

function octal(mode: number): string {
  return (mode & 0o7777).toString(8).padStart(4, '0');
}
