/** Files that serve reads and writes: whose they are, who can change or read them, and the log. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { builds, folder, notRoot, type RunResult, requestFor, run } from '../built.ts';

const request = requestFor('registry.example.com/team/app');
const canary = 'CANARY-51d0e2';
const [portable, standalone] = builds;

interface Setup {
  readonly path: string;
  readonly config: string;
  readonly password: string;
}

/** A config and a password file in a folder of their own; `entry` is merged into the one entry. */
function setup(t: TestContext, entry: Readonly<Record<string, unknown>> = {}, more = {}): Setup {
  const path = folder(t, { password: `${canary}\n` });
  const password = join(path, 'password');
  const config = join(path, 'config.json');
  const own = { matchImages: ['registry.example.com'], provider: 'static', username: 'robot', passwordFile: password };
  const document = { apiVersion: 'purser/v1', kind: 'PurserConfig', registries: [{ ...own, ...entry }], ...more };
  writeFileSync(config, JSON.stringify(document), { mode: 0o600 });
  return { path, config, password };
}

function serve({ config }: Setup, env: Readonly<Record<string, string>> = {}): Promise<RunResult> {
  return run(standalone, { stdin: request, env: { PURSER_CONFIG: config, ...env } });
}

function assertRefused(result: RunResult, code: string, found: RegExp): void {
  assert.equal(result.code, 2);
  assert.equal(result.stdout, '');
  assert.match(result.stderr, new RegExp(`^purser: ${code}: [^\\n]+$`));
  assert.match(result.stderr, found);
  assert.ok(!result.stderr.includes(canary));
}

test('a secret file that others can read is refused (F-D06, R-PROC-04)', async (t) => {
  for (const mode of [0o640, 0o604, 0o610, 0o601]) {
    const files = setup(t);
    chmodSync(files.password, mode);
    assertRefused(await serve(files), 'FILE_TRUST', /its mode is 06/);
  }
});

test('allowReadable accepts a secret file that others can read, but none that they can write (R-PROC-04)', async (t) => {
  const files = setup(t, { allowReadable: true });
  chmodSync(files.password, 0o644);
  assert.equal((await serve(files)).code, 0);
  chmodSync(files.password, 0o664);
  assertRefused(await serve(files), 'FILE_TRUST', /it is writable by others \(0664\)/);
});

test('a config with a password in it must be private (F-D06, R-PROC-04)', async (t) => {
  const files = setup(t, { passwordFile: undefined, password: canary });
  assert.equal((await serve(files)).code, 0);
  chmodSync(files.config, 0o644);
  assertRefused(await serve(files), 'FILE_TRUST', /it holds a secret and its mode is 0644/);
});

test('a config without a secret may be read by all', async (t) => {
  const files = setup(t);
  chmodSync(files.config, 0o644);
  assert.equal((await serve(files)).code, 0);
});

test('a folder on the way that others can write is refused, a sticky one is not (F-D06, R-PROC-04)', async (t) => {
  const files = setup(t);
  const open = join(files.path, 'open');
  mkdirSync(open);
  writeFileSync(join(open, 'password'), canary, { mode: 0o600 });
  const nested = setup(t, { passwordFile: join(open, 'password') });
  chmodSync(open, 0o777);
  assertRefused(await serve(nested), 'FILE_TRUST', /open is writable by others \(0777\)/);
  chmodSync(open, 0o1777);
  assert.equal((await serve(nested)).code, 0);
});

test('links are followed, and what they lead to is checked (R-PROC-04)', async (t) => {
  const files = setup(t);
  const link = join(files.path, 'link');
  symlinkSync(files.password, link);
  const linked = setup(t, { passwordFile: link });
  assert.equal((await serve(linked)).code, 0);
  chmodSync(files.password, 0o644);
  assertRefused(await serve(linked), 'FILE_TRUST', /0644/);
});

test('a file of another user is refused (F-D06, R-PROC-04)', { skip: notRoot }, async (t) => {
  const files = setup(t);
  execFileSync('chown', ['65534', files.password]);
  assertRefused(await serve(files), 'FILE_TRUST', /it belongs to user 65534/);
});

test("a user reads only what is root's or its own (R-PROC-04)", { skip: notRoot }, async (t) => {
  const files = setup(t);
  const other = folder(t, { password: canary });
  // Everything belongs to 65534 but one password file, which belongs to a third user.
  execFileSync('chown', ['-R', '65534:65534', files.path]);
  const [program = ''] = standalone.command;
  execFileSync('cp', [program, join(files.path, 'purser')]);
  chmodSync(join(files.path, 'purser'), 0o755);
  const command = ['setpriv', '--reuid', '65534', '--regid', '65534', '--clear-groups', join(files.path, 'purser')];
  const asNobody = { name: 'nobody', command };
  const good = await run(asNobody, { stdin: request, env: { PURSER_CONFIG: files.config } });
  assert.equal(good.code, 0, good.stderr);
  execFileSync('chown', ['12345', files.password]);
  chmodSync(files.password, 0o644);
  assertRefused(
    await run(asNobody, { stdin: request, env: { PURSER_CONFIG: files.config } }),
    'FILE_TRUST',
    /belongs to user 12345/,
  );
  chmodSync(other, 0o755);
  const unreadable = setup(t, { passwordFile: join(other, 'password') });
  execFileSync('chown', ['-R', '65534:65534', unreadable.path]);
  const result = await run(asNobody, { stdin: request, env: { PURSER_CONFIG: unreadable.config } });
  assertRefused(result, 'FILE_READ', /the system refused it \(EACCES\)/);
});

