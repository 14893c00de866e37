/** Imports point down: the table below is the rule, and any other arrow, or a circle, fails. Type imports count. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { test } from 'node:test';
import { importsOf, providerImports, root } from './imports.ts';

/** Rows from the top; a file is in the first row with a matching pattern. An arrow may go to any lower row. */
const rows: readonly (readonly [string, RegExp])[] = [
  ['main', /^src\/main\.ts$/],
  ['cli', /^src\/cli\.ts$/],
  ['commands', /^src\/commands\//],
  ['roads', /^src\/(?:(?:verify|attempt|verdict|explain|config-lint|entry-trial|token-lint)\.ts|node\/)/],
  ['plugin', /^src\/plugin\.ts$/],
  ['config', /^src\/(config|config-file|config-schema|config-yaml|cache)\.ts$/],
  ['providers', /^providers\//],
  ['provider', /^src\/(provider|edge)\.ts$/],
  ['runtime', /^src\/runtime\//],
  ['rule books', /^src\/(kubelet|registry)\/|^src\/(?:entry-pattern|pattern-overlap)\.ts$/],
  ['leaves', /^src\/(provider-fetch|http|trust|network-error|run-log|file|finding)\.ts$/],
  ['ground', /^src\/(credential|image-host|image-reference|json|errors|redact|near-miss|clock|document-kind)\.ts$/],
];

/** Arrows inside one row, beyond those inside one folder. */
const sideways = new Set([
  'src/config-file.ts -> src/config.ts',
  'src/config-file.ts -> src/config-schema.ts',
  'src/config-file.ts -> src/config-yaml.ts',
  'src/config-schema.ts -> src/config.ts',
  'src/config-schema.ts -> src/config-yaml.ts',
  'src/edge.ts -> src/provider.ts',
  'src/verify.ts -> src/attempt.ts',
  'src/verify.ts -> src/verdict.ts',
  'src/attempt.ts -> src/verdict.ts',
  'src/provider-fetch.ts -> src/http.ts',
  'src/provider-fetch.ts -> src/trust.ts',
  'src/http.ts -> src/network-error.ts',
  'src/http.ts -> src/trust.ts',
  'src/trust.ts -> src/file.ts',
  'src/entry-pattern.ts -> src/kubelet/go-glob.ts',
  'src/pattern-overlap.ts -> src/entry-pattern.ts',
  'src/pattern-overlap.ts -> src/kubelet/go-glob.ts',
  'src/pattern-overlap.ts -> src/kubelet/match-image.ts',
]);

const files = ['src', 'providers'].flatMap((folder) => {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)));
});
const imports = files.flatMap(importsOf);
const arrows = imports.filter(({ to }) => to.startsWith('src/') || to.startsWith('providers/'));

function rowOf(file: string): number {
  return rows.findIndex(([, pattern]) => pattern.test(file));
}

test('every source file stands in a row of the house', () => {
  assert.deepEqual(
    files.filter((file) => rowOf(file) === -1),
    [],
  );
});

test('every arrow points to a file that exists', () => {
  assert.deepEqual(
    arrows.filter(({ to }) => !files.includes(to)),
    [],
  );
});

test('imports point down, or sideways inside one folder', () => {
  const wrong = arrows.filter(({ from, to }) => {
    if (from === 'src/main.ts' || from === 'providers/index.ts' || to === from) return false;
    const name = `${from} -> ${to}`;
    if (rowOf(from) < rowOf(to)) return false;
    if (rowOf(from) === rowOf(to))
      return dirname(from) !== dirname(to) ? !sideways.has(name) : dirname(from) === 'src' && !sideways.has(name);
    return true;
  });
  assert.deepEqual(wrong, []);
});

test('the rule books of the kubelet and of registries do not know each other', () => {
  const wrong = arrows.filter(({ from, to }) => {
    const pair = [from, to].map((file) => /^src\/(kubelet|registry|runtime)\//.exec(file)?.[1]);
    if (pair[0] === undefined || pair[1] === undefined || pair[0] === pair[1]) return false;
    return !(pair[0] === 'runtime' && pair[1] === 'registry');
  });
  assert.deepEqual(wrong, []);
});

test('providers use contracts, parsers of the kubelet and leaves, and never one another', () => {
  const wrong = imports.filter(({ from, to }) => {
    if (!from.startsWith('providers/') || from === 'providers/index.ts') return false;
    if (to.startsWith('providers/')) return dirname(from) === 'providers' || dirname(from) !== dirname(to);
    return !providerImports.test(to);
  });
  assert.deepEqual(wrong, []);
});

test('only main imports the table of providers', () => {
  assert.deepEqual(
    arrows.filter(({ to }) => to === 'providers/index.ts').map(({ from }) => from),
    ['src/main.ts'],
  );
});

test('main imports statically only node: modules, apart from types', () => {
  const values = imports.filter(({ from, kind }) => from === 'src/main.ts' && kind === 'value').map(({ to }) => to);
  assert.deepEqual(values, ['node:fs']);
});

test('packages are named only where they belong', () => {
  const owners: Readonly<Record<string, readonly string[]>> = {
    commander: ['src/cli.ts'],
    tldts: ['src/registry/site.ts'],
    undici: ['src/http.ts'],
    yaml: ['src/config-yaml.ts', 'src/kubelet/go-yaml.ts'],
    zod: ['src/config-schema.ts', 'src/provider.ts'],
  };
  const wrong = imports.filter(({ from, to, kind }) => {
    if (to.startsWith('src/') || to.startsWith('providers/') || to.startsWith('node:')) return false;
    if (to === 'zod' && kind === 'type') return false;
    return !owners[to]?.includes(from);
  });
  assert.deepEqual(wrong, []);
});

test('there is no circle', () => {
  const next = (file: string): string[] => arrows.filter(({ from }) => from === file).map(({ to }) => to);
  const walk = (file: string, path: readonly string[]): void => {
    assert.ok(!path.includes(file), `circle: ${[...path, file].join(' -> ')}`);
    for (const target of next(file)) walk(target, [...path, file]);
  };
  for (const file of files) walk(file, []);
});

test('files are short enough to be read in one go', () => {
  const long = files.filter((file) => readFileSync(join(root, file), 'utf8').split('\n').length > 400);
  assert.deepEqual(long, []);
});
