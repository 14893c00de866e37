/** Which credential provider configs a kubelet starts with, and what it prints where it does not. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { stringify } from 'yaml';
import { checkProviderConfig } from '../../src/kubelet/provider-config.ts';

interface Provider {
  readonly name?: string;
  readonly matchImages?: readonly string[];
  readonly defaultCacheDuration?: string | null | undefined;
  readonly apiVersion?: string | undefined;
  readonly args?: readonly string[];
  readonly env?: readonly { readonly name: string; readonly value: string }[];
  readonly tokenAttributes?: Readonly<Record<string, unknown>> | undefined;
}

interface Config {
  readonly apiVersion: string;
  readonly kind: string;
  readonly providers: readonly Provider[];
}

const pluginGroup = 'credentialprovider.kubelet.k8s.io';
const configGroup = 'kubelet.config.k8s.io';

const label = fc.stringMatching(/^[a-z0-9*]([a-z0-9*-]{0,5}[a-z0-9*])?$/);
const pattern = fc
  .tuple(
    fc.array(label, { minLength: 1, maxLength: 4 }),
    fc.option(fc.integer({ min: 1, max: 65535 })),
    fc.stringMatching(/^(\/[a-z0-9]{1,4}){0,3}\/?$/),
  )
  .map(([labels, port, path]) => `${labels.join('.')}${port === null ? '' : `:${port}`}${path}`);
const duration = fc.constantFrom('0', '0s', '5m', '1h30m', '12h0m0s', '1.5h', '100ms', '1µs');
const annotation = fc.stringMatching(/^([a-z0-9]{1,4}\.example\/)?[A-Za-z0-9]([A-Za-z0-9_.-]{0,8}[A-Za-z0-9])?$/);

const tokenAttributes = fc
  .tuple(fc.uniqueArray(annotation, { maxLength: 4 }), fc.nat(4), fc.constantFrom('Token', 'ServiceAccount'))
  .map(([keys, cut, cacheType]) => ({
    serviceAccountTokenAudience: 'registry',
    cacheType,
    requireServiceAccount: true,
    requiredServiceAccountAnnotationKeys: keys.slice(0, cut),
    optionalServiceAccountAnnotationKeys: keys.slice(cut),
  }));

const provider = fc.record(
  {
    matchImages: fc.array(pattern, { minLength: 1, maxLength: 3 }),
    defaultCacheDuration: duration,
    apiVersion: fc.constant(`${pluginGroup}/v1`),
    args: fc.array(fc.string({ maxLength: 5 }), { maxLength: 2 }),
    env: fc.array(
      fc.record({ name: fc.string({ maxLength: 5 }), value: fc.string({ maxLength: 5 }) }, { noNullPrototype: true }),
      {
        maxLength: 2,
      },
    ),
    tokenAttributes,
  },
  { requiredKeys: ['matchImages', 'defaultCacheDuration', 'apiVersion', 'tokenAttributes'] },
);

const valid: fc.Arbitrary<Config> = fc.array(provider, { minLength: 1, maxLength: 3 }).map((providers) => ({
  apiVersion: `${configGroup}/v1`,
  kind: 'CredentialProviderConfig',
  providers: providers.map((item, index) => ({ name: `plugin-${index}`, ...item })),
}));

const writers = fc.constantFrom<(config: unknown) => string>(
  (config) => JSON.stringify(config),
  (config) => JSON.stringify(config, undefined, 2),
  (config) => stringify(config, { version: '1.1' }),
);

function errorOf(text: string, options = {}): string | undefined {
  return checkProviderConfig(text, options).error;
}

test('R-PROC-05: any right config is accepted, as JSON and as YAML, and read as it was written', () => {
  fc.assert(
    fc.property(valid, writers, (config, write) => {
      const { error, providers } = checkProviderConfig(write(config), {});
      assert.equal(error, undefined);
      assert.deepEqual(
        providers.map((entry) => ({
          name: entry.name.value,
          matchImages: entry.matchImages.map(({ value }) => value),
          args: entry.args.map(({ value }) => value),
          env: entry.env.map((item) => ({ name: item.name.value, value: item.value.value })),
        })),
        config.providers.map(({ name, matchImages, args = [], env = [] }) => ({ name, matchImages, args, env })),
      );
    }),
  );
});

const token = 'providers.tokenAttributes';
const versions = ['v1', 'v1alpha1', 'v1beta1'].map((version) => `"${pluginGroup}/${version}"`).join(', ');

/** Members to set, or to leave out where undefined, and what is then said. */
const wrong: readonly (readonly [what: string, members: Partial<Provider>, error: string])[] = [
  ['a slash in the name', { name: 'a/b' }, `providers.name: Invalid value: "a/b": provider name cannot contain '/'`],
  ['a blank in the name', { name: 'a b' }, 'providers.name: Invalid value: "a b": provider name cannot contain spaces'],
  ['a dot for a name', { name: '.' }, `providers.name: Invalid value: ".": provider name cannot be '.'`],
  ['two dots for a name', { name: '..' }, `providers.name: Invalid value: "..": provider name cannot be '..'`],
  ['no version', { apiVersion: undefined, tokenAttributes: undefined }, 'providers.apiVersion: Required value'],
  [
    'an unknown version',
    { apiVersion: 'v1', tokenAttributes: undefined },
    `providers.apiVersion: Unsupported value: "v1": supported values: ${versions}`,
  ],
  [
    'no patterns',
    { matchImages: [] },
    'providers.matchImages: Required value: at least 1 item in matchImages is required',
  ],
  [
    'a wildcard for a port',
    { matchImages: ['a.b:*'] },
    'providers.matchImages: Invalid value: "a.b:*": match image is invalid: parse "https://a.b:*": invalid port ":*" after host',
  ],
  ['no duration', { defaultCacheDuration: undefined }, 'providers.defaultCacheDuration: Required value'],
  ['null for a duration', { defaultCacheDuration: null }, 'providers.defaultCacheDuration: Required value'],
  [
    'a negative duration',
    { defaultCacheDuration: '-1m' },
    'providers.defaultCacheDuration: Invalid value: "-1m0s": must be greater than or equal to 0',
  ],
  [
    'tokens for an old plugin version',
    { apiVersion: `${pluginGroup}/v1beta1` },
    `${token}: Forbidden: tokenAttributes is only supported for ${pluginGroup}/v1 API version`,
  ],
];

