/**
 * The rules of docs/runtime.md against the built files: what the environment and the folders around a process can do to
 * it. A variable that is disarmed is first shown to do harm, or the test would prove nothing.
 */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { builds, folder, requestFor, run } from './built.ts';

const request = requestFor('registry.example.com/team/app');
const canary = 'CANARY-7f3a9c';
const answer = `{"apiVersion":"credentialprovider.kubelet.k8s.io/v1","kind":"CredentialProviderResponse","cacheKeyType":"Registry","cacheDuration":"300s","auth":{"registry.example.com":{"username":"robot","password":"${canary}"}}}\n`;
const success = { code: 0, signal: null, stdout: answer, stderr: '' };
const [portable, standalone] = builds;

function staticConfig(t: TestContext): string {
  const path = folder(t, { password: canary });
  const registries = [
    { matchImages: ['registry.example.com'], provider: 'static', username: 'robot', passwordFile: `${path}/password` },
  ];
  const config = JSON.stringify({ apiVersion: 'purser/v1', kind: 'PurserConfig', registries });
  return join(folder(t, { 'config.json': config }), 'config.json');
}

/** A folder full of files that some runtime reads of itself; each would leave a mark. */
function hostileFolder(t: TestContext): { path: string; mark: string } {
  const path = folder(t);
  const mark = join(path, 'mark');
  const code = `require('node:fs').writeFileSync(${JSON.stringify(mark)}, 'ran');`;
  for (const name of ['undici', 'zod', 'yaml', 'commander', 'supports-color', '@aws-sdk/signature-v4-crt']) {
    mkdirSync(join(path, 'node_modules', name), { recursive: true });
    writeFileSync(join(path, 'node_modules', name, 'index.js'), code);
  }
  for (const name of ['preload.js', 'worker.js', 'purser.cjs', 'main.js', 'index.js'])
    writeFileSync(join(path, name), code);
  writeFileSync(join(path, '.env'), `PURSER_CONFIG=/nonexistent\nBUN_OPTIONS=--preload=./preload.js\n`);
  writeFileSync(join(path, 'bunfig.toml'), 'preload = ["./preload.js"]\n');
  writeFileSync(join(path, 'package.json'), '{"type":"module","main":"./main.js"}');
  writeFileSync(join(path, 'tsconfig.json'), '{"compilerOptions":{"paths":{"*":["./index.js"]}}}');
  writeFileSync(join(path, '.npmrc'), 'node-options=--require=./preload.js\n');
  return { path, mark };
}

for (const build of builds) {
  test(`${build.name}: runs nothing that lies in the working directory`, async (t) => {
    const config = staticConfig(t);
    const { path, mark } = hostileFolder(t);
    const before = readdirSync(path).sort();
    const result = await run(build, { stdin: request, cwd: path, env: { PURSER_CONFIG: config, HOME: path } });
    assert.deepEqual(result, success);
    assert.ok(!existsSync(mark));
    assert.deepEqual(readdirSync(path).sort(), before);
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

  test(`${build.name}: does not take its config from a relative path`, async () => {
    const result = await run(build, { stdin: request, env: { PURSER_CONFIG: 'config.yaml' } });
    assert.equal(result.code, 2);
    assert.match(result.stderr, /^purser: CONFIG_READ: .*the path is relative/);
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

/** The six variables that a kubelet's config must set to empty, the runtime they change, and the harm they do. */
const disarmed: readonly {
  readonly name: string;
  readonly build: typeof portable | typeof standalone;
  readonly hostile: (mark: string, preload: string) => string;
  readonly harm: (result: Awaited<ReturnType<typeof run>>, mark: string) => boolean;
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
];

for (const { name, build, hostile, harm } of disarmed) {
  test(`${build.name}: an empty ${name} in the config disarms one in the kubelet's environment`, async (t) => {
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

test('all six variables empty at once disturb neither build', async (t) => {
  const names = ['BUN_BE_BUN', 'BUN_OPTIONS', 'BUN_INSPECT', 'BUN_CONFIG_VERBOSE_FETCH', 'NODE_OPTIONS', 'NODE_DEBUG'];
  const env = { PURSER_CONFIG: staticConfig(t), ...Object.fromEntries(names.map((name) => [name, ''])) };
  for (const build of builds) assert.deepEqual(await run(build, { stdin: request, env }), success);
});
