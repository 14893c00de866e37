/**
 * The only file that touches the process: streams, arguments, environment, clock, exit code. It wires and decides
 * nothing. Before anything else is loaded it makes the process safe, because the environment and the working directory
 * of a node agent can hold more than meant (docs/runtime.md); so it imports statically only node: modules that do
 * nothing when loaded.
 */
import { closeSync, constants, fstatSync, openSync, readSync, writeSync } from 'node:fs';
import type { Clock, Deadline } from './clock.ts';
import type { Edge, StdinFault } from './edge.ts';

// Without handlers both runtimes print the error with its properties and source lines, secrets included. Both of the
// first two are needed: an unhandled rejection does not reach the first under Bun. The third: a program that waits for
// what never comes would end with 0, and a kubelet would take nothing for an answer.
for (const event of ['uncaughtException', 'unhandledRejection', 'beforeExit'] as const)
  process.on(event, failUnforeseen);
const startDirectory = workingDirectory();
// Both runtimes resolve modules from the working directory in some cases; nothing below / may be found.
process.chdir('/');
process.umask(0o077);
scrubEnvironment();
for (const [signal, number] of [
  ['SIGINT', 2],
  ['SIGTERM', 15],
  ['SIGHUP', 1],
] as const) {
  process.on(signal, () => {
    writeError(`purser: STOPPED: running: ${signal} came; run it again${isTerminal(2) ? '\n' : ''}`);
    process.exit(128 + number);
  });
}
void run();

async function run(): Promise<void> {
  const { PurserError } = await import('./errors.ts');
  const edge: Edge = {
    argv: process.argv.slice(2),
    env: process.env,
    startDirectory,
    uid: process.getuid?.(),
    runtime: runtimeFacts(),
    clock,
    deadline: createDeadline,
    readStdin,
    isTerminal,
    writeOut: (text) => {
      try {
        writeAll(1, text);
      } catch (cause) {
        const facts = { doing: 'writing to stdout', found: 'it is closed or full', todo: 'look at what reads it' };
        throw new PurserError('OUTPUT', { ...facts, cause });
      }
    },
    writeError,
  };
  try {
    const { providers } = await import('../providers/index.ts');
    // A kubelet gives no arguments unless told to: its way loads no argument parser.
    if (edge.argv.length === 0 && !isTerminal(0)) {
      const { serve } = await import('./commands/serve.ts');
      process.exit(await serve({}, edge, providers));
    }
    const { runCommand } = await import('./cli.ts');
    process.exit(await runCommand(edge, providers));
  } catch (error) {
    await fail(error);
  }
}

function runtimeFacts(): Edge['runtime'] {
  const bun = process.versions['bun'];
  return bun === undefined ? { name: 'node', version: process.versions.node } : { name: 'bun', version: bun };
}

async function fail(error: unknown): Promise<never> {
  const { describe, exitCodeOf } = await import('./errors.ts');
  writeError(`${describe(error)}${isTerminal(2) ? '\n' : ''}`);
  // Not exitCode and a natural end: a stuck resolver or socket would keep the process, and the kubelet, waiting.
  process.exit(exitCodeOf(error));
}

/** Loads nothing: whatever broke, this must not. The line is that of errors.ts for what is not a PurserError. */
function failUnforeseen(): never {
  const line =
    'purser: INTERNAL: running: an unexpected error; this is a bug in purser, please report it with the image name';
  writeError(`${line}${isTerminal(2) ? '\n' : ''}`);
  process.exit(1);
}

function workingDirectory(): string | undefined {
  try {
    return process.cwd();
  } catch {
    // It was deleted; only commands that take relative paths need it, and they say so.
    return undefined;
  }
}

/** Variables that mean something to this program; everything else could only change how the runtime behaves. */
function scrubEnvironment(): void {
  // Node collects coverage from its very start and would write it at the end; this is the one way to stop it.
  if (process.env['NODE_V8_COVERAGE'] && process.versions['bun'] === undefined)
    process.getBuiltinModule('node:v8').stopCoverage();
  const kept = new Set(['PURSER_CONFIG', 'PURSER_LOG', 'SSL_CERT_FILE', 'SSL_CERT_DIR', 'NO_COLOR', 'TERM', 'COLUMNS']);
  for (const name of Object.keys(process.env)) {
    if (!kept.has(name)) delete process.env[name];
  }
}

const clock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  sleep: (milliseconds, signal) =>
    new Promise((resolve, reject) => {
      const stop = (): void => {
        clearTimeout(timer);
        reject(signal?.reason);
      };
      const timer = setTimeout(() => {
        signal?.removeEventListener('abort', stop);
        resolve();
      }, milliseconds);
      if (signal?.aborted) stop();
      signal?.addEventListener('abort', stop, { once: true });
    }),
};