const wrongTokens: readonly (readonly [what: string, members: Record<string, unknown>, error: string])[] = [
  ['no audience', { serviceAccountTokenAudience: '' }, `${token}.serviceAccountTokenAudience: Required value`],
  ['no requireServiceAccount', { requireServiceAccount: null }, `${token}.requireServiceAccount: Required value`],
  [
    'no cacheType',
    { cacheType: undefined },
    `${token}.cacheType: Required value: cacheType is required to be set when tokenAttributes is specified. Supported values are: ServiceAccount, Token`,
  ],
  [
    'another cacheType',
    { cacheType: 'Image' },
    `${token}.cacheType: Unsupported value: "Image": supported values: "ServiceAccount", "Token"`,
  ],
  [
    'required keys without a required account',
    {
      requireServiceAccount: false,
      requiredServiceAccountAnnotationKeys: ['a'],
      optionalServiceAccountAnnotationKeys: [],
    },
    `${token}.requiredServiceAccountAnnotationKeys: Forbidden: requireServiceAccount cannot be false when requiredServiceAccountAnnotationKeys is set`,
  ],
  [
    'a key in both lists',
    { requiredServiceAccountAnnotationKeys: ['a'], optionalServiceAccountAnnotationKeys: ['a'] },
    `${token}: Invalid value: ["a"]: annotation keys cannot be both required and optional`,
  ],
  [
    'a key twice',
    { requiredServiceAccountAnnotationKeys: [], optionalServiceAccountAnnotationKeys: ['a', 'a'] },
    `${token}.optionalServiceAccountAnnotationKeys: Duplicate value: "a"`,
  ],
];

const spoils = [
  ...wrong.map(([what, members, error]) => ({ what, error, spoil: (entry: Provider) => ({ ...entry, ...members }) })),
  ...wrongTokens.map(([what, members, error]) => ({
    what,
    error,
    spoil: (entry: Provider) => ({ ...entry, tokenAttributes: { ...entry.tokenAttributes, ...members } }),
  })),
];

