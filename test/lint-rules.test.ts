/** Every rule that lint can name is explained in docs/lint.md, and nothing else is. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { root } from './imports.ts';

const sources = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' }).filter((name) =>
  name.endsWith('.ts'),
);

test('docs/lint.md explains the rules that there are', () => {
  const named = sources.flatMap((name) => {
    const text = readFileSync(join(root, 'src', name), 'utf8');
    return [...text.matchAll(/\b(?:rule: |advise\(\s*)'([a-z0-9-]+)'/g)].map(([, rule]) => rule);
  });
  const page = readFileSync(join(root, 'docs/lint.md'), 'utf8');
  const explained = [...page.matchAll(/^\| <a id="([a-z0-9-]+)"><\/a>`([a-z0-9-]+)` \|/gm)];
  for (const [, id, rule] of explained) assert.equal(id, rule);
  assert.deepEqual(explained.map(([, id]) => id).sort(), [...new Set(named)].sort());
});
