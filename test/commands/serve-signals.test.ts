/** Signals while a run waits for its request. A kubelet sends none but SIGKILL; people and service managers do. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { type TestContext, test } from 'node:test';
import { type Build, builds } from '../built.ts';

interface Waiting {
  readonly child: ChildProcess;
  /** All of stdout and stderr, so far. */
  readonly output: { stdout: string; stderr: string };
}

/** Hang-up is the last signal that main takes, and one that no runtime takes by itself. */
const hangUp = 1;

/** Starts a run whose stdin stays open, and waits until it takes signals. */
async function start(t: TestContext, { command }: Pick<Build, 'command'>): Promise<Waiting> {
  const [program = '', ...args] = command;
  const child = spawn(program, args, { cwd: '/', env: {}, stdio: 'pipe' });
  t.after(() => child.kill('SIGKILL'));
  const output = { stdout: '', stderr: '' };
  child.stdout.on('data', (chunk: Buffer) => (output.stdout += chunk));
  child.stderr.on('data', (chunk: Buffer) => (output.stderr += chunk));
  while (!takes(hangUp, child)) await new Promise((resolve) => setImmediate(resolve));
  return { child, output };
}

/** The kernel's own word for it. */
function takes(signalNumber: number, { pid }: ChildProcess): boolean {
  const mask = /^SigCgt:\s*([0-9a-f]+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? '0';
  return ((BigInt(`0x${mask}`) >> BigInt(signalNumber - 1)) & 1n) === 1n;
}

for (const build of builds) {
  for (const [signal, number] of [
    ['SIGTERM', 15],
    ['SIGINT', 2],
    ['SIGHUP', 1],
  ] as const) {
    test(`${build.name}: ${signal} ends a run with ${128 + number} and one line (F-P05)`, async (t) => {
      const { child, output } = await start(t, build);
      child.kill(signal);
      assert.deepEqual(await once(child, 'close'), [128 + number, null]);
      assert.deepEqual(output, { stdout: '', stderr: `purser: STOPPED: running: ${signal} came; run it again` });
    });
  }

  test(`${build.name}: SIGUSR1 opens no debugger (R-SEC-02)`, async (t) => {
    const { child, output } = await start(t, build);
    child.kill('SIGUSR1');
    child.stdin?.end();
    await once(child, 'close');
    assert.doesNotMatch(output.stderr, /debugger/i);
  });
}

test('portable: without --disable-sigusr1 Node would open one', async (t) => {
  const [node = '', , bundle = ''] = builds[0].command;
  const { child, output } = await start(t, { command: [node, '--inspect-port=0', bundle] });
  child.kill('SIGUSR1');
  while (!output.stderr.includes('Debugger listening on ws://')) await once(child.stderr ?? child, 'data');
});
