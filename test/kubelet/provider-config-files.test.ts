/** A kubelet's config on disk: one file or a directory of them, in which order it fails, and its hash. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { checkProviderConfigFiles, selectConfigFiles } from '../../src/kubelet/provider-config-files.ts';

function config(...names: readonly string[]): string {
  const providers = names.map((name) => {
    return `  - {name: ${name}, matchImages: [a.b], defaultCacheDuration: 0s, apiVersion: credentialprovider.kubelet.k8s.io/v1}\n`;
  });
  const list = names.length === 0 ? ' []\n' : `\n${providers.join('')}`;
  return `apiVersion: kubelet.config.k8s.io/v1\nkind: CredentialProviderConfig\nproviders:${list}`;
}

function directory(files: Readonly<Record<string, string>>, kubeletVersion = '1.36') {
  const named = Object.entries(files).map(([name, content]) => ({
    path: `/etc/kubelet/${name}`,
    bytes: /^E[A-Z]+$/.test(content) ? content : Buffer.from(content, 'latin1'),
  }));
  return checkProviderConfigFiles(
    { kind: 'directory', path: '/etc/kubelet', files: named, ignored: [] },
    { kubeletVersion },
  );
}

function file(content: string, kubeletVersion = '1.36') {
  const bytes = /^E[A-Z]+$/.test(content) ? content : Buffer.from(content, 'latin1');
  return checkProviderConfigFiles({ kind: 'file', file: { path: '/etc/c.yaml', bytes } }, { kubeletVersion });
}

test('three endings are read, in byte order, hidden files too (F-K05)', () => {
  const names = ['b.yml', 'a.yaml', 'B.json', 'c.YAML', 'd.yaml.bak', '.hidden.yaml', 'readme', 'yaml', '.json'];
  assert.deepEqual(selectConfigFiles(names), ['.hidden.yaml', '.json', 'B.json', 'a.yaml', 'b.yml']);
});

test('files are joined, and one without providers does no harm beside one with some (F-K05)', () => {
  const check = directory({ 'a.yaml': config('one', 'two'), 'b.yaml': config(), 'c.json': config('three') });
  assert.equal(check.error, undefined);
  const names = check.configs.map(({ providers }) => providers.map(({ name }) => name.value));
  assert.deepEqual(names, [['one', 'two'], [], ['three']]);
  assert.equal(directory({ 'a.yaml': config(), 'b.yaml': config('one') }).error, undefined);
});

test('files that all have no providers are refused once', () => {
  const check = directory({ 'a.yaml': config(), 'b.yaml': config() });
  const error =
    'failed to validate credential provider config: providers: Required value: at least 1 item in plugins is required';
  assert.equal(check.error, error);
  assert.deepEqual(
    check.findings.map(({ file }) => file),
    ['/etc/kubelet/a.yaml'],
  );
});

test('a name that an earlier file has is refused, at its second place (F-K05)', () => {
  const check = directory({ 'a.yaml': config('one'), 'b.yaml': config('two', 'one') });
  assert.equal(check.error, 'duplicate provider name "one" found in configuration file(s)');
  assert.equal(check.failsAt, 'load');
  assert.deepEqual(
    check.findings.map(({ file, line, path }) => `${file}:${line} ${path}`),
    ['/etc/kubelet/b.yaml:5 providers[1].name'],
  );
});

test('reading and decoding go file by file, names come after, validation last', () => {
  const bad = config('one').replace('0s', '-1s');
  const steps: Record<string, string>[] = [
    { 'a.yaml': 'kind: [', 'b.yaml': 'EACCES', 'c.yaml': config('one'), 'd.yaml': config('one'), 'e.yaml': bad },
    { 'b.yaml': 'EACCES', 'c.yaml': config('one'), 'd.yaml': config('one'), 'e.yaml': bad },
    { 'c.yaml': config('one'), 'd.yaml': config('one'), 'e.yaml': bad },
    { 'e.yaml': bad },
  ];
  assert.deepEqual(
    steps.map((files) => directory(files).failsAt),
    ['decode', 'load', 'load', 'validate'],
  );
  const [first = {}, second = {}] = steps;
  assert.match(directory(first).error ?? '', /^error decoding config "\/etc\/kubelet\/a\.yaml": yaml: /);
  assert.equal(
    directory(second).error,
    'unable to read file "/etc/kubelet/b.yaml": open /etc/kubelet/b.yaml: permission denied',
  );
});

test('a link to a directory is read as a file, and that fails', () => {
  const { error } = directory({ 'a.yaml': 'EISDIR' });
  assert.equal(error, 'unable to read file "/etc/kubelet/a.yaml": read /etc/kubelet/a.yaml: is a directory');
});

test('a directory without a config file is refused', () => {
  assert.equal(directory({}).error, 'no configuration files found in directory "/etc/kubelet"');
});

test('a directory is nothing that a kubelet before 1.34 reads', () => {
  const { error } = directory({ 'a.yaml': config('one') }, '1.33');
  assert.equal(
    error,
    'unable to read external registry credential provider configuration from "/etc/kubelet": read /etc/kubelet: is a directory',
  );
});

// A file that is not there, not right, or wrong, in the words of two kubelets.
for (const [content, newer, older] of [
  [
    'ENOENT',
    'unable to access path "/etc/c.yaml": stat /etc/c.yaml: no such file or directory',
    'unable to read external registry credential provider configuration from "/etc/c.yaml": open /etc/c.yaml: no such file or directory',
  ],
  [
    'EACCES',
    'unable to read file "/etc/c.yaml": open /etc/c.yaml: permission denied',
    'unable to read external registry credential provider configuration from "/etc/c.yaml": open /etc/c.yaml: permission denied',
  ],
  [
    '',
    `error decoding config "/etc/c.yaml": Object 'Kind' is missing in '…'`,
    `error decoding config /etc/c.yaml: Object 'Kind' is missing in '…'`,
  ],
  [
    '# gr\xe4n\n',
    'error decoding config "/etc/c.yaml": yaml: invalid trailing UTF-8 octet',
    'error decoding config /etc/c.yaml: yaml: invalid trailing UTF-8 octet',
  ],
  [
    config('a', 'a'),
    'duplicate provider name "a" found in configuration file(s)',
    'failed to validate credential provider config: providers.name: Duplicate value: "a"',
  ],
] as const) {
  test(`says of ${JSON.stringify(content.slice(0, 20))}: ${newer}`, () => {
    assert.equal(file(content).shown, newer);
    assert.equal(file(content, '1.33').shown, older);
  });
}

test('the hash is that of lengths and bytes, as monitoring sees it, and only of what is accepted', () => {
  const texts = { 'a.yaml': config('one'), 'b.json': config('two') };
  const hash = createHash('sha256');
  for (const text of Object.values(texts)) {
    hash.update(Buffer.from([0, 0, 0, 0, 0, 0, text.length >> 8, text.length & 0xff])).update(text);
  }
  assert.equal(directory(texts).hash, `sha256:${hash.digest('hex')}`);
  assert.equal(file(config('one', 'one')).hash, undefined);
  assert.equal(file(config('one'), '1.33').hash, undefined);
});
