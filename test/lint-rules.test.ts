/** Every rule that lint can name is explained in docs/lint.md, and nothing else is; and we keep to them ourselves. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { providers } from '../providers/index.ts';
import { lintConfig } from '../src/config-lint.ts';
import { rulesOf } from '../src/kubelet/provider-config.ts';
import { decodeProviderConfig } from '../src/kubelet/provider-config-decode.ts';
import { lintProviderConfig } from '../src/kubelet/provider-config-lint.ts';
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

for (const folder of ['examples/config', 'examples/kubelet']) {
  // Neither a schema nor an object of the API is for lint.
  for (const name of readdirSync(join(root, folder)).filter((file) => !/\.schema\.json$|-rbac\.yaml$/.test(file))) {
    test(`there is nothing to say about ${folder}/${name}`, () => {
      const text = readFileSync(join(root, folder, name), 'utf8');
      if (folder === 'examples/config') {
        assert.deepEqual(lintConfig(text, providers).findings, []);
        return;
      }
      const decoded = decodeProviderConfig(text, rulesOf({}));
      assert.ok(!('error' in decoded));
      assert.deepEqual(lintProviderConfig(decoded, rulesOf({})), []);
    });
  }
}
