/**
 * The built files, run as a kubelet runs them: each black-box test runs against both and expects the same bytes, in
 * surroundings that must not matter.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, closeSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { hostileEnvironment, hostileFolder } from './hostile.ts';
import { filledPipe } from './pipe.ts';

const dist = fileURLToPath(new URL('../dist/', import.meta.url));

/** How each built file is started. */
export const builds = [
  { name: 'portable', command: [process.execPath, '--disable-sigusr1', join(dist, 'purser.cjs')] },
  { name: 'standalone', command: [join(dist, 'purser')] },
] as const;

export type Build = { readonly name: string; readonly command: readonly string[] };

export interface RunOptions {
  readonly args?: readonly string[];
  /** Added to a hostile environment, which must not matter. */
  readonly env?: Readonly<Record<string, string>>;
  /** Written to stdin, which is then closed; `open` leaves it open; a number is an inherited descriptor. */
  readonly stdin?: string | Uint8Array | 'open' | number;
  /** A hostile folder, unless the test is about another one. */
  readonly cwd?: string;
  /** Milliseconds until SIGKILL; a kubelet waits a minute. */
  readonly timeout?: number;
}

export interface RunResult {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs to the end, at most as long as a kubelet would let it. */
export function run(build: Build, options: RunOptions = {}): Promise<RunResult> {
  return spawnTo(build, 'pipe', options);
}

/** The same with stdout going to a descriptor. */
export function spawnTo(build: Build, stdout: 'pipe' | number, options: RunOptions = {}): Promise<RunResult> {
  const { args = [], env = {}, stdin = '', cwd = hostileFolder(), timeout = 60_000 } = options;
  const [program = '', ...first] = build.command;
  // A kubelet's request is in the pipe before the plugin looks.
  const filled = typeof stdin === 'number' || stdin === 'open' ? undefined : filledPipe(stdin);
  const child = spawn(program, [...first, ...args], {
    cwd,
    env: { PATH: '/usr/bin:/bin', ...hostileEnvironment(build.name), ...env },
    stdio: [typeof stdin === 'number' ? stdin : (filled ?? 'pipe'), stdout, 'pipe'],
    timeout,
    killSignal: 'SIGKILL',
  });
  if (filled !== undefined) closeSync(filled);
  const out: Buffer[] = [];
  const err: Buffer[] = [];
  child.stdout?.on('data', (chunk: Buffer) => out.push(chunk));
  child.stderr?.on('data', (chunk: Buffer) => err.push(chunk));
  // A plugin may exit without reading all of stdin.
  child.stdin?.on('error', () => undefined);
  if (typeof stdin !== 'number' && stdin !== 'open') child.stdin?.end(stdin);
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => {
      resolve({ code, signal, stdout: Buffer.concat(out).toString(), stderr: Buffer.concat(err).toString() });
    });
  });
}

/** Resolves when main has begun: hang-up is the last signal that it takes, and one that no runtime takes by itself. */
export async function untilStarted({ pid }: ChildProcess): Promise<void> {
  const hangUp = 1n;
  for (;;) {
    // The kernel's own word for it.
    const mask = /^SigCgt:\s*([0-9a-f]+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? '0';
    if ((BigInt(`0x${mask}`) & hangUp) !== 0n) return;
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** The built file started by a shell, whose script names it `"$0" "$@"`. */
export function shell(build: Build, script: string): Build {
  return { name: build.name, command: ['sh', '-c', script, ...build.command] };
}

/** Why a test that needs root does not run; CI is root. */
export const notRoot = process.getuid?.() === 0 ? false : 'needs root';

/** A kubelet's request, to the letter. */
export function requestFor(image: string, version = 'v1'): string {
  return `{"kind":"CredentialProviderRequest","apiVersion":"credentialprovider.kubelet.k8s.io/${version}","image":"${image}"}\n`;
}

/** A folder of files that only their owner can read, gone when the test ends. */
export function folder(t: TestContext, files: Readonly<Record<string, string>> = {}): string {
  const path = mkdtempSync(join(tmpdir(), 'purser-test-'));
  t.after(() => rmSync(path, { recursive: true, force: true }));
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(path, name)), { recursive: true, mode: 0o700 });
    writeFileSync(join(path, name), content, { mode: 0o600 });
    chmodSync(join(path, name), 0o600);
  }
  return path;
}
