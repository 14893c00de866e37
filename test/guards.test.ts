/**
 * What main does before anything else is loaded, and what it lets out when something breaks. The program is built again
 * with a probe in it; the built files themselves have no way to ask them.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Plugin } from 'esbuild';
import { bundleTo } from '../build/bundle.mjs';
import { compile } from '../build/executable.mjs';
import { type Build, builds, folder, requestFor, run } from './built.ts';
import { hostileEnvironment } from './hostile.ts';

const path = mkdtempSync(join(tmpdir(), 'purser-guards-'));
process.on('exit', () => rmSync(path, { recursive: true, force: true }));

/** Both ways to run a bundle, under the names of the built files. */
function buildsOf(name: string, bundle: string): readonly Build[] {
  const portable = join(path, `${name}.cjs`);
  const standalone = join(path, name);
  writeFileSync(portable, bundle);
  compile(portable, standalone);
  const node = builds[0].command.slice(0, -1);
  return [
    { name: 'portable', command: [...node, portable] },
    { name: 'standalone', command: [standalone] },
  ];
}

/** Runs where the rest of the program is loaded: after main's first statements. */
const probe = `;{
  const ask = require;
  for (const name of ['hostile-module', './hostile-module.js']) try { ask([name].join()); } catch {}
  const facts = { folder: process.cwd(), umask: process.umask(), names: Object.keys(process.env) };
  ask('node:fs').writeSync(2, JSON.stringify(facts));
  process.exit(0);
}`;
const shipped = readFileSync(builds[0].command.at(-1) ?? '', 'utf8');

for (const build of buildsOf('probed', shipped + probe)) {
  test(`${build.name}: the rest is loaded in /, with a private umask and a scrubbed environment (R-PROC-03)`, async () => {
    const kept = { PURSER_CONFIG: '/c', PURSER_LOG: '/l', SSL_CERT_FILE: '/s', NO_COLOR: '1' };
    const result = await run(build, { env: kept });
    assert.equal(result.stdout, '');
    assert.deepEqual(JSON.parse(result.stderr), { folder: '/', umask: 0o077, names: Object.keys(kept) });
    assert.ok(Object.keys(hostileEnvironment(build.name)).length > 10);
  });
}

test('a program that stays in its folder finds modules there', async () => {
  const staying = shipped.replace('process.chdir("/")', '0');
  assert.notEqual(staying, shipped);
  // Node looks beside the bundle instead.
  const [, standalone] = buildsOf('staying', staying + probe);
  assert.ok(standalone);
  assert.equal((await run(standalone)).stdout, 'HOSTILEHOSTILE');
});

const canary = 'CANARY-c4d1f0';
const internal =
  'purser: INTERNAL: running: an unexpected error; this is a bug in purser, please report it with the image name';

/** Ways to fail, by the user name in the config; each carries the secret wherever an error can carry one. */
const failures = `
const secret = '${canary}';
const laden = () => Object.assign(new Error(secret, { cause: new Error(secret) }), { secret, code: secret });
const trap = new Proxy({}, { get: () => { throw laden(); } });
const wait = () => new Promise(() => {});
const failures = {
  thrown: () => { throw laden(); },
  several: () => { throw new AggregateError([laden(), laden()], secret); },
  text: () => { throw secret; },
  nothing: () => { throw undefined; },
  getters: () => { throw Object.defineProperties(new Error(), { message: { get: trap.get }, stack: { get: () => trap.x } }); },
  proxy: () => { throw trap; },
  parser: () => JSON.parse(secret),
  address: () => new URL('https://' + secret + ':' + secret + '@['),
  depth: () => failures.depth(),
  rejected: () => { Promise.reject(laden()); return wait(); },
  rejectedLater: () => { setImmediate(() => Promise.reject(laden())); return wait(); },
  thrownLater: () => { setImmediate(() => { throw laden(); }); return wait(); },
  emitted: () => { process.emit('error', laden()); },
};`;

const failing: Plugin = {
  name: 'failing',
  setup: (build) => {
    build.onLoad({ filter: /providers\/static\.ts$/ }, async ({ path }) => {
      const start = 'async function getCredentials(';
      const text = await readFile(path, 'utf8');
      assert.ok(text.includes(start));
      const failed = `async function getCredentials(_, options) { return failures[options.username.text](); }`;
      return { contents: `${text.replace(start, 'async function unused(')}\n${failures}\n${failed}`, loader: 'ts' };
    });
    build.onLoad({ filter: /commands\/version\.ts$/ }, () => {
      return { contents: 'export function version() { return new Promise(() => {}); }', loader: 'ts' };
    });
  },
};

const failingBundle = join(path, 'failing-source.cjs');
await bundleTo(failingBundle, { plugins: [failing] });
const kinds = [...failures.matchAll(/^ {2}(\w+):/gm)].map(([, kind = '']) => kind);

for (const build of buildsOf('failing', readFileSync(failingBundle, 'utf8'))) {
  for (const kind of kinds) {
    test(`${build.name}: an unforeseen failure (${kind}) is one fixed line with nothing of it (R-SEC-03)`, async (t) => {
      const entry = { matchImages: ['reg.example'], provider: 'static', username: kind, password: canary };
      const config = JSON.stringify({ apiVersion: 'purser/v1', kind: 'PurserConfig', registries: [entry] });
      const files = folder(t, { 'config.json': config, log: '' });
      const env = { PURSER_CONFIG: join(files, 'config.json'), PURSER_LOG: join(files, 'log') };
      const result = await run(build, { stdin: requestFor('reg.example/app'), env });
      assert.deepEqual(result, { code: 1, signal: null, stdout: '', stderr: internal });
      assert.doesNotMatch(readFileSync(join(files, 'log'), 'utf8'), new RegExp(canary));
    });
  }

  test(`${build.name}: a command that waits for what never comes does not end with 0`, async () => {
    const result = await run(build, { args: ['version'] });
    assert.deepEqual(result, { code: 1, signal: null, stdout: '', stderr: internal });
  });
}
