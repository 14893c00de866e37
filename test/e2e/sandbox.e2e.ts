/**
 * The driver is killed in the middle of its work, as a cancelled job in CI is: nothing that it started may outlive it.
 * Inside the sandbox of this very run another driver starts another one, so what is compared is all that this one sees.
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { needNode } from './node/surroundings.ts';
import { until } from './until.ts';

test('a SIGKILL of the driver leaves no process, mount, socket or file', { skip: needNode() }, async () => {
  const before = traces();
  const main = fileURLToPath(new URL('./main.ts', import.meta.url));
  const args = [main, '--kubelet', process.env['PURSER_E2E_KUBELET_VERSION'] ?? '', '--only', 'ImagePullBackOff'];
  // With this variable node:test takes the driver's own run for a part of this one, and does nothing.
  const env = { ...process.env, NODE_TEST_CONTEXT: undefined };
  const driver = spawn(process.execPath, args, { stdio: 'ignore', env });
  const known = new Set(before.processes);
  const programs = () =>
    processes()
      .filter((line) => !known.has(line))
      .map((line) => line.split(' ')[1]);
  const complete = ['containerd', 'containerd-shim', 'docker-registry', 'kubelet', 'say'];
  await until('a container in the other sandbox', () => complete.every((name) => programs().includes(name)), {
    seen: () => `${driver.exitCode} ${programs().join(' ')}`,
  });
  driver.kill('SIGKILL');
  // Left alone, the other run would end by itself, but not as soon.
  await until('everything to be gone', () => programs().length === 0, { within: 5, seen: () => programs().join(' ') });
  assert.deepEqual(traces(), before);
});

function traces() {
  return {
    processes: processes(),
    mounts: readFileSync('/proc/self/mountinfo', 'utf8').split('\n'),
    sockets: ['tcp', 'tcp6', 'unix'].map(sockets),
    // The folders that are this sandbox's own, and so nobody else's to change.
    files: ['/run', '/var/lib', '/var/log'].map((folder) => readdirSync(folder, { recursive: true }).sort()),
  };
}

/** How many there are, without the TCP connections that are over and only wait to be forgotten (TIME_WAIT is 06). */
function sockets(family: string): number {
  const lines = readFileSync(`/proc/net/${family}`, 'utf8').split('\n');
  return lines.filter((line) => line !== '' && !/^ *\d+: \S+ \S+ 06 /.test(line)).length;
}

/** Process ids and names of all that are seen from here. */
function processes(): readonly string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        return [`${pid} ${readFileSync(`/proc/${pid}/comm`, 'utf8').trimEnd()}`];
      } catch {
        // It has ended since.
        return [];
      }
    });
}