for (const [what, make, code, found] of [
  ['missing', (path: string) => execFileSync('rm', [path]), 'FILE_MISSING', /no such file/],
  ['empty', (path: string) => writeFileSync(path, ''), 'FILE_EMPTY', /it is empty/],
  ['one line end', (path: string) => writeFileSync(path, '\n'), 'FILE_EMPTY', /it is empty/],
  ['not UTF-8', (path: string) => writeFileSync(path, Buffer.from([0xff, 0xfe])), 'FILE_ENCODING', /not UTF-8/],
  ['too large', (path: string) => truncateSync(path, 1024 * 1024 + 1), 'FILE_TOO_LARGE', /more than 1048576 bytes/],
  [
    'a FIFO',
    (path: string) => execFileSync('sh', ['-c', `rm ${path}; mkfifo -m 600 ${path}`]),
    'FILE_READ',
    /not a regular file/,
  ],
  [
    'a folder',
    (path: string) => execFileSync('sh', ['-c', `rm ${path}; mkdir -m 700 ${path}`]),
    'FILE_READ',
    /not a regular file/,
  ],
  [
    'a link to itself',
    (path: string) => execFileSync('sh', ['-c', `rm ${path}; ln -s ${path} ${path}`]),
    'FILE_READ',
    /ELOOP/,
  ],
] as const) {
  test(`a secret file that is ${what} ends with 2 (F-D06)`, async (t) => {
    const files = setup(t);
    make(files.password);
    assertRefused(await serve(files), code, found);
  });
}

test('one final line end is stripped, nothing else (F-D06)', async (t) => {
  for (const [text, password] of [
    ['a\n', 'a'],
    ['a\r\n', 'a'],
    ['a\n\n', 'a\n'],
    [' a ', ' a '],
    ['a\r', 'a\r'],
  ] as const) {
    const files = setup(t);
    writeFileSync(files.password, text);
    const result = await serve(files);
    assert.equal(JSON.parse(result.stdout).auth['registry.example.com'].password, password);
  }
});

test('a config that is named must be there, the default one need not', {
  skip: existsSync('/etc/purser') && 'this machine has a config',
}, async () => {
  const missing = await run(standalone, { stdin: request, env: { PURSER_CONFIG: '/nonexistent/config.yaml' } });
  assertRefused(missing, 'CONFIG_MISSING', /no such file/);
  const absent = await run(standalone, { stdin: request });
  assert.equal(absent.code, 0);
  assert.match(absent.stdout, /"auth":null/);
});

test('--config comes before PURSER_CONFIG', async (t) => {
  const files = setup(t);
  const args = ['--config', files.config];
  const result = await run(portable, { stdin: request, args, env: { PURSER_CONFIG: '/nonexistent' } });
  assert.equal(result.code, 0, result.stderr);
});

test('no error, log or file holds a secret that stands in a broken config (R-SEC-01)', async (t) => {
  const broken = [
    `{"apiVersion":"purser/v1","password":"${canary}`,
    `{"apiVersion":"purser/v1","kind":"PurserConfig","registries":[{"password":"${canary}","password":"${canary}"}]}`,
    `apiVersion: purser/v1\nkind: PurserConfig\nregistries:\n  - password: "${canary}\n`,
    `apiVersion: purser/v1\nkind: PurserConfig\nregistries:\n  - password: *${canary}\n`,
    `${canary}`,
    `apiVersion: ${canary}\nkind: ${canary}\nregistries: ${canary}\n`,
    `apiVersion: purser/v1\nkind: PurserConfig\nregistries:\n - {matchImages: [a.b], provider: static, username: [${canary}], password: {x: ${canary}}}\n`,
    `!!binary ${canary}\n`,
    `{"apiVersion":"purser/v1","kind":"PurserConfig","registries":[{"matchImages":["a.b"],"provider":"static","username":"u","password":["${canary}"]}]}`,
  ];
  for (const text of broken) {
    const path = folder(t, { 'config.yaml': text });
    const log = join(path, 'log');
    for (const build of builds) {
      const result = await run(build, {
        stdin: request,
        env: { PURSER_CONFIG: join(path, 'config.yaml'), PURSER_LOG: log },
      });
      assertRefused(result, 'CONFIG_[A-Z_]+', /./);
      assert.ok(!readFileSync(log, 'utf8').includes(canary), text);
    }
  }
});