for (const { what, error, spoil } of spoils) {
  test(`R-PROC-05: ${what} spoils any config, in the kubelet's words and at its provider (F-K04)`, () => {
    fc.assert(
      fc.property(valid, fc.boolean(), fc.nat(), (config, json, choice) => {
        const index = choice % config.providers.length;
        const providers = config.providers.map((entry, at) => (at === index ? spoil(entry) : entry));
        // JSON leaves out what is undefined, and any JSON is YAML.
        const text = JSON.stringify({ ...config, providers });
        const check = checkProviderConfig(json ? text : `# YAML\n${text}`, {});
        assert.equal(check.error, error);
        assert.deepEqual([check.accepted, check.failsAt, check.findings.length], [false, 'validate', 1]);
        assert.ok(check.findings[0]?.path.startsWith(`providers[${index}]`), check.findings[0]?.path);
      }),
      { numRuns: 30 },
    );
  });
}

test('R-PROC-05: any unknown or repeated member at any depth is refused from 1.32 on, and only then', () => {
  const places = ['/', '/providers/0', '/providers/0/tokenAttributes'] as const;
  fc.assert(
    fc.property(
      valid,
      fc.constantFrom(...places),
      fc.constantFrom('matchimages', 'Name', 'unknown'),
      (config, place, name) => {
        const text = JSON.stringify(config, (key, value) => {
          if (place === '/' && key === '') return { ...value, [name]: 1 };
          if (place === '/providers/0' && key === '0' && value.name === 'plugin-0') return { ...value, [name]: 1 };
          return place === '/providers/0/tokenAttributes' && key === 'tokenAttributes'
            ? { ...value, [name]: 1 }
            : value;
        });
        const path = place.slice(1).replaceAll('/', '.').replace('.0', '[0]');
        const error = errorOf(text);
        assert.ok(error?.startsWith('strict decoding error: unknown field "'), error);
        assert.ok(error?.includes(`"${path === '' ? '' : `${path}.`}${name}"`), error);
        if (place !== '/providers/0/tokenAttributes') {
          const old = checkProviderConfig(text, { kubeletVersion: '1.31' });
          assert.ok(!old.error?.includes('strict'), old.error);
        }
      },
    ),
  );
});

test('several errors are joined, equal ones once', () => {
  const config = `apiVersion: ${configGroup}/v1
kind: CredentialProviderConfig
providers:
  - {name: a, matchImages: [x], apiVersion: ${pluginGroup}/v1}
  - {name: b, matchImages: [], apiVersion: ${pluginGroup}/v1}
`;
  const { error, findings } = checkProviderConfig(config, {});
  assert.equal(
    error,
    '[providers.defaultCacheDuration: Required value, providers.matchImages: Required value: at least 1 item in matchImages is required]',
  );
  assert.deepEqual(
    findings.map(({ line, column, path }) => `${line}:${column} ${path}`),
    ['4:5 providers[0].defaultCacheDuration', '5:5 providers[1].matchImages', '5:5 providers[1].defaultCacheDuration'],
  );
});

// What a kubelet would print may quote the file; what we show never does.
for (const [what, text, shown] of [
  ['no kind', `apiVersion: ${configGroup}/v1\npassword: CANARY\n`, "Object 'Kind' is missing in '…'"],
  ['no version', 'kind: CredentialProviderConfig\npassword: CANARY\n', "Object 'apiVersion' is missing in '…'"],
  ['a value like an alias', 'password: *CANARY\n', "yaml: unknown anchor '…' referenced"],
  ['a tag that does not fit', 'password: !!int CANARY\n', 'yaml: cannot decode !!str `…` as a !!int'],
] as const) {
  test(`R-SEC-01: the error for ${what} does not show the file`, () => {
    const check = checkProviderConfig(text, {});
    assert.equal(check.shown, shown);
    assert.match(check.error ?? '', /CANARY/);
    assert.doesNotMatch(JSON.stringify(check.findings), /CANARY/);
  });
}

test("the kubelet's main config in its place is refused for its kind (F-K04)", () => {
  const text = `apiVersion: ${configGroup}/v1beta1\nkind: KubeletConfiguration\nclusterDomain: cluster.local\n`;
  assert.equal(errorOf(text), 'failed to decode "KubeletConfiguration" (wrong Kind)');
});

test('two colons in a host are refused from 1.36 on, where Go 1.26 decides', () => {
  const text = `apiVersion: ${configGroup}/v1
kind: CredentialProviderConfig
providers: [{name: a, matchImages: ["a.b:80:80"], defaultCacheDuration: 0s, apiVersion: ${pluginGroup}/v1}]
`;
  assert.match(errorOf(text) ?? '', /invalid port ":80:80" after host$/);
  assert.equal(errorOf(text, { kubeletVersion: 'v1.35.4' }), undefined);
});
