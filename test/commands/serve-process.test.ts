/** Output that cannot be written, and processes started in odd ways. Ids: docs/requirements.md. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  closeSync,
  constants,
  copyFileSync,
  linkSync,
  mkdtempSync,
  openSync,
  readSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { type Build, builds, folder, notRoot, requestFor, run, shell, spawnTo } from '../built.ts';

const request = requestFor('registry.example.com/team/app');
const answer =
  '{"apiVersion":"credentialprovider.kubelet.k8s.io/v1","kind":"CredentialProviderResponse","cacheKeyType":"Registry","cacheDuration":"300s","auth":{"registry.example.com":{"username":"robot","password":"s3cret"}}}\n';

function staticConfig(t: TestContext, password = 's3cret'): string {
  const path = folder(t, { password });
  return join(
    folder(t, {
      'config.json': JSON.stringify({
        apiVersion: 'purser/v1',
        kind: 'PurserConfig',
        registries: [
          {
            matchImages: ['registry.example.com'],
            provider: 'static',
            username: 'robot',
            passwordFile: `${path}/password`,
          },
        ],
      }),
    }),
    'config.json',
  );
}

for (const build of builds) {
  test(`${build.name}: ends with 8 when the reader of stdout is gone (F-P01)`, async (t) => {
    const path = folder(t);
    execFileSync('mkfifo', [`${path}/stdout`]);
    const reader = openSync(`${path}/stdout`, constants.O_RDONLY | constants.O_NONBLOCK);
    const writer = openSync(`${path}/stdout`, constants.O_WRONLY);
    closeSync(reader);
    const result = await spawnTo(build, writer, { stdin: request, env: { PURSER_CONFIG: staticConfig(t) } });
    closeSync(writer);
    assert.equal(result.code, 8);
    assert.match(result.stderr, /^purser: OUTPUT: writing to stdout: [^\n]+$/);
  });

  test(`${build.name}: ends with 8 when the reader leaves in the middle of the write (F-P01, R-SEC-06)`, async (t) => {
    const path = folder(t);
    execFileSync('mkfifo', [`${path}/stdout`]);
    const reader = openSync(`${path}/stdout`, constants.O_RDONLY | constants.O_NONBLOCK);
    const writer = openSync(`${path}/stdout`, constants.O_WRONLY);
    const config = staticConfig(t, 'x'.repeat(300_000));
    const pending = spawnTo(build, writer, { stdin: request, env: { PURSER_CONFIG: config } });
    closeSync(writer);
    // The first bytes prove that the write has begun; more than a pipe holds is still to come.
    await firstBytes(reader);
    closeSync(reader);
    const result = await pending;
    assert.equal(result.code, 8);
    assert.match(result.stderr, /^purser: OUTPUT: [^\n]+$/);
  });

  test(`${build.name}: writes a large answer whole to a slow reader of a non-blocking pipe`, async (t) => {
    const path = folder(t);
    execFileSync('mkfifo', [`${path}/stdout`]);
    const reader = openSync(`${path}/stdout`, constants.O_RDONLY | constants.O_NONBLOCK);
    const writer = openSync(`${path}/stdout`, constants.O_WRONLY | constants.O_NONBLOCK);
    const password = 'x'.repeat(300_000);
    const config = staticConfig(t, password);
    const pending = spawnTo(build, writer, { stdin: request, env: { PURSER_CONFIG: config } });
    closeSync(writer);
    const first = await firstBytes(reader);
    const rest = await readToEnd(reader);
    closeSync(reader);
    assert.equal((await pending).code, 0);
    assert.equal(Buffer.concat([first, rest]).toString(), answer.replace('s3cret', password));
  });

  test(`${build.name}: ends with 8 on a full device (F-P03)`, async (t) => {
    const config = staticConfig(t);
    const result = await run(shell(build, 'exec "$0" "$@" >/dev/full'), {
      stdin: request,
      env: { PURSER_CONFIG: config },
    });
    assert.equal(result.code, 8);
    assert.match(result.stderr, /^purser: OUTPUT: [^\n]+$/);
  });

  for (const [what, redirect, stdout] of [
    ['stdout', '>&-', ''],
    ['stderr', '2>&-', answer],
    ['both', '>&- 2>&-', ''],
  ] as const) {
    test(`${build.name}: does not fail for ${what} closed at the start (F-P02)`, async (t) => {
      const config = staticConfig(t);
      const result = await run(shell(build, `exec "$0" "$@" ${redirect}`), {
        stdin: request,
        env: { PURSER_CONFIG: config },
      });
      assert.deepEqual(result, { code: 0, signal: null, stdout, stderr: '' });
    });
  }

  test(`${build.name}: a closed stderr leaves the exit code of a failure as it is (F-P02)`, async () => {
    const result = await run(shell(build, 'exec "$0" "$@" 2>&-'), { stdin: '{}' });
    assert.deepEqual(result, { code: 3, signal: null, stdout: '', stderr: '' });
  });

  test(`${build.name}: answers with 10,000 variables, odd locale and zone, no HOME (F-P10)`, async (t) => {
    const env: Record<string, string> = {
      ...Object.fromEntries(Array.from({ length: 10_000 }, (_, index) => [`FILLER_${index}`, 'x'.repeat(20)])),
      LC_ALL: 'tr_TR.UTF-8',
      TZ: 'Mars/Phobos',
      HOME: '/nonexistent',
      PURSER_CONFIG: staticConfig(t),
    };
    assert.deepEqual(await run(build, { stdin: request, env }), { code: 0, signal: null, stdout: answer, stderr: '' });
  });

  test(`${build.name}: answers a user without a passwd entry (F-P10)`, { skip: notRoot }, async (t) => {
    const config = staticConfig(t);
    const owned = dirname(config);
    execFileSync('chown', ['-R', '54321:54321', owned, dirname(passwordFileOf(config))]);
    const command = ['setpriv', '--reuid', '54321', '--regid', '54321', '--clear-groups', ...reachable(t, build)];
    const result = await run({ name: build.name, command }, { stdin: request, env: { PURSER_CONFIG: config } });
    assert.deepEqual(result, { code: 0, signal: null, stdout: answer, stderr: '' });
  });

  test(`${build.name}: answers on a read-only root without /tmp (F-P10, F-P11)`, { skip: notRoot }, async (t) => {
    const config = staticConfig(t);
    const script = 'mount --make-rprivate / && mount -o bind / / && mount -o remount,ro,bind / && exec "$0" "$@"';
    const command = ['unshare', '-m', 'sh', '-c', script, ...build.command];
    const result = await run({ name: build.name, command }, { stdin: request, env: { PURSER_CONFIG: config } });
    assert.deepEqual(result, { code: 0, signal: null, stdout: answer, stderr: '' });
  });
}

const [, standalone] = builds;

test('standalone: answers under another name, by symbolic and by hard link (F-P09)', async (t) => {
  const [program = ''] = standalone.command;
  const path = mkdtempSync(join(dirname(program), 'links-'));
  t.after(() => rmSync(path, { recursive: true, force: true }));
  symlinkSync(program, join(path, 'symbolic'));
  linkSync(program, join(path, 'hard'));
  copyFileSync(program, join(path, 'ecr-credential-provider'));
  const config = staticConfig(t);
  for (const name of ['symbolic', 'hard', 'ecr-credential-provider']) {
    const result = await run({ name, command: [join(path, name)] }, { stdin: request, env: { PURSER_CONFIG: config } });
    assert.deepEqual(result, { code: 0, signal: null, stdout: answer, stderr: '' });
  }
});

test('standalone: answers from a read-only mount (F-P09)', { skip: notRoot }, async (t) => {
  const [program = ''] = standalone.command;
  const config = staticConfig(t);
  const mount = folder(t);
  const script = `mount --make-rprivate / && mount --bind ${dirname(program)} ${mount} && mount -o remount,ro,bind ${mount} && exec ${mount}/purser`;
  const command = ['unshare', '-m', 'sh', '-c', script];
  const result = await run({ name: 'read-only', command }, { stdin: request, env: { PURSER_CONFIG: config } });
  assert.deepEqual(result, { code: 0, signal: null, stdout: answer, stderr: '' });
});

function passwordFileOf(config: string): string {
  const text = execFileSync('cat', [config], { encoding: 'utf8' });
  return JSON.parse(text).registries[0].passwordFile;
}

/** The checkout may lie where only root can go; another user gets copies. */
function reachable(t: TestContext, build: Build): readonly string[] {
  const path = folder(t);
  execFileSync('chmod', ['755', path]);
  return build.command.map((part, index) => {
    if (!part.startsWith('/')) return part;
    const copy = join(path, `${index}-${part.split('/').at(-1)}`);
    copyFileSync(part, copy);
    execFileSync('chmod', ['755', copy]);
    return copy;
  });
}

async function firstBytes(descriptor: number): Promise<Buffer> {
  for (;;) {
    const bytes = readSome(descriptor);
    if (bytes !== undefined && bytes.length > 0) return bytes;
    await new Promise((resolve) => setImmediate(resolve));
  }
}

async function readToEnd(descriptor: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for (;;) {
    const bytes = readSome(descriptor);
    if (bytes?.length === 0) return Buffer.concat(chunks);
    if (bytes !== undefined) chunks.push(bytes);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** Empty at the end, undefined where nothing has come yet. */
function readSome(descriptor: number): Buffer | undefined {
  const buffer = Buffer.alloc(4096);
  try {
    return buffer.subarray(0, readSync(descriptor, buffer));
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EAGAIN') return undefined;
    throw error;
  }
}
