/**
 * The rules of docs/runtime.md against the built files: what the environment and the folders around a process can do to
 * it. A danger is first shown to be one, or the test would prove nothing.
 */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { builds, folder, type RunResult, requestFor, run } from './built.ts';
import { hostileFolder } from './hostile.ts';

const request = requestFor('registry.example.com/team/app');
const canary = 'CANARY-7f3a9c';
const answer = `{"apiVersion":"credentialprovider.kubelet.k8s.io/v1","kind":"CredentialProviderResponse","cacheKeyType":"Registry","cacheDuration":"300s","auth":{"registry.example.com":{"username":"robot","password":"${canary}"}}}\n`;
const success = { code: 0, signal: null, stdout: answer, stderr: '' };
const [portable, standalone] = builds;
const bun = fileURLToPath(new URL('../node_modules/.bin/bun', import.meta.url));

function staticConfig(t: TestContext): string {
  const path = folder(t, { password: canary });
  const registries = [
    { matchImages: ['registry.example.com'], provider: 'static', username: 'robot', passwordFile: `${path}/password` },
  ];
  const config = JSON.stringify({ apiVersion: 'purser/v1', kind: 'PurserConfig', registries });
  return join(folder(t, { 'config.json': config }), 'config.json');
}

for (const build of builds) {
  test(`${build.name}: runs and leaves nothing in the working directory (R-PROC-03)`, async (t) => {
    const path = hostileFolder();
    const before = readdirSync(path, { recursive: true }).sort();
    const env = { PURSER_CONFIG: staticConfig(t), HOME: path };
    assert.deepEqual(await run(build, { stdin: request, cwd: path, env }), success);
    assert.deepEqual(readdirSync(path, { recursive: true }).sort(), before);
  });

  test(`${build.name}: takes no path that is relative, nor a program from PATH (R-PROC-03)`, async (t) => {
    const relative = await run(build, { stdin: request, env: { PURSER_CONFIG: 'config.json' } });
    assert.equal(relative.code, 2);
    assert.match(relative.stderr, /^purser: CONFIG_READ: .*the path is relative/);
    const env = { PURSER_CONFIG: staticConfig(t), PATH: hostileFolder(), PURSER_LOG: 'log' };
    assert.deepEqual(await run(build, { stdin: request, env }), success);
    assert.ok(!existsSync(join(hostileFolder(), 'log')));
  });

  test(`${build.name}: leaves no file behind when told to watch itself (R-SEC-04)`, async (t) => {
    const config = staticConfig(t);
    const path = folder(t);
    const env = {
      PURSER_CONFIG: config,
      NODE_V8_COVERAGE: join(path, 'coverage'),
      NODE_REDIRECT_WARNINGS: join(path, 'warnings'),
      SSLKEYLOGFILE: join(path, 'keys'),
      TMPDIR: path,
    };
    const result = await run(build, { stdin: request, cwd: path, env });
    // Node itself remarks on stderr that there is no coverage to write.
    assert.deepEqual({ ...result, stderr: '' }, success);
    assert.ok(!result.stderr.includes(canary));
    const found = readdirSync(path, { recursive: true }).map(String);
    assert.deepEqual(
      found.filter((name) => readFileIfAny(join(path, name)).includes(canary)),
      [],
    );
    assert.deepEqual(
      found.filter((name) => name.startsWith('coverage/')),
      [],
    );
  });
}

