/** Output that cannot be written, and processes started in odd ways. Ids: docs/requirements.md. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { closeSync, copyFileSync, linkSync, mkdtempSync, readSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { type Build, builds, folder, notRoot, requestFor, run, shell, spawnTo } from '../built.ts';
import { createPipe } from '../pipe.ts';

const request = requestFor('registry.example.com/team/app');
const answer =
  '{"apiVersion":"credentialprovider.kubelet.k8s.io/v1","kind":"CredentialProviderResponse","cacheKeyType":"Registry","cacheDuration":"300s","auth":{"registry.example.com":{"username":"robot","password":"s3cret"}}}\n';

const success = { code: 0, signal: null, stdout: answer, stderr: '' };

function staticConfig(t: TestContext, password = 's3cret'): string {
  const path = folder(t, { password });
  return join(folder(t, { 'config.json': JSON.stringify(configWith(`${path}/password`)) }), 'config.json');
}

function configWith(passwordFile: string): object {
  const entry = { matchImages: ['registry.example.com'], provider: 'static', username: 'robot', passwordFile };
  return { apiVersion: 'purser/v1', kind: 'PurserConfig', registries: [entry] };
}

for (const build of builds) {
  test(`${build.name}: ends with 8 when the reader of stdout is gone (F-P01)`, async (t) => {
    const { reader, writer } = createPipe();
    closeSync(reader);
    const result = await spawnTo(build, writer, { stdin: request, env: { PURSER_CONFIG: staticConfig(t) } });
    closeSync(writer);
    assert.equal(result.code, 8);
    assert.match(result.stderr, /^purser: OUTPUT: writing to stdout: [^\n]+$/);
  });

  test(`${build.name}: ends with 8 when the reader leaves in the middle of the write (F-P01, R-SEC-06)`, async (t) => {
    const { reader, writer } = createPipe();
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
    const { reader, writer } = createPipe();
    const password = 'x'.repeat(300_000);
    const config = staticConfig(t, password);
    // Whoever starts a process makes its pipes block; dd says otherwise afterwards.
    const program = shell(build, 'dd if=/dev/null oflag=nonblock status=none && exec "$0" "$@"');
    const pending = spawnTo(program, writer, { stdin: request, env: { PURSER_CONFIG: config } });
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

  test(`${build.name}: answers with 10,000 variables (F-P10)`, async (t) => {
    const filler = Array.from({ length: 10_000 }, (_, index) => [`FILLER_${index}`, 'x'.repeat(20)]);
    const env = { ...Object.fromEntries(filler), PURSER_CONFIG: staticConfig(t) };
    assert.deepEqual(await run(build, { stdin: request, env }), success);
  });

  for (const odd of [
    { LC_ALL: 'C' },
    { LC_ALL: 'POSIX', LANG: 'POSIX' },
    { LC_ALL: 'tr_TR.UTF-8', LANG: 'tr_TR.UTF-8' },
    { TZ: 'Mars/Phobos' },
    { TZ: '' },
    { HOME: '' },
    { HOME: '/dev/null/home' },
    { TERM: 'nothing', COLUMNS: '0', PATH: '' },
  ]) {
    test(`${build.name}: answers with ${JSON.stringify(odd)} (F-P10)`, async (t) => {
      const env = { ...odd, PURSER_CONFIG: staticConfig(t) };
      assert.deepEqual(await run(build, { stdin: request, env }), success);
    });
  }

  test(`${build.name}: answers with no variables but one, HOME and PATH unset (F-P10)`, async (t) => {
    const bare = shell(build, `exec env -i PURSER_CONFIG="$PURSER_CONFIG" "$0" "$@"`);
    assert.deepEqual(await run(bare, { stdin: request, env: { PURSER_CONFIG: staticConfig(t) } }), success);
  });

  test(`${build.name}: answers a user without a passwd entry (F-P10)`, { skip: notRoot }, async (t) => {
    const config = staticConfig(t);
    const owned = dirname(config);
    execFileSync('chown', ['-R', '54321:54321', owned, dirname(passwordFileOf(config))]);
    const command = ['setpriv', '--reuid', '54321', '--regid', '54321', '--clear-groups', ...reachable(t, build)];
    const result = await run({ name: build.name, command }, { stdin: request, env: { PURSER_CONFIG: config } });
    assert.deepEqual(result, success);
  });

  test(`${build.name}: answers on a read-only root without /tmp, /etc and /dev (F-P10, F-P11)`, {
    skip: notRoot,
  }, async (t) => {
    const [program = '', ...args] = reachable(t, build);
    const files = dirname(program);
    const inside = (path: string): string => path.replace(files, '/purser');
    const config = JSON.stringify(configWith('/purser/password'));
    writeFileSync(join(files, 'config.json'), config, { mode: 0o600 });
    writeFileSync(join(files, 'password'), 's3cret', { mode: 0o600 });
    // Only what the loader needs, and /proc, which Bun does not start without.
    const script = `set -e; mount --make-rprivate /; mount -t tmpfs tmpfs "$NEW_ROOT"; cd "$NEW_ROOT"
      for name in usr lib lib64; do
        if [ -L /$name ]; then cp -P /$name $name; elif [ -d /$name ]; then mkdir $name; mount --rbind /$name $name; fi
      done
      mkdir proc purser; mount --rbind /proc proc; mount --bind "$FILES" purser
      mount -o remount,ro,bind purser; mount -o remount,ro "$NEW_ROOT"
      ! touch purser/x 2>/dev/null; ! touch x 2>/dev/null; [ ! -e tmp ] && [ ! -e etc ] && [ ! -e dev ]
      PATH="$PATH:/usr/sbin:/sbin" exec chroot . "$0" "$@"`;
    const command = ['unshare', '-m', 'sh', '-c', script, inside(program), ...args.map(inside)];
    const env = { PURSER_CONFIG: '/purser/config.json', NEW_ROOT: folder(t), FILES: files };
    assert.deepEqual(await run({ name: build.name, command }, { stdin: request, env }), success);
  });
}

const [portable, standalone] = builds;

test('standalone: answers under another name, by symbolic and by hard link (F-P09)', async (t) => {
  const [program] = standalone.command;
  const path = mkdtempSync(join(dirname(program), 'links-'));
  t.after(() => rmSync(path, { recursive: true, force: true }));
  symlinkSync(program, join(path, 'symbolic'));
  linkSync(program, join(path, 'hard'));
  copyFileSync(program, join(path, 'ecr-credential-provider'));
  const config = staticConfig(t);
  for (const name of ['symbolic', 'hard', 'ecr-credential-provider']) {
    const result = await run({ name, command: [join(path, name)] }, { stdin: request, env: { PURSER_CONFIG: config } });
    assert.deepEqual(result, success);
  }
});

test('portable: answers under another name and by a symbolic link (F-P09)', async (t) => {
  const path = folder(t);
  const bundle = portable.command.at(-1) ?? '';
  symlinkSync(bundle, join(path, 'symbolic.cjs'));
  copyFileSync(bundle, join(path, 'renamed'));
  const config = staticConfig(t);
  for (const name of ['symbolic.cjs', 'renamed']) {
    const command = [...portable.command.slice(0, -1), join(path, name)];
    const result = await run({ name: 'portable', command }, { stdin: request, env: { PURSER_CONFIG: config } });
    assert.deepEqual(result, success);
  }
});

test('standalone: answers from a read-only mount (F-P09)', { skip: notRoot }, async (t) => {
  const [program] = standalone.command;
  const config = staticConfig(t);
  const mount = folder(t);
  const script = `mount --make-rprivate / && mount --bind ${dirname(program)} ${mount} && mount -o remount,ro,bind ${mount} && ! touch ${mount}/x 2>/dev/null && exec ${mount}/purser`;
  const command = ['unshare', '-m', 'sh', '-c', script];
  const result = await run({ name: 'read-only', command }, { stdin: request, env: { PURSER_CONFIG: config } });
  assert.deepEqual(result, success);
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
