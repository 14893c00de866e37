/** What the pages show is what is built: code, configs, fields, links. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { providers } from '../providers/index.ts';
import { parseConfig } from '../src/config-file.ts';
import { configJsonSchema } from '../src/config-schema.ts';
import { root } from './imports.ts';

const pages = ['README.md', 'examples/README.md', ...readdirSync(join(root, 'docs')).map((name) => `docs/${name}`)];

interface Block {
  readonly page: string;
  readonly info: string;
  readonly text: string;
}

const blocks = pages.flatMap((page): Block[] => {
  const fences = read(page).matchAll(/^```([^\n]*)\n(.*?)^```$/gms);
  return [...fences].map(([, info = '', text = '']) => ({ page, info, text }));
});

function read(file: string): string {
  return readFileSync(join(root, file), 'utf8');
}

test('code that names its file stands there, letter by letter', () => {
  for (const { page, info, text } of blocks) {
    const file = /^ts (\S+)$/.exec(info)?.[1];
    if (file !== undefined) assert.ok(read(file).includes(text), `${page}: not in ${file}:\n${text}`);
  }
});

test('every config on a page is one without problems', async () => {
  for (const { page, info, text } of blocks) {
    if (info === 'yaml' && text.includes('kind: PurserConfig')) await parseConfig(text, page, providers);
  }
});

test('docs/configuration.md names every field that a config can have', () => {
  const page = read('docs/configuration.md');
  const missing = [...namesIn(configJsonSchema(providers))].filter((name) => !page.includes(`| \`${name}\` |`));
  assert.deepEqual(missing, []);
});

/** Names of members, wherever a JSON Schema has `properties`. */
function namesIn(schema: unknown): ReadonlySet<string> {
  if (typeof schema !== 'object' || schema === null) return new Set();
  const inner = Object.values(schema).flatMap((part) => [...namesIn(part)]);
  const own =
    'properties' in schema && typeof schema.properties === 'object' ? Object.keys(schema.properties ?? {}) : [];
  return new Set([...own, ...inner]);
}

test('every link to a file leads to one, and every link to a heading to a heading', () => {
  for (const page of pages) {
    for (const [, target = ''] of read(page).matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^[a-z]+:/.test(target)) continue;
      const [path = '', heading] = target.split('#');
      const file = path === '' ? page : join(dirname(page), path);
      assert.ok(existsSync(join(root, file)), `${page} links to ${target}`);
      if (heading !== undefined) assert.ok(headingsOf(file).includes(heading), `${page} links to ${target}`);
    }
  }
});

function headingsOf(page: string): string[] {
  return [...read(page).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => {
    return heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-');
  });
}