function readFileIfAny(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

test('standalone: NODE_DEBUG of everything changes nothing (R-SEC-02)', async (t) => {
  const env = { PURSER_CONFIG: staticConfig(t), NODE_DEBUG: '*', NODE_DEBUG_NATIVE: '*', DEBUG: '*' };
  assert.deepEqual(await run(standalone, { stdin: request, env }), success);
});

/** The variables that a kubelet's config must set to empty where they can hurt a start, the runtime, and the harm. */
const disarmed: readonly {
  readonly name: string;
  readonly build: typeof portable | typeof standalone;
  readonly hostile: (mark: string, preload: string) => string;
  readonly harm: (result: RunResult, mark: string) => boolean;
}[] = [
  { name: 'BUN_BE_BUN', build: standalone, hostile: () => '1', harm: ({ stdout }) => stdout !== answer },
  {
    name: 'BUN_OPTIONS',
    build: standalone,
    hostile: (_, preload) => `--preload=${preload}`,
    harm: (_, mark) => existsSync(mark),
  },
  // It waits for a debugger, for ever; a second and a half is long for an answer that takes 20 ms.
  {
    name: 'BUN_INSPECT',
    build: standalone,
    hostile: () => 'ws://127.0.0.1:0/purser?wait=1',
    harm: ({ signal }) => signal === 'SIGKILL',
  },
  {
    name: 'NODE_OPTIONS',
    build: portable,
    hostile: (_, preload) => `--require=${preload}`,
    harm: (_, mark) => existsSync(mark),
  },
  { name: 'NODE_DEBUG', build: portable, hostile: () => '*', harm: ({ stderr }) => stderr !== '' },
];

for (const { name, build, hostile, harm } of disarmed) {
  test(`${build.name}: an empty ${name} in the config disarms one in the kubelet's environment (R-SEC-02)`, async (t) => {
    const path = folder(t);
    const mark = join(path, 'mark');
    const preload = join(path, 'preload.cjs');
    writeFileSync(preload, `require('node:fs').writeFileSync(${JSON.stringify(mark)}, 'ran');`);
    const env = { PURSER_CONFIG: staticConfig(t), [name]: hostile(mark, preload) };
    const harmed = await run(build, { stdin: request, env, timeout: 1_500 });
    assert.ok(harm(harmed, mark), `${name} does no harm any more: ${JSON.stringify(harmed)}`);
    rmSync(mark, { force: true });
    // As a kubelet does it: the configured value comes after its own, and the later one wins.
    assert.deepEqual(await run(build, { stdin: request, env: { ...env, [name]: '' } }), success);
    assert.ok(!existsSync(mark));
  });
}

test('standalone: an empty BUN_CONFIG_VERBOSE_FETCH keeps tokens out of stderr (R-SEC-02)', async (t) => {
  const server = createServer((_, response) => response.end('ok')).listen(0, '127.0.0.1');
  t.after(() => server.close());
  await new Promise((resolve) => server.once('listening', resolve));
  const address = server.address();
  assert.ok(typeof address === 'object' && address !== null);
  // No command of ours lets the runtime print requests, so a program of three lines shows what it would print.
  const path = folder(t, {
    'ask.js': `await fetch('http://127.0.0.1:${address.port}/', { headers: { authorization: 'Bearer ${canary}' } });`,
  });
  const ask = async (value: string): Promise<string> => {
    const env = { PATH: '/usr/bin:/bin', BUN_CONFIG_VERBOSE_FETCH: value };
    return (await promisify(execFile)(bun, [join(path, 'ask.js')], { env })).stderr;
  };
  assert.match(await ask('curl'), new RegExp(canary));
  assert.equal(await ask(''), '');
});

test('all six variables empty at once disturb neither build', async (t) => {
  const names = ['BUN_BE_BUN', 'BUN_OPTIONS', 'BUN_INSPECT', 'BUN_CONFIG_VERBOSE_FETCH', 'NODE_OPTIONS', 'NODE_DEBUG'];
  const env = { PURSER_CONFIG: staticConfig(t), ...Object.fromEntries(names.map((name) => [name, ''])) };
  for (const build of builds) assert.deepEqual(await run(build, { stdin: request, env }), success);
});

for (const name of ['BUN_JSC_useJIT', 'MIMALLOC_VERBOSE']) {
  test(`standalone: ${name} disturbs a run even when it is empty, so nobody sets it`, async (t) => {
    const env = { PURSER_CONFIG: staticConfig(t), [name]: '' };
    assert.notDeepEqual(await run(standalone, { stdin: request, env }), success);
  });
}
