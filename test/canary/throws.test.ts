/**
 * A bug that throws with a secret in its hands. The program is built once more with such bugs in it; the image of the
 * request chooses one. Both runtimes print the whole of an error that nobody catches, so somebody always must.
 */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Plugin } from 'esbuild';
import { bundleTo } from '../../build/bundle.mjs';
import { compile } from '../../build/executable.mjs';
import { type Build, folder, requestFor, run } from '../built.ts';
import { createSecret, formsIn } from './secret.ts';

const secret = createSecret();

/** Each begins with the secret in `s`, and never gives an answer. */
const bugs: Readonly<Record<string, string>> = {
  message: 'throw new Error(s);',
  cause: 'throw new Error("x", { cause: new Error(s) });',
  aggregate: 'throw new AggregateError([new Error(s)], s);',
  property: 'throw Object.assign(new Error("x"), { password: s, errors: [s] });',
  getter: 'throw Object.defineProperty(new Error("x"), "message", { get() { throw new Error(s); } });',
  proxy: 'throw new Proxy(new Error(s), { get: () => s });',
  text: 'throw s;',
  nothing: 'throw undefined;',
  'type-error': 'return s.reading.a.property;',
  json: 'return JSON.parse(s);',
  overflow: 'const f = (t) => f(t + s) + s; return f(s);',
  timer: 'setTimeout(() => { throw new Error(s); }); return new Promise(() => {});',
  rejection: 'void Promise.reject(new Error(s)); return new Promise(() => {});',
  warning: 'process.emitWarning(s); throw new Error(s);',
};

const buggy: Plugin = {
  name: 'buggy',
  setup: (build) => {
    build.onLoad({ filter: /src\/plugin\.ts$/ }, async ({ path }) => {
      const cases = Object.entries(bugs).map(([name, code]) => `if (request.image.endsWith("/${name}")) { ${code} }`);
      const start = `export async function respond(request) { const s = ${JSON.stringify(secret)}; ${cases.join(' ')} }`;
      const text = await readFile(path, 'utf8');
      assert.match(text, /export async function respond\(/);
      return {
        contents: `${text.replace('export async function respond(', 'async function unused(')}\n${start}`,
        loader: 'ts',
      };
    });
  },
};

test('a bug with a secret in its hands ends in one line that does not hold it (R-SEC-03)', async (t) => {
  const path = folder(t, { 'config.json': '{"apiVersion":"purser/v1","kind":"PurserConfig"}' });
  const bundle = join(path, 'buggy.cjs');
  await bundleTo(bundle, { plugins: [buggy] });
  compile(bundle, join(path, 'buggy'));
  const builds: readonly Build[] = [
    { name: 'portable', command: [process.execPath, bundle] },
    { name: 'standalone', command: [join(path, 'buggy')] },
  ];
  for (const build of builds) {
    for (const bug of Object.keys(bugs)) {
      const env = { PURSER_CONFIG: join(path, 'config.json'), PURSER_LOG: join(path, 'log') };
      const result = await run(build, { stdin: requestFor(`reg.example/${bug}`), env });
      const told = `${result.stdout}${result.stderr}${await readFile(join(path, 'log'), 'utf8').catch(() => '')}`;
      assert.deepEqual(formsIn(told, secret), [], `${build.name}, ${bug}`);
      assert.deepEqual([result.code, result.stdout], [1, ''], `${build.name}, ${bug}`);
      assert.match(result.stderr, /^purser: INTERNAL: [^\n]+$/, `${build.name}, ${bug}`);
    }
  }
});
