/** Docker configs on a real disk, through both built files: what is answered, what is passed over, what is refused. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { builds, folder, notRoot, type RunResult, requestFor, run } from '../built.ts';

const [, standalone] = builds;
const canary = 'CANARY-7be1';
const auths = (keys: Readonly<Record<string, object>>): string => JSON.stringify({ auths: keys });
const good = auths({ 'reg.example': { username: 'robot', password: canary } });
const bad = good.slice(0, -2);

/** A config whose one entry has these members. */
function purserConfig(t: TestContext, members: object): string {
  const registries = [{ matchImages: ['reg.example'], provider: 'docker-config', ...members }];
  const document = { apiVersion: 'purser/v1', kind: 'PurserConfig', registries };
  return join(folder(t, { 'config.json': JSON.stringify(document) }), 'config.json');
}

function serve(config: string, image = 'reg.example/team/app'): Promise<RunResult> {
  return run(standalone, { stdin: requestFor(image), env: { PURSER_CONFIG: config } });
}

function assertRefused(result: RunResult, code: string, found: RegExp): void {
  assert.deepEqual([result.code, result.stdout], [2, '']);
  assert.match(
    result.stderr,
    new RegExp(`^purser: ${code}: reading "[^"]+" for registries\\[0\\] \\(docker-config\\): `),
  );
  assert.match(result.stderr, found);
  assert.ok(!result.stderr.includes(canary));
}

for (const build of builds) {
  test(`${build.name}: answers from a config.json, for the host or for the image alone`, async (t) => {
    const path = folder(t, {
      'config.json': auths({
        'reg.example': { auth: Buffer.from('robot:s3:cret').toString('base64') },
        'https://*.example.org/v1/': { username: 'wide', password: 'p1' },
        'reg.example.org/team': { username: 'team', password: 'p2' },
      }),
    });
    const matchImages = ['reg.example', 'reg.example.org'];
    const config = purserConfig(t, { matchImages, path: join(path, 'config.json') });
    const ask = (image: string) => run(build, { stdin: requestFor(image), env: { PURSER_CONFIG: config } });
    const start = '{"apiVersion":"credentialprovider.kubelet.k8s.io/v1","kind":"CredentialProviderResponse",';
    assert.deepEqual(await ask('reg.example/team/app'), {
      code: 0,
      signal: null,
      stdout: `${start}"cacheKeyType":"Registry","cacheDuration":"300s","auth":{"reg.example":{"username":"robot","password":"s3:cret"}}}\n`,
      stderr: '',
    });
    assert.deepEqual(await ask('reg.example.org/team/app'), {
      code: 0,
      signal: null,
      stdout: `${start}"cacheKeyType":"Image","cacheDuration":"300s","auth":{"reg.example.org/team/app":{"username":"team","password":"p2"},"reg.example.org/team":{"username":"wide","password":"p1"}}}\n`,
      stderr: '',
    });
  });
}

test('a docker config that others can read is refused, unless the entry allows it (F-D06, R-PROC-04)', async (t) => {
  const path = join(folder(t, { 'config.json': good }), 'config.json');
  for (const mode of [0o640, 0o604]) {
    chmodSync(path, mode);
    assertRefused(await serve(purserConfig(t, { path })), 'FILE_TRUST', /its mode is 06/);
    assert.equal((await serve(purserConfig(t, { path, allowReadable: true }))).code, 0);
  }
});

test('a docker config that others can write is refused, whatever the entry says (R-PROC-04)', async (t) => {
  const path = join(folder(t, { 'config.json': good }), 'config.json');
  chmodSync(path, 0o620);
  assertRefused(await serve(purserConfig(t, { path, allowReadable: true })), 'FILE_TRUST', /writable by others/);
});

test('a search does not pass over what fails the rule of owners and modes (R-PROC-04)', async (t) => {
  const files = { 'root/config.json': good, 'work/config.json': good };
  const path = folder(t, files);
  const config = purserConfig(t, { rootDir: join(path, 'root'), workingDir: join(path, 'work') });
  assert.equal((await serve(config)).code, 0);
  chmodSync(join(path, 'root/config.json'), 0o644);
  assertRefused(await serve(config), 'FILE_TRUST', /its mode is 0644/);
});

