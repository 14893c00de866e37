/** Every example is loaded as purser or a kubelet would load it; a file that no test knows fails. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join, relative } from 'node:path';
import { test } from 'node:test';
import { Ajv } from 'ajv';
import { parse, parseAllDocuments } from 'yaml';
import { schemaPath, schemaText } from '../build/schema.mjs';
import { providers } from '../providers/index.ts';
import type { PurserConfig } from '../src/config.ts';
import { parseConfig } from '../src/config-file.ts';
import { checkProviderConfig } from '../src/kubelet/provider-config.ts';
import { audienceRule } from '../src/kubelet/token-audience.ts';
import { lintTokens } from '../src/token-lint.ts';
import { root } from './imports.ts';

const examples = join(root, 'examples');
const files = readdirSync(examples, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => relative(examples, join(entry.parentPath, entry.name)))
  .sort();
const configs = files.filter((file) => /^config\/[^/]+\.(yaml|json)$/.test(file) && !file.endsWith('.schema.json'));
const clusterObjects = files.filter((file) => /^kubelet\/[^/]+-rbac\.yaml$/.test(file));
const kubeletConfigs = files.filter((file) => /^kubelet\/[^/]+\.yaml$/.test(file) && !clusterObjects.includes(file));

const read = (file: string): string => readFileSync(join(examples, file), 'utf8');

function load(file: string): Promise<PurserConfig> {
  return parseConfig(read(file), file, providers);
}

test('every example is loaded by a test, and every provider has one', () => {
  const known = [...configs, ...kubeletConfigs, ...clusterObjects, 'README.md', relative(examples, schemaPath)];
  assert.deepEqual(files, known.sort());
  assert.deepEqual(
    providers.map(({ name }) => name).filter((name) => !configs.includes(`config/${name}.yaml`)),
    [],
  );
});

test('the list of examples names each of them', () => {
  const list = read('README.md');
  assert.deepEqual(
    files.filter((file) => file !== 'README.md' && !list.includes(`(${file})`)),
    [],
  );
});

test('the JSON Schema is what the sources make of it now (npm run schema)', () => {
  assert.equal(readFileSync(schemaPath, 'utf8'), schemaText());
});

for (const file of configs) {
  test(`${file} is a config without problems`, async () => {
    const { entries } = await load(file);
    assert.ok(entries.length > 0);
  });

  test(`${file} names the JSON Schema, and keeps to it`, () => {
    const named = /^(?:# yaml-language-server: \$schema=|\{\s*"\$schema": ")([^"\n]+)/.exec(read(file))?.[1];
    assert.equal(named, basename(schemaPath));
    const validate = new Ajv().compile(JSON.parse(schemaText()));
    assert.ok(validate(parse(read(file))), JSON.stringify(validate.errors));
  });
}

test('the JSON example says what the YAML example says', async () => {
  assert.deepEqual(await load('config/static.json'), await load('config/static.yaml'));
});

for (const file of kubeletConfigs) {
  test(`${file} lets a kubelet start, whatever its version`, () => {
    // Tokens came with 1.33, and cacheType, which is required, with 1.34.
    const versions = read(file).includes('tokenAttributes:') ? ['1.34', '1.36'] : ['1.30', '1.33', '1.36'];
    for (const kubeletVersion of versions) {
      const check = checkProviderConfig(read(file), { featureGate: kubeletVersion >= '1.34', kubeletVersion });
      assert.deepEqual([check.error, check.findings, check.unread], [undefined, [], undefined]);
    }
  });

  test(`${file} sets to empty exactly the variables that change what the executable is (R-SEC-02)`, () => {
    const [provider] = parse(read(file)).providers;
    assert.equal(provider.name, 'purser');
    assert.deepEqual(provider.env, [
      { name: 'BUN_BE_BUN', value: '' },
      { name: 'BUN_OPTIONS', value: '' },
      { name: 'BUN_INSPECT', value: '' },
      { name: 'BUN_CONFIG_VERBOSE_FETCH', value: '' },
      { name: 'NODE_OPTIONS', value: '' },
      { name: 'NODE_DEBUG', value: '' },
    ]);
  });
}

test('F-K03: the files for tokens belong together, and the cluster allows the audience that they name', async () => {
  const name = 'service-account-token';
  const check = checkProviderConfig(read(`kubelet/${name}.yaml`), { kubeletVersion: '1.36' });
  assert.ok(check.accepted);
  const { providers: found, entries } = lintTokens(await load(`config/${name}.yaml`), check.providers);
  assert.deepEqual([found, entries], [[], []]);
  const [role, binding] = parseAllDocuments(read(`kubelet/${name}-rbac.yaml`)).map((document) => document.toJS());
  const audience = check.providers[0]?.tokenAttributes?.serviceAccountTokenAudience.value ?? '';
  assert.deepEqual(role.rules, [audienceRule(audience)]);
  assert.deepEqual([binding.roleRef.name, binding.subjects[0].name], [role.metadata.name, 'system:nodes']);
});
