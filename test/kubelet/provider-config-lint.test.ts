/** What a kubelet accepts in a credential provider config, and should not have been written. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Problem } from '../../src/finding.ts';
import { lineAndColumn } from '../../src/json.ts';
import { disarmed } from '../../src/kubelet/own-entry-lint.ts';
import { checkProviderConfig, rulesOf } from '../../src/kubelet/provider-config.ts';
import { decodeProviderConfig } from '../../src/kubelet/provider-config-decode.ts';
import { lintProviderConfig } from '../../src/kubelet/provider-config-lint.ts';

const group = 'credentialprovider.kubelet.k8s.io';
const environment = `env: [${disarmed.map((name) => `{name: ${name}, value: ""}`).join(', ')}]`;
const purser = `name: purser, apiVersion: ${group}/v1, matchImages: [reg.example], defaultCacheDuration: 0s`;
const other = `name: other, apiVersion: ${group}/v1, matchImages: [reg.example], defaultCacheDuration: 12h`;

function documentOf(provider: string, version = 'v1'): string {
  return `apiVersion: kubelet.config.k8s.io/${version}\nkind: CredentialProviderConfig\nproviders:\n- {${provider}}\n`;
}

/** A kubelet accepts the text, and these are the findings. */
function lint(text: string, kubeletVersion = '1.36'): readonly Problem[] {
  const options = { kubeletVersion, featureGate: true };
  assert.equal(checkProviderConfig(text, options).error, undefined);
  const decoded = decodeProviderConfig(text, rulesOf(options));
  assert.ok(!('error' in decoded));
  return lintProviderConfig(decoded, rulesOf(options));
}

function rules(text: string, kubeletVersion?: string): string[] {
  return lint(text, kubeletVersion).map(({ rule, path }) => `${path} ${rule}`);
}

test('a config as we would write it has no findings', () => {
  assert.deepEqual(rules(documentOf(`${purser}, ${environment}, args: ["--config", "/etc/purser/config.yaml"]`)), []);
  assert.deepEqual(rules(documentOf(`${purser}, ${environment}, args: ["--config=/etc/purser/config.yaml"]`)), []);
});

test('what concerns purser only is not asked of other plugins', () => {
  assert.deepEqual(rules(documentOf(`${other}, args: [get-credentials], env: [{name: NODE_OPTIONS, value: x}]`)), []);
});

// The one provider of a config, and what is found.
for (const [provider, ...expected] of [
  [
    `${other}, matchImages: [a.b/*, a.b/c/]`.replace('matchImages: [reg.example], ', ''),
    'providers[0].matchImages[0] path-wildcard',
  ],
  [other.replace('reg.example', 'a.b, c.d, a.b'), 'providers[0].matchImages[2] repeated-pattern'],
  [other.replace('reg.example', '"a.b:443", a.b')],
  [other.replace('reg.example', '"a.b:443"'), 'providers[0].matchImages[0] default-port'],
  [other.replace(`${group}/v1`, `${group}/v1beta1`), 'providers[0].apiVersion old-version'],
  [`${other}, env: [{name: "", value: x}]`, 'providers[0].env[0].name env-name'],
  [`${other}, env: [{name: "A=B", value: x}]`, 'providers[0].env[0].name env-name'],
  [`${other}, env: [{name: A, value: x}, {name: B}, {name: A, value: z}]`, 'providers[0].env[0].name repeated-env'],
  [purser, 'providers[0].env env-missing'],
  [purser.replace('name: purser', 'name: purser-team'), 'providers[0].env env-missing'],
  [
    `${purser.replace('name: purser', 'name: ecr')}, env: [{name: PURSER_CONFIG, value: /p}]`,
    'providers[0].env env-missing',
  ],
  [
    `${purser}, ${environment.replace('NODE_DEBUG, value: ""', 'NODE_DEBUG, value: "*"')}`,
    'providers[0].env[5] env-armed',
  ],
  [`${purser}, ${environment.replace(']', ', {name: BUN_JSC_useJIT}]')}`, 'providers[0].env[6] env-breaks'],
  [`${purser}, ${environment.replace(']', ', {name: MIMALLOC_SHOW_STATS}]')}`, 'providers[0].env[6] env-breaks'],
  [
    `${purser}, ${environment.replace(']', ', {name: PURSER_CONFIG, value: config.yaml}]')}`,
    'providers[0].env[6] relative-path',
  ],
  [`${purser}, ${environment.replace(']', ', {name: PURSER_LOG, value: /var/log/purser}]')}`],
  [`${purser}, ${environment}, args: [--config, config.yaml]`, 'providers[0].args[1] relative-path'],
  [`${purser}, ${environment}, args: [--config=config.yaml]`, 'providers[0].args[0] relative-path'],
  [`${purser}, ${environment}, args: [--config]`, 'providers[0].args[0] unknown-argument'],
  [`${purser}, ${environment}, args: [--config, /p, -v]`, 'providers[0].args[2] unknown-argument'],
  [`${purser}, ${environment}`.replace('0s', '12h'), 'providers[0].defaultCacheDuration unused-default'],
  [`${purser}, ${environment}`.replace('0s', '5m')],
  [
    `${purser}, ${environment}, tokenAttributes: {serviceAccountTokenAudience: a, requireServiceAccount: true, cacheType: Token}`,
  ],
  [
    `${purser}, ${environment}, tokenAttributes: {serviceAccountTokenAudience: a, requireServiceAccount: true, cacheType: ServiceAccount}`,
  ],
] as const) {
  test(`${provider}: ${expected.join(', ') || 'nothing'}`, () => {
    assert.deepEqual(rules(documentOf(provider)), expected);
  });
}

test('names all of the six variables that are not emptied', () => {
  const [finding] = lint(documentOf(`${purser}, env: [{name: BUN_OPTIONS, value: ""}]`));
  assert.deepEqual(
    finding?.message.match(/[A-Z]+(?:_[A-Z]+)+/g),
    disarmed.filter((name) => name !== 'BUN_OPTIONS'),
  );
});

test('an older version of the config itself, and a second document, are findings of the file', () => {
  const text = `${documentOf(other, 'v1beta1')}---\nkind: More\n`;
  const found = lint(text).map(({ rule, offset }) => ({ rule, ...lineAndColumn(text, offset) }));
  assert.deepEqual(found, [
    { rule: 'old-version', line: 1, column: 13 },
    { rule: 'unread-document', line: 5, column: 1 },
  ]);
});

test('token attributes that 1.33 takes are no config for 1.34', () => {
  const attributes = 'tokenAttributes: {serviceAccountTokenAudience: a, requireServiceAccount: true}';
  const text = documentOf(`${other}, ${attributes}`);
  assert.deepEqual(rules(text, '1.33'), ['providers[0].tokenAttributes cache-type-later']);
  assert.match(checkProviderConfig(text, { kubeletVersion: '1.34' }).error ?? '', /cacheType: Required value/);
  const newer = documentOf(`${other}, ${attributes.replace('}', ', cacheType: Token}')}`);
  assert.match(
    checkProviderConfig(newer, { kubeletVersion: '1.33', featureGate: true }).error ?? '',
    /unknown field "providers\[0\]\.tokenAttributes\.cacheType"/,
  );
});
