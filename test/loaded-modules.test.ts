/**
 * What a static answer loads: the start of the process is the product, and each module costs every pod on the node.
 * The bundle is built once more with a mark in each module; the marks are written when the process ends.
 */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { Plugin } from 'esbuild';
import { bundleTo } from '../build/bundle.mjs';
import { folder, requestFor, run } from './built.ts';
import { hotModules } from './hot-modules.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

const marks: Plugin = {
  name: 'marks',
  setup: (build) => {
    build.onLoad({ filter: /\.(ts|js|mjs|cjs)$/ }, async ({ path }) => {
      const mark = `globalThis.purserMarks.push(${JSON.stringify(relative(root, path))});`;
      const text = (await readFile(path, 'utf8')).replace(/^#!.*/, '');
      return { contents: `${mark}${text}`, loader: path.endsWith('.ts') ? 'ts' : 'js' };
    });
  },
};

test('a static answer from a JSON config loads these modules and no other', async (t) => {
  const path = folder(t, { password: 's3cret' });
  const bundle = join(path, 'marked.cjs');
  const list = join(path, 'marks.json');
  const banner = `globalThis.purserMarks = [];
    const Module = require('node:module'), load = Module._load;
    Module._load = function (name) { globalThis.purserMarks.push(name); return load.apply(this, arguments); };
    process.on('exit', () => require('node:fs').writeFileSync(${JSON.stringify(list)}, JSON.stringify(globalThis.purserMarks)));`;
  await bundleTo(bundle, { minify: false, plugins: [marks] });
  const opening = /"(packages:[^"]+)"\([^)]*\) \{/g;
  const marked = readFileSync(bundle, 'utf8').replace(opening, '$& globalThis.purserMarks.push("$1");');
  assert.match(marked, /purserMarks\.push\("packages:zod"\)/);
  writeFileSync(bundle, banner + marked);
  const registries = [
    { matchImages: ['reg.example'], provider: 'static', username: 'u', passwordFile: `${path}/password` },
  ];
  const files = folder(t, {
    'config.json': JSON.stringify({ apiVersion: 'purser/v1', kind: 'PurserConfig', registries }),
  });
  const build = { name: 'marked', command: [process.execPath, bundle] };
  const result = await run(build, {
    stdin: requestFor('reg.example/app'),
    env: { PURSER_CONFIG: join(files, 'config.json') },
  });
  assert.equal(result.code, 0, result.stderr);
  const loaded: unknown = JSON.parse(readFileSync(list, 'utf8'));
  assert.ok(Array.isArray(loaded));
  assert.deepEqual([...new Set(loaded.map(String))].sort(), hotModules);
});
