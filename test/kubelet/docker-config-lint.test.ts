/** What a kubelet refuses, ignores or misreads in a docker config. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lineAndColumn } from '../../src/json.ts';
import type { DockerConfigForm } from '../../src/kubelet/docker-config.ts';
import { lintDockerConfig } from '../../src/kubelet/docker-config-lint.ts';

const auth = Buffer.from('user:CANARY').toString('base64');
const good = { auth };

function found(text: string, form: DockerConfigForm = 'config.json'): string[] {
  const { errors, warnings } = lintDockerConfig(text, form);
  const show = ({ rule = 'error', path, offset }: (typeof errors)[number]): string => {
    const { line, column } = lineAndColumn(text, offset);
    return `${line}:${column} ${path} ${rule}`;
  };
  return [...errors, ...warnings].map(show);
}

function rulesOf(auths: unknown, more = {}): string[] {
  const { errors, warnings } = lintDockerConfig(JSON.stringify({ auths, ...more }), 'config.json');
  return [...errors, ...warnings].map(({ rule = 'error', path }) => `${path} ${rule}`);
}

test('what docker login writes without a credential store is right', () => {
  assert.deepEqual(rulesOf({ 'https://index.docker.io/v1/': good, 'ghcr.io': good, 'reg.example:5000': good }), []);
});

test('every bad entry is named, although a kubelet stops at the first', () => {
  const text = `{
  "auths": {
    "a.example": {"auth": "%"},
    "b.example": {"auth": "${auth}"},
    "c.example": {"auth": "${Buffer.from('nocolon').toString('base64')}"},
    "d.example": {"username": 7},
    "e.example": []
  }
}
`;
  assert.deepEqual(found(text), [
    '3:19 auths["a.example"].auth error',
    '5:19 auths["c.example"].auth error',
    '6:19 auths["d.example"].username error',
    '7:5 auths["e.example"] error',
  ]);
});

test('what spoils the file outside its entries has a place too', () => {
  assert.deepEqual(found('{"auths": {}, "HttpHeaders": {"a": 1}}').slice(0, 1), ['1:36 HttpHeaders.a error']);
  assert.deepEqual(found('{\n "auths": [\n'), ['3:1  error']);
  assert.deepEqual(found('{"auths": []}').slice(0, 1), ['1:11 auths error']);
});

// Entries, members beside them, and what is found.
for (const [auths, more, ...expected] of [
  [{}, {}, ' no-entries'],
  [{ 'a.b': good }, { credsStore: 'desktop' }, 'credsStore credential-helper'],
  [{ 'a.b': good }, { credHelpers: { 'c.d': 'x' } }, 'credHelpers credential-helper'],
  [{ 'a.b': {} }, {}, 'auths["a.b"] empty-credential'],
  [{ 'a.b': { identitytoken: 'CANARY' } }, {}, 'auths["a.b"] empty-credential'],
  [{ 'a.b': { auth, username: 'other' } }, {}, 'auths["a.b"] auth-wins'],
  [{ 'a.b': { auth, username: 'user', password: 'CANARY' } }, {}],
  [{ 'a.b': { username: 'u', password: 'CANARY\n' } }, {}, 'auths["a.b"] line-end'],
  [{ 'a.b': { auth: Buffer.from('u:CANARY\n').toString('base64') } }, {}, 'auths["a.b"] line-end'],
  [{ 'a.b:port': good }, {}, 'auths["a.b:port"] unreadable-key'],
  [{ 'oci://a.b': good }, {}, 'auths["oci://a.b"] scheme'],
  [{ 'HTTPS://a.b': good }, {}, 'auths["HTTPS://a.b"] scheme'],
  [{ 'http://a.b': good }, {}],
  [{ 'https://a.b/v2': good }, {}, 'auths["https://a.b/v2"] api-path'],
  [{ 'https://a.b/v2/': good }, {}],
  [{ 'a.b/*': good }, {}, 'auths["a.b/*"] path-wildcard'],
  [{ 'registry-1.docker.io': good }, {}, 'auths["registry-1.docker.io"] hub-name'],
  [{ '*.b.c': good }, {}, 'auths["*.b.c"] wildcard-key'],
  [{ '*.b': good }, {}, 'auths["*.b"] wide-host'],
  [{ 'a.b': good, 'https://a.b/v1/': good }, {}, 'auths["https://a.b/v1/"] same-entry'],
] as const) {
  test(`${JSON.stringify(Object.keys(auths))} with ${JSON.stringify(more)}: ${expected.join(', ') || 'nothing'}`, () => {
    assert.deepEqual(rulesOf(auths, more), expected);
  });
}

test('a key that stands twice counts once', () => {
  const text = `{"auths": {\n"a.b": ${JSON.stringify(good)},\n"a.b": ${JSON.stringify(good)}}}`;
  assert.deepEqual(found(text), ['3:1 auths["a.b"] repeated-key']);
});

test('the older form is its map alone, and is told from the newer', () => {
  const text = JSON.stringify({ 'a.b': good });
  assert.deepEqual(found(text, '.dockercfg'), []);
  assert.deepEqual(found(text), ['1:2 ["a.b"] old-form']);
  assert.deepEqual(found(JSON.stringify({ 'a.b': { auth: '%' } }), '.dockercfg'), ['1:9 ["a.b"].auth error']);
});

test('no finding holds a secret (R-SEC-01)', () => {
  const wrong = ['%', auth.slice(0, -3), Buffer.from('CANARY').toString('base64')];
  const entries = wrong.map((value, index) => [`h${index}.example`, { auth: value, password: 'CANARY' }]);
  const lint = lintDockerConfig(JSON.stringify({ auths: Object.fromEntries(entries) }), 'config.json');
  assert.equal(lint.errors.length + lint.warnings.length, 3);
  assert.doesNotMatch(JSON.stringify(lint), /CANARY/);
});
