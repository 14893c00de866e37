/** What explain says is what serve and a kubelet do: the reason for each pattern, the order, the key, the time. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { providers } from '../providers/index.ts';
import { decodeConfig, type PurserConfig } from '../src/config.ts';
import { explainImage } from '../src/explain.ts';
import type { Json } from '../src/json.ts';
import { explainMismatch, type MatchImage, matchesImage, parseMatchImage } from '../src/kubelet/match-image.ts';
import { checkProviderConfig } from '../src/kubelet/provider-config.ts';

function configOf(...registries: Json[]): PurserConfig {
  const config = decodeConfig({ apiVersion: 'purser/v1', kind: 'PurserConfig', registries }, providers);
  assert.ok(config);
  return config;
}

const login = { provider: 'static', username: 'u', passwordFile: '/etc/purser/p' };

function reasonsFor(matchImages: string[], image: string): Promise<(string | undefined)[]> {
  return explainImage(image, configOf({ matchImages, ...login })).then(({ entries }) => {
    return entries.flatMap(({ patterns }) => patterns.map(({ reason }) => reason));
  });
}

test('names the rule by which a pattern does not match', async () => {
  const image = 'reg.example.com:5000/team/app:v1';
  assert.deepEqual(await reasonsFor(['reg.example.com'], image), ['it has no port, the image has port 5000']);
  assert.deepEqual(await reasonsFor(['example.com:5000'], image), ["its host has 2 labels, the image's has 3"]);
  assert.deepEqual(await reasonsFor(['reg.*.org:5000'], image), ['its host label "org" does not match "com"']);
  assert.deepEqual(await reasonsFor(['reg.example.com:5000/tea'], image), ['the image is neither tea nor below it']);
  assert.deepEqual(await reasonsFor(['*.example.com:5000/team/'], image), [undefined]);
});

test('asks in the order of serve, and says where the answer is kept', async () => {
  const wide = { matchImages: ['reg.example'], ...login, cacheDuration: '10m' };
  const narrow = { matchImages: ['reg.example/team'], ...login };
  const { normalised, asked } = await explainImage(
    'reg.example/team/app@sha256:'.padEnd(92, 'a'),
    configOf(wide, narrow),
  );
  assert.equal(normalised, 'reg.example/team/app');
  assert.deepEqual(
    asked.map(({ entry, cache }) => [entry, cache]),
    [
      [1, { cacheKeyTypes: ['Image'], keys: ['reg.example/team/app'], standing: '300s' }],
      [0, { cacheKeyTypes: ['Image'], keys: ['reg.example/team/app'], standing: '600s', limit: '600s' }],
    ],
  );
  const alone = await explainImage('reg.example/team/app', configOf(wide));
  assert.deepEqual(alone.asked[0]?.cache?.cacheKeyTypes, ['Registry']);
  assert.deepEqual(alone.asked[0]?.cache?.keys, ['reg.example']);
});

test('a docker config may have one credential for the whole host, which is known only when it is read', async () => {
  const config = configOf({ matchImages: ['reg.example'], provider: 'docker-config', path: '/etc/purser/config.json' });
  const { asked } = await explainImage('reg.example/app', config);
  assert.deepEqual(asked[0]?.cache?.cacheKeyTypes, ['Image', 'Registry']);
});

test('shows what a kubelet runs, writes and looks up', async () => {
  const text = `apiVersion: kubelet.config.k8s.io/v1
kind: CredentialProviderConfig
providers:
  - name: purser
    apiVersion: credentialprovider.kubelet.k8s.io/v1
    matchImages: ["*.example"]
    defaultCacheDuration: 0s
    tokenAttributes:
      serviceAccountTokenAudience: registry
      cacheType: Token
      requireServiceAccount: false
  - name: other
    apiVersion: credentialprovider.kubelet.k8s.io/v1beta1
    matchImages: ["reg.example/team"]
    defaultCacheDuration: 0s
`;
  const check = checkProviderConfig(text, {});
  assert.ok(check.accepted, check.error);
  const { kubelet } = await explainImage('reg.example/app:1', configOf(), check.providers);
  assert.deepEqual(kubelet, [
    {
      name: 'purser',
      matches: true,
      patterns: [{ pattern: '*.example' }],
      request:
        '{"kind":"CredentialProviderRequest","apiVersion":"credentialprovider.kubelet.k8s.io/v1","image":"reg.example/app","serviceAccountToken":"<token>"}\n',
      cacheKeys: ['reg.example/app', 'reg.example', '<global>'],
      token: {
        audience: 'registry',
        cacheType: 'Token',
        rule: { apiGroups: [''], resources: ['registry'], verbs: ['request-serviceaccounts-token-audience'] },
        refusals: [
          'audience "registry" not found in pod spec volume',
          'is not authorized to request tokens for audience "registry"',
        ],
        runsWithoutAccount: true,
        requiredAnnotations: [],
      },
    },
    {
      name: 'other',
      matches: false,
      patterns: [
        { pattern: 'reg.example/team', reason: `the image's path does not begin with "/team", letter by letter` },
      ],
    },
  ]);
});

test("tells of a kubelet's pattern what keeps it from ever matching", async () => {
  const text = `apiVersion: kubelet.config.k8s.io/v1
kind: CredentialProviderConfig
providers:
  - name: other
    apiVersion: credentialprovider.kubelet.k8s.io/v1
    matchImages: ["reg.example/*", "*example", "other.example/team"]
    defaultCacheDuration: 0s
`;
  const { kubelet } = await explainImage('reg.example/app', configOf(), checkProviderConfig(text, {}).providers);
  const advice = kubelet?.flatMap(({ patterns }) => patterns.map((pattern) => pattern.advice));
  assert.deepEqual(advice, [
    'in a path * is a plain character, so it never matches; write reg.example: everything below is meant',
    'a * never reaches over a dot: it covers no host with a domain; write the hosts; *.example.com covers those with one part more',
    undefined,
  ]);
});

test('reads patterns as the kubelet did that accepted them', async () => {
  const text = `apiVersion: kubelet.config.k8s.io/v1
kind: CredentialProviderConfig
providers:
  - {name: a, apiVersion: credentialprovider.kubelet.k8s.io/v1, matchImages: ["a.b:80:80"], defaultCacheDuration: 0s}
`;
  const { providers } = checkProviderConfig(text, { kubeletVersion: '1.35' });
  const { kubelet } = await explainImage('a.b/app', configOf(), providers);
  assert.deepEqual(kubelet?.[0]?.patterns[0]?.reason, 'its host label "b:80:80" does not match "b"');
});

test('there is a reason exactly where there is no match', () => {
  const label = fc.constantFrom('a', 'b', '*', 'a*', 'reg');
  const host = fc.array(label, { minLength: 1, maxLength: 3 }).map((labels) => labels.join('.'));
  const port = fc.constantFrom('', ':5000', ':1');
  const path = fc.constantFrom('', '/', '/team', '/team/', '/team/app', '/teammate');
  const pattern = fc.tuple(host, port, path).map((parts) => parts.join(''));
  fc.assert(
    fc.property(pattern, pattern, (left, right) => {
      const [one, other] = [parsed(left), parsed(right.replaceAll('*', 'x'))];
      assert.equal(explainMismatch(one, other) === undefined, matchesImage(one, other));
    }),
    { numRuns: 2000 },
  );
});

function parsed(text: string): MatchImage {
  const image = parseMatchImage(text);
  assert.ok(!('problem' in image));
  return image;
}