test('the log keeps one private line a run, with the outcome and no secret (R-SEC-08)', async (t) => {
  const files = setup(t);
  const log = join(files.path, 'log');
  for (const build of builds) {
    await run(build, { stdin: request, env: { PURSER_CONFIG: files.config, PURSER_LOG: log } });
    await run(build, { stdin: '{', env: { PURSER_CONFIG: files.config, PURSER_LOG: log } });
  }
  const text = readFileSync(log, 'utf8');
  const lines = text.split('\n');
  assert.equal(lines.length, 5);
  assert.match(
    lines[0] ?? '',
    /^\d{4}-\d\d-\d\dT[\d:.]+Z \| [0-9a-f]{8} \| \d+ms \| registry\.example\.com\/team\/app \| static: 1 credentials for user robot, Registry 300s$/,
  );
  assert.match(lines[1] ?? '', /\| - \| purser: REQ_SYNTAX: /);
  assert.ok(!text.includes(canary));
  assert.equal(statSync(log).mode & 0o777, 0o600);
});

test('PURSER_LOG comes before log: in the config', async (t) => {
  const files = setup(t);
  const [inConfig, inEnvironment] = [join(files.path, 'a'), join(files.path, 'b')];
  const logged = setup(t, {}, { log: inConfig });
  await serve(logged);
  assert.ok(existsSync(inConfig));
  await serve(logged, { PURSER_LOG: inEnvironment });
  assert.equal(readFileSync(inConfig, 'utf8').split('\n').length, 2);
  assert.equal(readFileSync(inEnvironment, 'utf8').split('\n').length, 2);
});

test('a log that cannot be written changes nothing', async (t) => {
  const files = setup(t);
  const target = join(files.path, 'target');
  writeFileSync(target, '');
  symlinkSync(target, join(files.path, 'link'));
  execFileSync('mkfifo', [join(files.path, 'fifo')]);
  for (const log of [
    '/nonexistent/log',
    'relative',
    '/',
    join(files.path, 'link'),
    join(files.path, 'fifo'),
    '/dev/full',
  ]) {
    const result = await serve(files, { PURSER_LOG: log });
    assert.equal(result.code, 0, log);
    assert.equal(result.stderr, '');
  }
  assert.equal(readFileSync(target, 'utf8'), '');
});

test('a log beyond 10 MiB is renamed and begun again', async (t) => {
  const files = setup(t);
  const log = join(files.path, 'log');
  writeFileSync(log, '', { mode: 0o600 });
  truncateSync(log, 10 * 1024 * 1024 + 1);
  await serve(files, { PURSER_LOG: log });
  assert.equal(statSync(`${log}.1`).size, 10 * 1024 * 1024 + 1);
  assert.equal(readFileSync(log, 'utf8').split('\n').length, 2);
  assert.equal(statSync(log).mode & 0o777, 0o600);
});

test('a log that cannot be renamed changes nothing', async (t) => {
  const files = setup(t);
  const log = join(files.path, 'log');
  writeFileSync(log, '', { mode: 0o600 });
  truncateSync(log, 10 * 1024 * 1024 + 1);
  mkdirSync(join(`${log}.1`, 'in-the-way'), { recursive: true });
  const result = await serve(files, { PURSER_LOG: log });
  assert.equal(result.code, 0);
  assert.equal(result.stderr, '');
});

test('a line of the log is one line of at most 4 KiB, whatever the image (R-SEC-07)', async (t) => {
  const files = setup(t);
  const log = join(files.path, 'log');
  const image = `registry.example.com/\\n\\u202e\\u0000${'x'.repeat(100_000)}`;
  await run(standalone, { stdin: requestFor(image), env: { PURSER_CONFIG: files.config, PURSER_LOG: log } });
  const bytes = readFileSync(log);
  assert.ok(bytes.length > 0 && bytes.length <= 4096, `${bytes.length} bytes`);
  assert.match(bytes.toString('utf8'), /^[^\p{Cc}\p{Cf}]+\n$/u);
});

test('a user who may not write the log gets the same answer', { skip: notRoot }, async (t) => {
  const files = setup(t);
  const log = join(folder(t, { log: '' }), 'log');
  execFileSync('chown', ['-R', '65534:65534', files.path]);
  const [program] = standalone.command;
  execFileSync('install', ['-m', '755', program, join(files.path, 'purser')]);
  const command = ['setpriv', '--reuid', '65534', '--regid', '65534', '--clear-groups', join(files.path, 'purser')];
  const env = { PURSER_CONFIG: files.config, PURSER_LOG: log };
  const result = await run({ name: 'nobody', command }, { stdin: request, env });
  assert.equal(result.code, 0, result.stderr);
  assert.equal(readFileSync(log, 'utf8'), '');
});
