/** What a PurserConfig may say, what is said of it when it is wrong, and which entries an image selects. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Ajv } from 'ajv';
import fc from 'fast-check';
import { dockerConfigDefinition } from '../providers/docker-config/definition.ts';
import { staticDefinition } from '../providers/static.ts';
import { decodeConfig, isFirstForWholeHost, type PurserConfig, selectEntries } from '../src/config.ts';
import { type ConfigProblem, configJsonSchema, findConfigProblems } from '../src/config-schema.ts';
import { parseJson } from '../src/json.ts';

const providers = [staticDefinition, dockerConfigDefinition];
const entry = { matchImages: ['reg.example'], provider: 'static', username: 'u', passwordFile: '/p' };

function document(registries: unknown, more = {}): string {
  return JSON.stringify({ apiVersion: 'purser/v1', kind: 'PurserConfig', registries, ...more });
}

function messages(text: string): string[] {
  return findConfigProblems(text, providers).map(({ path, message }) =>
    path === '' ? message : `${path}: ${message}`,
  );
}

function configOf(patterns: readonly (readonly string[])[]): PurserConfig {
  const config = decodeConfig(
    parseJson(document(patterns.map((matchImages) => ({ ...entry, matchImages })))),
    providers,
  );
  assert.ok(config);
  return config;
}

test('a small config has no problems', () => {
  assert.deepEqual(messages(document([entry])), []);
  assert.deepEqual(messages('{"apiVersion":"purser/v1","kind":"PurserConfig"}'), []);
});

test('problems come all at once, in the order of the file, each with its place', () => {
  const text = `apiVersion: purser/v2
kind: PurserConfig
registry: []
registries:
  - matchImages: ["*.example.com:*", "host/*", "index.docker.io", "https://a.b", "a.b/c:v1", "A.b/Team", nginx, ""]
    provider: static
    usernameFile: relative
    passwordfile: /p
    cacheDuration: 10
`;
  const problems: readonly ConfigProblem[] = findConfigProblems(text, providers);
  assert.deepEqual(
    problems.map(({ line, column, path, message }) => `${line}:${column} ${path} ${message}`),
    [
      '1:13 apiVersion write purser/v1',
      '3:1 registry unknown member; did you mean registries?',
      '5:5 registries[0] no password; give password or passwordFile',
      '5:19 registries[0].matchImages[0] "*.example.com:*": a port cannot be a wildcard; give the port or leave it out',
      '5:38 registries[0].matchImages[1] "host/*": an image that begins with host/ is on docker.io; write docker.io/host, or the host with its port',
      '5:48 registries[0].matchImages[2] "index.docker.io": images never carry this name; write docker.io',
      '5:67 registries[0].matchImages[3] "https://a.b": it has a scheme; write a.b',
      '5:82 registries[0].matchImages[4] "a.b/c:v1": it has a tag or digest; end it before the tag or digest',
      '5:94 registries[0].matchImages[5] "A.b/Team": "Team" is in no image name; paths are lower case, with . _ - inside',
      '5:106 registries[0].matchImages[6] "nginx": an image that begins with nginx/ is on docker.io; write docker.io/nginx, or the host with its port',
      '5:113 registries[0].matchImages[7] "": it is empty; write a registry host, such as registry.example.com',
      '7:19 registries[0].usernameFile not an absolute path; name the file from / on',
      '8:5 registries[0].passwordfile unknown member; did you mean passwordFile?',
      '9:20 registries[0].cacheDuration a number stands where text belongs',
    ],
  );
});

// A text and the one problem that is found in it.
for (const [text, expected] of [
  ['', 'the file is empty'],
  ['{', 'not valid JSON'],
  ['{"apiVersion":"purser/v1","apiVersion":"purser/v1"}', 'a member appears twice'],
  ['a: 1\na: 2\n', 'a member appears twice'],
  ['a: 1\n---\nb: 2\n', 'a second document follows'],
  ['a:\n\tb: 1\n', 'a tab is used to indent; use blanks'],
  ['a: &x 1\nb: *x\n', 'aliases are not accepted; write the value out'],
  [document({}), 'registries: a mapping stands where a list belongs'],
  [document([7]), 'registries[0]: a number stands where a mapping belongs'],
  [
    document([{ ...entry, provider: 'statc' }]),
    'registries[0].provider: no provider is named "statc"; did you mean static?',
  ],
  [
    document([{ ...entry, provider: 'ecr' }]),
    'registries[0].provider: no provider is named "ecr"; use one of static, docker-config',
  ],
  [
    document([{ ...entry, matchImages: [] }]),
    'registries[0].matchImages: the list is empty; name at least one registry',
  ],
  [document([{ ...entry, matchImages: undefined }]), 'registries[0].matchImages: missing; add it'],
  [
    document([{ ...entry, username: '' }]),
    'registries[0].username: it is empty; write it out or leave the member away',
  ],
  [document([{ ...entry, username: undefined }]), 'registries[0]: no username; give username or usernameFile'],
  [document([{ ...entry, password: 'p' }]), 'registries[0].password: given twice; keep password or passwordFile'],
  [
    document([{ ...entry, cacheDuration: '-1s' }]),
    'registries[0].cacheDuration: not a duration; write it as 90s, 10m or 1h30m',
  ],
  [document([{ ...entry, caFile: 'ca.pem' }]), 'registries[0].caFile: not an absolute path; name the file from / on'],
  [document([], { log: 'purser.log' }), 'log: not an absolute path; name the file from / on'],
  [document([], { automatic: 'no' }), 'automatic: text stands where true or false belongs'],
] as const) {
  test(`says of ${JSON.stringify(text.slice(0, 60))}: ${expected}`, () => {
    assert.deepEqual(messages(text), [expected]);
  });
}

const odd = fc.oneof(
  fc.string(),
  fc.integer(),
  fc.boolean(),
  fc.constant(null),
  fc.constant([]),
  fc.constant({}),
  fc.constant(undefined),
);
const text = (...good: string[]) =>
  fc.oneof({ weight: 6, arbitrary: fc.constantFrom(...good) }, { weight: 1, arbitrary: odd });
const maybe = (arbitrary: fc.Arbitrary<unknown>) =>
  fc.oneof({ weight: 3, arbitrary: fc.constant(undefined) }, { weight: 2, arbitrary });
const rarely = (arbitrary: fc.Arbitrary<unknown>) =>
  fc.oneof({ weight: 9, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary });
const anyEntry = fc
  .record({
    matchImages: fc.oneof(
      {
        weight: 8,
        arbitrary: fc.array(text('a.b', '*.b:5000', 'a.b/c', 'a.b/c/', 'a.b/*', 'x', '[::1]:5000/a', 'A.b'), {
          maxLength: 3,
        }),
      },
      { weight: 1, arbitrary: odd },
    ),
    provider: text('static', 'static', 'static', 'docker-config', 'other'),
    username: maybe(text('robot')),
    usernameFile: maybe(text('/user', 'user')),
    password: maybe(text('p')),
    passwordFile: maybe(text('/p', 'p', '/p\0')),
    path: rarely(text('/config.json', 'config.json')),
    rootDir: rarely(text('/var/lib/kubelet', '')),
    cacheDuration: maybe(text('5m', '0', '1d', '-3s', '1.5h', '+.5h3\u00b5s')),
    caFile: maybe(text('/ca', 'ca')),
    plainHTTP: maybe(fc.oneof(fc.boolean(), odd)),
    allowReadable: maybe(fc.oneof(fc.boolean(), odd)),
  })
  .chain((base) =>
    fc.oneof(
      { weight: 8, arbitrary: fc.constant(base) },
      { weight: 1, arbitrary: fc.string({ minLength: 1 }).map((name) => ({ ...base, [name]: 1 })) },
    ),
  );
const anyDocument = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.record({
      apiVersion: text('purser/v1', 'purser/v1', 'purser/v1', 'v1'),
      kind: text('PurserConfig'),
      $schema: maybe(text('https://example.com/schema.json')),
      registries: fc.oneof(
        { weight: 8, arbitrary: fc.array(anyEntry, { maxLength: 2 }) },
        { weight: 1, arbitrary: odd },
      ),
      log: maybe(text('/log', 'log')),
      automatic: maybe(fc.oneof(fc.boolean(), odd)),
    }),
  },
  { weight: 1, arbitrary: odd },
);

test('the decoder accepts exactly what the schema accepts, and editors object to none of it', () => {
  const forEditors = new Ajv().compile(JSON.parse(JSON.stringify(configJsonSchema(providers))));
  let accepted = 0;
  fc.assert(
    fc.property(anyDocument, (value) => {
      const json = JSON.stringify(value ?? null);
      // `__proto__` is refused by the parser, before either of the two.
      fc.pre(!json.includes('__proto__'));
      const decoded = decodeConfig(parseJson(json), providers) !== undefined;
      accepted += decoded ? 1 : 0;
      // The explainer tells JSON by its first character; both forms are one value.
      assert.equal(findConfigProblems(json, providers).length === 0, decoded, json);
      if (decoded) assert.ok(forEditors(JSON.parse(json)), json);
    }),
    { numRuns: 4000 },
  );
  assert.ok(accepted > 100, `only ${accepted} documents were accepted: the generator tests one side only`);
});

test('the most specific pattern wins: literal labels, then path segments, then order', () => {
  const config = configOf([
    ['*.example'],
    ['*.example/team/app'],
    ['reg.example'],
    ['reg.example/team'],
    ['reg.example/team/'],
    ['*.*'],
  ]);
  const order = (host: string, repository: string) =>
    selectEntries(config, host, repository).map(({ entry: { index } }) => index);
  assert.deepEqual(order('reg.example', 'team/app/x'), [3, 4, 2, 1, 0, 5]);
  assert.deepEqual(order('reg.example', 'teammate/app'), [2, 0, 5]);
  assert.deepEqual(order('other.example', 'team/app'), [1, 0, 5]);
  assert.deepEqual(order('reg.example:5000', 'team/app'), []);
  assert.deepEqual(order('a.reg.example', 'team'), []);
});

test('a path covers itself and all below it, by whole segments (R-REQ-07)', () => {
  for (const pattern of ['reg.example/team', 'reg.example/team/']) {
    const config = configOf([[pattern]]);
    const matches = (repository: string) => selectEntries(config, 'reg.example', repository).length === 1;
    assert.ok(matches('team') && matches('team/app') && matches('team/app/v2'));
    assert.ok(!matches('teammate') && !matches('team-evil/x') && !matches('tea') && !matches('x/team'));
  }
});

test('an IPv6 address matches itself, and its brackets are no set of characters', () => {
  const config = configOf([['[::1]:5000/a']]);
  assert.equal(selectEntries(config, '[::1]:5000', 'a/b').length, 1);
  assert.equal(selectEntries(config, '[::2]:5000', 'a/b').length, 0);
  assert.equal(selectEntries(config, '1:5000', 'a/b').length, 0);
});

test('an entry is first for a whole host only if no other can come before it anywhere', () => {
  const first = (patterns: readonly (readonly string[])[], index: number): boolean => {
    const config = configOf(patterns);
    const chosen = config.entries[index];
    assert.ok(chosen);
    return isFirstForWholeHost(config, chosen, 'reg.example');
  };
  assert.ok(first([['reg.example']], 0));
  assert.ok(!first([['reg.example/team']], 0));
  assert.ok(!first([['reg.example'], ['reg.example/team']], 0));
  assert.ok(first([['reg.example'], ['*.example/team']], 0));
  assert.ok(!first([['*.example'], ['reg.example/team']], 0));
  assert.ok(!first([['reg.example'], ['reg.example']], 1));
  assert.ok(
    first(
      [
        ['reg.example', 'reg.example/team'],
        ['reg.example/team/x', 'other.example'],
      ],
      0,
    ) === false,
  );
  assert.ok(first([['reg.example', 'reg.example/team'], ['reg.example/team']], 0));
});

test('a misspelt provider does not hide what else is wrong with its entry', () => {
  const problems = findConfigProblems(document([{ ...entry, provider: 'statc', cacheDuraton: '10m' }]), providers);
  assert.deepEqual(
    problems.map(({ path, message }) => `${path}: ${message}`),
    [
      'registries[0].provider: no provider is named "statc"; did you mean static?',
      'registries[0].cacheDuraton: unknown member; did you mean cacheDuration?',
    ],
  );
});
