/** The kubelet's config and ours, where each is right by itself and both together give no credential. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { providers } from '../providers/index.ts';
import { parseConfig } from '../src/config-file.ts';
import { checkProviderConfig } from '../src/kubelet/provider-config.ts';
import { lintTokens } from '../src/token-lint.ts';

const attributes = { serviceAccountTokenAudience: 'registry', cacheType: 'Token', requireServiceAccount: true };

function kubeletProvider(name: string, tokenAttributes: object | undefined, ...matchImages: string[]): object {
  const apiVersion = 'credentialprovider.kubelet.k8s.io/v1';
  return { name, apiVersion, matchImages, defaultCacheDuration: '0s', ...(tokenAttributes && { tokenAttributes }) };
}

const entry = {
  matchImages: ['reg.example/team'],
  provider: 'service-account-token',
  audience: 'registry',
  kubeletCacheType: 'Token',
};

/** Severity, place, rule and message of each finding. */
async function lint(kubelet: readonly object[], ...registries: readonly object[]): Promise<readonly string[]> {
  const document = { apiVersion: 'kubelet.config.k8s.io/v1', kind: 'CredentialProviderConfig', providers: kubelet };
  const check = checkProviderConfig(JSON.stringify(document), { kubeletVersion: '1.36' });
  assert.ok(check.accepted, check.error);
  const text = JSON.stringify({ apiVersion: 'purser/v1', kind: 'PurserConfig', registries });
  const found = lintTokens(await parseConfig(text, 'config.json', providers), check.providers);
  return [
    ...found.providers.map(
      ({ severity, problem: { path, rule = '', message } }) => `${severity} ${path} ${rule}: ${message}`,
    ),
    ...found.entries.map(
      ({ entry: { index }, advice: { rule, message } }) => `registries[${index}] ${rule}: ${message}`,
    ),
  ];
}

test('F-K03: files that belong together have no findings', async () => {
  assert.deepEqual(await lint([kubeletProvider('purser', attributes, 'reg.example')], entry), []);
  assert.deepEqual(await lint([kubeletProvider('purser', undefined, 'reg.example')]), []);
});

// What the kubelet's provider says, and what is wrong with it.
for (const [what, change, path, message] of [
  ['no token', undefined, '', "needs the pod's token, and no token is asked for here"],
  [
    'a token for another audience',
    { serviceAccountTokenAudience: 'other' },
    '.tokenAttributes.serviceAccountTokenAudience',
    'the token is for "other", and registries[0] (service-account-token) needs one for "registry"',
  ],
  [
    'cacheType ServiceAccount',
    { cacheType: 'ServiceAccount' },
    '.tokenAttributes.cacheType',
    'answers with the token itself, which a kubelet refuses with this cacheType',
  ],
] as const) {
  test(`F-K03: a provider with ${what} cannot serve the entry`, async () => {
    const wrong = kubeletProvider('purser', change && { ...attributes, ...change }, '*.example');
    const [found = '', ...others] = await lint([wrong], entry);
    assert.deepEqual(others, []);
    assert.ok(found.startsWith(`error providers[0]${path} : `) && found.includes(message), found);
    // A second name for the executable brings the token: then the first one only fails in vain.
    const right = kubeletProvider('purser-token', attributes, 'reg.example/team/');
    const [beside = '', ...more] = (await lint([wrong, right], entry)).filter(
      (line) => !line.includes('cache-per-token'),
    );
    assert.deepEqual(more, []);
    assert.ok(beside.startsWith(`warning providers[0]${path} token-elsewhere: `), beside);
  });
}

test('an entry that no provider of the kubelet reaches is never asked', async () => {
  const [found, ...others] = await lint([kubeletProvider('purser', undefined, 'reg.example/other/')], entry);
  assert.deepEqual(others, []);
  assert.match(found ?? '', /^registries\[0\] never-asked: /);
});

test('pods without a service account need not start a program that then fails', async () => {
  const optional = { ...attributes, requireServiceAccount: false };
  const found = await lint([kubeletProvider('purser', optional, 'reg.example')], entry);
  assert.match(found.join(), /^warning providers\[0\]\.tokenAttributes\.requireServiceAccount token-optional: /);
});

test('a cache for each token is worth its runs only where an answer holds the token', async () => {
  const fixed = { matchImages: ['reg.example'], provider: 'static', username: 'u', passwordFile: '/p' };
  const found = await lint([kubeletProvider('purser', attributes, 'reg.example')], fixed);
  assert.match(found.join(), /^warning providers\[0\]\.tokenAttributes\.cacheType cache-per-token: /);
  assert.deepEqual(await lint([kubeletProvider('purser', attributes, 'reg.example')], fixed, entry), []);
  const beside = kubeletProvider('purser-other', attributes, 'other.example');
  const ofTwo = await lint([kubeletProvider('purser', attributes, 'reg.example'), beside], entry);
  assert.match(ofTwo.join(), /^warning providers\[1\]\.tokenAttributes\.cacheType cache-per-token: /);
});