function createDeadline(milliseconds: number): Deadline {
  const end = performance.now() + milliseconds;
  const controller = new AbortController();
  // It keeps the process: then what never ends is said to be late, and not nothing.
  setTimeout(() => controller.abort(), milliseconds);
  return { signal: controller.signal, remaining: () => Math.max(0, end - performance.now()) };
}

/** All of stdin, or why not. */
async function readStdin(maxBytes: number, milliseconds: number): Promise<StdinResult> {
  const stats = statsOf(0);
  // Bun throws out of the getter of process.stdin for a directory, and Node reports an empty one.
  if (stats === undefined || stats.isDirectory()) return { fault: 'unreadable' };
  const ready = stats.isFile() ? readReady(0, maxBytes) : stats.isFIFO() ? readPipe(maxBytes) : { chunks: [] };
  return 'chunks' in ready ? readStream(ready.chunks, maxBytes, milliseconds) : ready;
}

type StdinResult = { bytes: Uint8Array } | { fault: StdinFault };

/**
 * A kubelet has written its request, and closed the pipe, by the time this program runs. A second descriptor of the same
 * pipe, which does not block, then reads it without the modules of streams, which cost more than all the rest of an answer.
 */
function readPipe(maxBytes: number): StdinResult | { chunks: Uint8Array[] } {
  let descriptor: number;
  try {
    descriptor = openSync('/proc/self/fd/0', constants.O_RDONLY | constants.O_NONBLOCK);
  } catch {
    // Another user's pipe, or no /proc: the stream can read it.
    return { chunks: [] };
  }
  try {
    return readReady(descriptor, maxBytes);
  } finally {
    closeSync(descriptor);
  }
}

/** To the end, or as far as a pipe has bytes now: then what there was. */
function readReady(descriptor: number, maxBytes: number): StdinResult | { chunks: Uint8Array[] } {
  const chunks: Uint8Array[] = [];
  try {
    for (let length = 0; length <= maxBytes; ) {
      // What a pipe holds at most.
      const chunk = Buffer.allocUnsafe(64 * 1024);
      const count = readSync(descriptor, chunk, 0, chunk.length, null);
      if (count === 0) return { bytes: Buffer.concat(chunks) };
      chunks.push(chunk.subarray(0, count));
      length += count;
    }
    return { fault: 'too-large' };
  } catch (error) {
    return isRetry(error) ? { chunks } : { fault: 'unreadable' };
  }
}

/** A stream for what may take its time: a blocking read would block the timer and the signal handlers too. */
function readStream(chunks: Uint8Array[], maxBytes: number, milliseconds: number): Promise<StdinResult> {
  return new Promise((resolve) => {
    let length = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
    const timer = setTimeout(() => resolve({ fault: 'timeout' }), milliseconds);
    const finish = (result: StdinResult): void => {
      clearTimeout(timer);
      process.stdin.removeAllListeners().pause();
      resolve(result);
    };
    process.stdin
      .on('data', (chunk: Uint8Array) => {
        length += chunk.length;
        chunks.push(chunk);
        if (length > maxBytes) finish({ fault: 'too-large' });
      })
      .on('end', () => finish({ bytes: Buffer.concat(chunks) }))
      .on('error', () => finish({ fault: 'unreadable' }));
  });
}

function statsOf(descriptor: number): ReturnType<typeof fstatSync> | undefined {
  try {
    return fstatSync(descriptor);
  } catch {
    return undefined;
  }
}

/** Terminals are character devices; asking further needs a module that the kubelet's way should not load. */
function isTerminal(descriptor: 0 | 1 | 2): boolean {
  if (statsOf(descriptor)?.isCharacterDevice() !== true) return false;
  const stream = [process.stdin, process.stdout, process.stderr][descriptor];
  return stream?.isTTY === true;
}

function writeError(text: string): void {
  try {
    writeAll(2, text);
  } catch {
    // Whoever closed stderr did not want to read this; the exit code still tells.
    return;
  }
}

/** A full non-blocking pipe takes a part, or says EAGAIN until its reader comes; ten seconds without a byte is gone. */
function writeAll(descriptor: number, text: string): void {
  const bytes = Buffer.from(text);
  let written = 0;
  let waited = 0;
  while (written < bytes.length) {
    try {
      written += writeSync(descriptor, bytes, written);
      waited = 0;
    } catch (error) {
      if (!isRetry(error) || waited >= 10_000) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
      waited += 5;
    }
  }
}

function isRetry(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EAGAIN';
}
