/** What a PurserConfig may say and probably does not mean. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { providers } from '../providers/index.ts';
import { lintConfig } from '../src/config-lint.ts';

const login = { provider: 'static', username: 'u', passwordFile: '/etc/purser/p' };

function lint(registries: readonly object[], more = {}): string[] {
  const text = JSON.stringify({ apiVersion: 'purser/v1', kind: 'PurserConfig', registries, ...more });
  return lintConfig(text, providers).findings.map(({ rule = 'error', path }) => `${path} ${rule}`);
}

function withPatterns(...lists: readonly (readonly string[])[]): string[] {
  return lint(lists.map((matchImages) => ({ matchImages, ...login })));
}

test('a config as we would write it has no findings', () => {
  assert.deepEqual(withPatterns(['reg.example:5000/team/'], ['reg.example:5000'], ['docker.io', 'localhost:5000']), []);
});

test('all that the schema refuses is an error, each with its place (F-D05)', () => {
  const text =
    'apiVersion: purser/v1\nkind: PurserConfig\nregistries:\n  - matchImages: ["a.b:*"]\n    provider: statc\n    username: u\n    passwordFile: /p\n';
  const { findings, config } = lintConfig(text, providers);
  assert.equal(config, undefined);
  assert.deepEqual(
    findings.map(({ severity, line, column, path }) => `${line}:${column} ${severity} ${path}`),
    ['4:19 error registries[0].matchImages[0]', '5:15 error registries[0].provider'],
  );
});

test('a path without a slash at its end means another thing to a kubelet', () => {
  assert.deepEqual(withPatterns(['reg.example/team']), ['registries[0].matchImages[0] open-end']);
});

test('what surprises in a kubelet surprises here', () => {
  assert.deepEqual(withPatterns(['*']), [
    'registries[0].matchImages[0] one-label',
    'registries[0].matchImages[0] wildcard-host',
  ]);
  assert.deepEqual(withPatterns(['reg.example:443']), ['registries[0].matchImages[0] default-port']);
  assert.deepEqual(withPatterns(['registry-1.docker.io']), ['registries[0].matchImages[0] hub-name']);
});

test('a pattern that many hosts fit offers them what is in the entry (R-NET-10)', () => {
  assert.deepEqual(withPatterns(['*.example.com']), ['registries[0].matchImages[0] wildcard-host']);
  assert.deepEqual(withPatterns(['*.com']), ['registries[0].matchImages[0] wide-host']);
  const bound = { matchImages: ['*.example.com'], provider: 'docker-config', path: '/etc/purser/docker.json' };
  assert.deepEqual(lint([bound]), []);
});

// An audience of tokens, and whether an API server knows itself by it.
for (const [audience, own] of [
  ['https://kubernetes.default.svc', true],
  ['https://kubernetes.default.svc.cluster.local', true],
  ['api', true],
  ['registry.example.com', false],
  ['https://kubernetes.default.svc.evil.example/x', false],
  ['api.example', false],
] as const) {
  test(`tokens for ${audience} ${own ? 'open more than a registry' : 'have nothing to say'}`, () => {
    const entry = { matchImages: ['reg.example'], provider: 'service-account-token', kubeletCacheType: 'Token' };
    assert.deepEqual(lint([{ ...entry, audience }]), own ? ['registries[0] api-audience'] : []);
  });
}

test('HTTP without TLS is said so, but not of this machine itself (R-NET-08)', () => {
  assert.deepEqual(lint([{ matchImages: ['reg.example'], ...login, plainHTTP: true }]), [
    'registries[0].plainHTTP plain-http',
  ]);
  const loopback = ['localhost:5000', '127.0.0.1:5000', '[::1]:5000'];
  assert.deepEqual(lint([{ matchImages: loopback, ...login, plainHTTP: true }]), []);
  assert.deepEqual(lint([{ matchImages: ['127.0.0.1.example'], ...login, plainHTTP: true }]), [
    'registries[0].plainHTTP plain-http',
  ]);
});

test('secrets that others can read are said so', () => {
  assert.deepEqual(lint([{ matchImages: ['reg.example'], ...login, allowReadable: true }]), [
    'registries[0].allowReadable allow-readable',
  ]);
});

// Patterns of entries in order, and those that another entry hides.
for (const [lists, ...expected] of [
  [[['a.b'], ['a.b']], 'registries[1] shadowed'],
  [[['a.b'], ['a.b', 'c.d']], 'registries[1].matchImages[0] shadowed'],
  [[['a.b'], ['a.b/c/']]],
  [[['a.b/c/'], ['a.b/c/']], 'registries[1] shadowed'],
  [
    [['*x.b.c'], ['ax.b.c']],
    'registries[0].matchImages[0] glued-wildcard',
    'registries[0].matchImages[0] wildcard-host',
  ],
  [
    [['a*.b.c'], ['ab*.b.c']],
    'registries[0].matchImages[0] wildcard-host',
    'registries[1] shadowed',
    'registries[1].matchImages[0] wildcard-host',
  ],
  [
    [['ab*.b.c'], ['a*.b.c']],
    'registries[0].matchImages[0] wildcard-host',
    'registries[1].matchImages[0] wildcard-host',
  ],
  [[['a.b:1'], ['a.b']]],
  [[['a.b', 'a.b']], 'registries[0].matchImages[1] repeated-pattern'],
] as const) {
  test(`entries for ${JSON.stringify(lists)}: ${expected.join(', ') || 'nothing'}`, () => {
    assert.deepEqual(withPatterns(...lists), expected);
  });
}

test('a config that can serve nothing says so', () => {
  assert.deepEqual(lint([], { automatic: false }), [' serves-nothing']);
  assert.deepEqual(lint([]), []);
});

test('finds the member that holds a value, in JSON and in YAML', () => {
  const yaml =
    'apiVersion: purser/v1\nkind: PurserConfig\nregistries:\n  - matchImages: [a.b]\n    provider: static\n    username: u\n    passwordFile: /p\n';
  const { config, locate } = lintConfig(yaml, providers);
  const [entry] = config?.entries ?? [];
  assert.ok(entry);
  assert.deepEqual(locate?.(entry, '/p'), { path: 'registries[0].passwordFile', line: 7, column: 19 });
  assert.deepEqual(locate?.(entry, '/other'), { path: 'registries[0]', line: 4, column: 5 });
});
