/** The names of docs/requirements.md and the names in the tests are the same, and documents that are named exist. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { providers } from '../providers/index.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const id = /\b[RF]-[A-Z]+-?[0-9]{2}\b/g;

function textFiles(folder: string, ending: RegExp): string[] {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && ending.test(entry.name) && !entry.parentPath.includes('node_modules'))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)));
}

const tests = textFiles('test', /\.ts$/);
const defined = [...read('docs/requirements.md').matchAll(/^\| ([RF]-[A-Z]+-?[0-9]{2}) \|/gm)].map(([, name]) => name);

function read(path: string): string {
  return readFileSync(join(root, path), 'utf8');
}

function idsIn(files: readonly string[]): ReadonlySet<string> {
  return new Set(files.flatMap((file) => [...read(file).matchAll(id)].map(([name]) => name)));
}

test('each name in a test is defined once', () => {
  assert.deepEqual([...new Set(defined)], defined);
  assert.deepEqual(
    [...idsIn(tests)].filter((name) => !defined.includes(name)),
    [],
  );
});

test('each name that is defined is in a test', () => {
  const used = idsIn(tests);
  assert.deepEqual(
    defined.filter((name) => name !== undefined && !used.has(name)),
    [],
  );
});

const sources = ['src', 'providers', 'test', 'build', 'bench', 'demo'].flatMap((folder) => {
  return textFiles(folder, /\.(ts|mjs)$/);
});
const documents = [
  'README.md',
  'CHANGELOG.md',
  ...textFiles('docs', /\.md$/),
  ...textFiles('examples', /\.(md|ya?ml)$/),
];

test('each document that a comment or a document names is there', () => {
  const missing = [...sources, ...documents, 'build.mjs'].flatMap((file) => {
    const named = [...read(file).matchAll(/(?<![\w/.-])docs\/[a-z-]+\.md/g)].map(([path]) => path);
    return named.filter((path) => !existsSync(join(root, path))).map((path) => `${file}: ${path}`);
  });
  assert.deepEqual(missing, []);
});

test('the README is short, and names each provider and each command', () => {
  const readme = read('README.md');
  assert.ok(readme.split('\n').length <= 200);
  for (const { name } of providers) assert.ok(readme.includes(`| \`${name}\` |`), name);
  const cli = read('src/cli.ts');
  const commands = [...cli.matchAll(/\.command\('([a-z]+)/g)].map(([, name]) => name);
  assert.ok(commands.length > 3);
  for (const name of commands) assert.match(readme, new RegExp(`\\| \`purser ${name}[ \`]`), name);
});