test('a search does not pass over the file of another user (R-PROC-04)', { skip: notRoot }, async (t) => {
  const path = folder(t, { 'root/config.json': good, 'work/config.json': good });
  execFileSync('chown', ['65534', join(path, 'root/config.json')]);
  const config = purserConfig(t, { rootDir: join(path, 'root'), workingDir: join(path, 'work') });
  assertRefused(await serve(config), 'FILE_TRUST', /it belongs to user 65534/);
});

for (const [what, make] of [
  ['absent', (path: string) => rmSync(path)],
  ['broken', (path: string) => writeFileSync(path, bad)],
  ['empty', (path: string) => writeFileSync(path, '')],
  ['a list', (path: string) => writeFileSync(path, '[]')],
  ['marked as UTF-8', (path: string) => writeFileSync(path, `\uFEFF${good}`)],
  ['spoilt by one bad auth', (path: string) => writeFileSync(path, auths({ 'reg.example': { auth: canary } }))],
  ['a folder', (path: string) => replace(path, () => mkdirSync(path, { mode: 0o700 }))],
  ['a FIFO', (path: string) => replace(path, () => execFileSync('mkfifo', ['-m', '600', path]))],
  ['a link to itself', (path: string) => replace(path, () => symlinkSync(path, path))],
] as const) {
  test(`a search passes over a first file that is ${what}, as a kubelet does (F-D05)`, async (t) => {
    const other = auths({ 'reg.example': { username: 'next', password: 'p' } });
    const path = folder(t, { 'root/config.json': good, 'work/config.json': other });
    make(join(path, 'root/config.json'));
    const result = await serve(purserConfig(t, { rootDir: join(path, 'root'), workingDir: join(path, 'work') }));
    assert.equal(result.stderr, '');
    assert.equal(JSON.parse(result.stdout).auth['reg.example'].username, 'next');
  });
}

function replace(path: string, make: () => void): void {
  rmSync(path);
  make();
}

test('a search passes over a file that its user may not read', { skip: notRoot }, async (t) => {
  const other = auths({ 'reg.example': { username: 'next', password: 'p' } });
  const path = folder(t, { 'root/config.json': good, 'work/config.json': other });
  const config = purserConfig(t, { rootDir: join(path, 'root'), workingDir: join(path, 'work') });
  const [program = ''] = standalone.command;
  execFileSync('cp', [program, join(path, 'purser')]);
  execFileSync('chown', ['-R', '65534:65534', join(path, 'work'), join(path, 'purser'), join(config, '..')]);
  execFileSync('chmod', ['755', path, join(path, 'root')]);
  const command = ['setpriv', '--reuid', '65534', '--regid', '65534', '--clear-groups', join(path, 'purser')];
  const asNobody = { name: 'nobody', command };
  const result = await run(asNobody, { stdin: requestFor('reg.example/app'), env: { PURSER_CONFIG: config } });
  assert.equal(result.stderr, '');
  assert.equal(JSON.parse(result.stdout).auth['reg.example'].username, 'next');
});

for (const [what, text, code, found] of [
  ['cut short', bad, 'FILE_CONTENT', /at 1:70: not valid JSON; correct it/],
  ['spoilt by one bad auth', auths({ 'reg.example': { auth: canary } }), 'FILE_CONTENT', /at 1:33: it is not base64;/],
  [
    'without a colon',
    auths({ 'reg.example': { auth: 'Q0FOQVJZ' } }),
    'FILE_CONTENT',
    /at 1:33: decoded, it has no colon/,
  ],
  ['of another shape', '{\n  "auths": []\n}', 'FILE_CONTENT', /at 2:12: it is not an object;/],
  ['too large', `${good}${' '.repeat(1024 * 1024)}`, 'FILE_TOO_LARGE', /more than 1048576 bytes/],
  ['not UTF-8', Buffer.from(good.replace('robot', '\xff'), 'latin1'), 'FILE_ENCODING', /not UTF-8/],
] as const) {
  test(`a named file that is ${what} ends with 2, and the line says where (F-D05, R-SEC-01)`, async (t) => {
    const path = join(folder(t, { 'config.json': '' }), 'config.json');
    writeFileSync(path, text);
    assertRefused(await serve(purserConfig(t, { path })), code, found);
  });
}

test('a named file that is missing ends with 2', async (t) => {
  assertRefused(await serve(purserConfig(t, { path: '/nonexistent/config.json' })), 'FILE_MISSING', /no such file/);
});
