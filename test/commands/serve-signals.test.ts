/** Signals while a run waits for its request. A kubelet sends none but SIGKILL; people and service managers do. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { type TestContext, test } from 'node:test';
import { type Build, builds, untilStarted } from '../built.ts';

interface Waiting {
  readonly child: ChildProcess;
  /** All of stdout and stderr, so far. */
  readonly output: { stdout: string; stderr: string };
}

/** Starts a run whose stdin stays open, and waits until it takes signals. */
async function start(t: TestContext, { command }: Pick<Build, 'command'>): Promise<Waiting> {
  const [program = '', ...args] = command;
  const child = spawn(program, args, { cwd: '/', env: {}, stdio: 'pipe' });
  t.after(() => child.kill('SIGKILL'));
  const output = { stdout: '', stderr: '' };
  child.stdout.on('data', (chunk: Buffer) => (output.stdout += chunk));
  child.stderr.on('data', (chunk: Buffer) => (output.stderr += chunk));
  await untilStarted(child);
  return { child, output };
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
