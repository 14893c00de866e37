/**
 * Image names made to be read in two ways. One entry holds a secret for registry.example.com/team; the table says of each
 * name whether it is refused or which repository it means, by the grammar of distribution/reference and by what a host
 * can be; never by what our parser answered.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { staticDefinition } from '../providers/static.ts';
import { decodeConfig } from '../src/config.ts';
import { PurserError } from '../src/errors.ts';
import { hostFault } from '../src/image-host.ts';
import { createKeyring } from '../src/kubelet/keyring.ts';
import { type Machine, respond } from '../src/plugin.ts';

const host = 'registry.example.com';
const good = `${host}/team/app`;
const hex = (length: number): string => 'a'.repeat(length);

/** Before a good name: users, schemes, hosts of somebody else. */
const prefixes = [
  ...['user@', 'user:pass@', 'user:@', ':@', '@', '@@', 'a%40b@', 'evil.example@', 'evil.example:443@', 'x:y@z@'],
  ...['https://', 'http://', 'HTTPS://', 'ftp://', 'file://', 'file:///', 'docker://', 'oci://', 's3://', 'ssh://'],
  ...['https:/', 'https:', 'https:///', '//', '///', '/', './', '../', 'javascript:', 'data:,', '\\\\', '\\', '#', '?'],
  ...[' ', '\t', '\n', '\r\n', '\0', '\ufeff', '.', '-', '_', ':', ':80/', '[', ']', '[]', 'https://evil.example@'],
].map((prefix) => prefix + good);

/** Behind a good host: paths that mean another place to somebody. */
const paths = [
  ...['/', '//', '//app', '/team//app', '/./app', '/../app', '/team/..', '/team/../../etc', '/.', '/..', '/...'],
  ...['/team/app/', '/team/app//', '/team/app/.', '/-app', '/_app', '/.app', '/app-', '/app_', '/app.', '/a..b'],
  ...['/a___b', '/a._b', '/a.-b', '/a-.b', '/Team/app', '/team/App', '/TEAM', '/team\\app', '\\team\\app', '/~/app'],
  ...['/team/app:', '/team/app@', '/team/app:v1:v2', '/team/app:v1/x', '/team/app:-v1', '/team/app:.v1'],
  ...[`/team/app:${hex(129)}`, '/team/app@sha256', '/team/app@sha256:', '/team/app@sha256:abc', '/team/app@v1'],
  ...[`/team/app@sha256:${hex(63)}`, `/team/app@sha256:${hex(65)}`, `/team/app@md5:${hex(32)}`, `/${hex(256)}`],
  ...[`/team/app@sha256:${hex(64).toUpperCase()}`, `/team/app@SHA256:${hex(64)}`, `/team/app@sha256:${hex(64)}:v1`],
].map((path) => host + path);

const ports = [':', ':0', ':00', ':0443', ':65536', ':99999', ':99999999999999999999', ':-1', ':+1', ':1e3', ':0x50'];
const oddPorts = [':80a', ': 80', ':443:443', ':\u0663', ':80@', ':80#', ':80?', ':80;', ':80\\'];

const hosts = [
  ...[...ports, ...oddPorts].map((port) => host + port),
  ...['registry.example.com.', '.registry.example.com', 'registry..example.com', '-registry.example.com', '...'],
  ...['registry-.example.com', 'registry.-example.com', 'registry.example.com-', '_registry.example.com', '.', '..'],
  ...[
    'regi_stry.example.com',
    'registry.example_com',
    'registry.exam ple.com',
    'registry.example.com*',
    '*.example.com',
  ],
  ...['registry.example.com,evil.example', 'registry.example.com;evil.example', 'registry.example.com&x', '$HOST.a'],
  // Letters of other alphabets and forms that look like these, or that normalisation makes into these.
  ...[
    'r\u0435gistry.example.com',
    'registry.ex\u0430mple.com',
    '\uff52egistry.example.com',
    'registry\u3002example.com',
  ],
  ...['registry\uff0eexample.com', 'registry\u00ad.example.com', 'registry\u200d.example.com', '\u0131.example.com'],
  ...['\u017f.example.com', '\u212a.example.com', 'stra\u00dfe.example.com', '\u202eregistry.example.com'],
  // Numbers that are addresses to some.
  ...[
    '127.1',
    '127.0.1',
    '1.2.3',
    '0177.0.0.1',
    '0x7f.0.0.1',
    '0x7f.1',
    '0x7f000001:80',
    '2130706433:80',
    '017700000001:80',
  ],
  ...['256.1.1.1', '1.2.3.256', '1.2.3.4.5', '01.2.3.4', '1.2.3.04', '1.2.3.4.', '1.2.3.0x4', 'a.0x', 'a.1', 'A.0X1F'],
  ...[
    '[::1',
    '::1]',
    '::1',
    '[::1]x',
    '[]',
    '[:]',
    '[::1%25eth0]',
    '[::1%eth0]',
    '[v1.a]',
    '[::g]',
    '[1.2.3.4]',
    '[0]',
  ],
  ...['[::ffff:127.0.0.1]', '[:::]', '[1:2:3:4:5:6:7:8:9]', '[12345::]', '[::1]:0', '[::1]:65536', '[::1]:', '[[::1]]'],
];

/** Put into the middle of the host and of the path. */
const characters = [
  ...Array.from({ length: 32 }, (_, code) => String.fromCharCode(code)),
  ...[...' "#$%&\'()*+,;<=>?@[\\]^`{|}~!'],
  ...['\x7f', '\x80', '\x85', '\x9f', '\u00a0', '\u061c', '\u200b', '\u200e', '\u2028', '\u2029', '\u202e', '\u2066'],
  ...['\ufeff', '\uff0f', '\uff20', '\u2215', '\ud800', '\u{e0001}', '\u{1f600}', '\u0301'],
  ...['%2f', '%2F', '%2e', '%00', '%0a', '%0d', '%40', '%3a', '%5c', '%23', '%3f', '%25', '%ff', '&#47;', '\\u002f'],
].flatMap((text) => [`regis${text}try.example.com/team/app`, `${host}/te${text}am/app`]);

const refused = new Set([
  ...prefixes,
  ...paths,
  ...hosts.map((name) => `${name}/team/app`),
  ...characters,
  ...[hex(64), 'a_b.c/app', `${'a.'.repeat(2100)}b/app`],
]);

/** Names that mean something, though not what they resemble. */
const accepted: readonly (readonly [name: string, means: string])[] = [
  [good, 'registry.example.com team/app'],
  [`${good}:v1`, 'registry.example.com team/app'],
  [`${good}:v1@sha256:${hex(64)}`, 'registry.example.com team/app'],
  [`${good}@sha512:${hex(128)}`, 'registry.example.com team/app'],
  [`${host}/team`, 'registry.example.com team'],
  [`${host}/team/a__b/c---d/e.f`, 'registry.example.com team/a__b/c---d/e.f'],
  [`${host}/teammate/app`, 'registry.example.com teammate/app'],
  [`${host}/team-evil/x`, 'registry.example.com team-evil/x'],
  [`${host}/team.evil/x`, 'registry.example.com team.evil/x'],
  [`${host}/team_evil/x`, 'registry.example.com team_evil/x'],
  [`${host}/tea/app`, 'registry.example.com tea/app'],
  [`${host}/x/team/app`, 'registry.example.com x/team/app'],
  [`${host}:443/team/app`, 'registry.example.com:443 team/app'],
  [`${host}:80/team/app`, 'registry.example.com:80 team/app'],
  [`${host}:65535/team/app`, 'registry.example.com:65535 team/app'],
  [`${host}.evil.example/team/app`, 'registry.example.com.evil.example team/app'],
  [`${host}-evil.example/team/app`, 'registry.example.com-evil.example team/app'],
  [`evil.example/${good}`, 'evil.example registry.example.com/team/app'],
  [`evil-${good}`, 'evil-registry.example.com team/app'],
  [`evil.${good}`, 'evil.registry.example.com team/app'],
  ['registryXexample.com/team/app', 'registryXexample.com team/app'],
  ['registry-example.com/team/app', 'registry-example.com team/app'],
  ['Registry.Example.com/team/app', 'Registry.Example.com team/app'],
  ['REGISTRY.EXAMPLE.COM/team/app', 'REGISTRY.EXAMPLE.COM team/app'],
  ['xn--80ak6aa92e.com/team/app', 'xn--80ak6aa92e.com team/app'],
  ['registry/example.com/team/app', 'docker.io registry/example.com/team/app'],
  ['registry', 'docker.io library/registry'],
  [host, 'docker.io library/registry.example.com'],
  ['team/app', 'docker.io team/app'],
  ['index.docker.io/app', 'docker.io library/app'],
  ['docker.io/app', 'docker.io library/app'],
  ['docker.io.evil.example/app', 'docker.io.evil.example app'],
  ['INDEX.docker.io/app', 'INDEX.docker.io app'],
  ['registry-1.docker.io/library/app', 'registry-1.docker.io library/app'],
  ['localhost/app', 'localhost app'],
  ['localhost:5000/app', 'localhost:5000 app'],
  ['LOCALHOST/app', 'LOCALHOST app'],
  ['10.0.0.1/app', '10.0.0.1 app'],
  ['10.0.0.1:5000/app', '10.0.0.1:5000 app'],
  ['0.0.0.0/app', '0.0.0.0 app'],
  ['[::1]:5000/app', '[::1]:5000 app'],
  ['[fd00:ec2::254]/app', '[fd00:ec2::254] app'],
  ['1.2.3.example/app', '1.2.3.example app'],
  ['0x7f.0.0.1a/app', '0x7f.0.0.1a app'],
];

const config = decodeConfig(
  {
    apiVersion: 'purser/v1',
    kind: 'PurserConfig',
    registries: [{ matchImages: [`${host}/team`], provider: 'static', username: 'robot', password: 's3cret' }],
  },
  [staticDefinition],
);
assert.ok(config);

const machine: Machine = {
  clock: { now: () => 0, monotonic: () => 0, sleep: async () => undefined },
  deadline: { remaining: () => 1, signal: new AbortController().signal },
  env: {},
  uid: undefined,
  log: () => undefined,
  fetch: () => () => assert.fail('asks nobody'),
};

const ask = (image: string) => respond({ apiVersion: 'credentialprovider.kubelet.k8s.io/v1', image }, config, machine);

test(`R-REQ-05: ${refused.size} names that could be read in two ways are refused`, async () => {
  assert.ok(refused.size >= 300);
  const missed: string[] = [];
  for (const name of refused) {
    const code = await ask(name).then(
      () => 'no refusal',
      (error: unknown) => (error instanceof PurserError ? error.code : 'no refusal'),
    );
    if (code !== 'REQ_IMAGE') missed.push(name);
  }
  assert.deepEqual(missed, []);
});

test('R-REQ-05: a name gets the credential of what it means, not of what it resembles', async () => {
  for (const [name, means] of accepted) {
    const { response, source } = await ask(name);
    const isOurs = /^registry\.example\.com team(\/|$)/.test(means);
    assert.equal(source !== undefined, isOurs, name);
    if (source === undefined) continue;
    assert.equal(`${source.plan.host} ${source.plan.repository}`, means);
    assert.deepEqual(Object.keys(response.auth ?? {}), [means.replace(' ', '/')]);
  }
});

test('R-REQ-05: a host that passes is the same host to a kubelet and to the URL standard', () => {
  const label = fc.oneof(
    fc.constantFrom('0', '1', '255', '256', '0x7f', '0X1', '00', '127', 'a', 'A', 'xn--a', '08', '0x'),
  );
  const port = fc.oneof(
    fc.constant(''),
    fc.nat({ max: 70_000 }).map((number) => `:${number}`),
    fc.constantFrom(':00', ':080'),
  );
  const group = fc.constantFrom('', '0', '1', 'ffff', '12345', 'g');
  const address = fc.array(group, { maxLength: 9 }).map((groups) => `[${groups.join(':')}]`);
  const name = fc.oneof(
    fc.array(label, { minLength: 1, maxLength: 5 }).map((labels) => labels.join('.')),
    address,
  );
  let passed = 0;
  fc.assert(
    fc.property(name, port, (name, port) => {
      const text = name + port;
      if (hostFault(text) !== undefined) return;
      passed++;
      const url = new URL(`https://${text}/v2/`);
      const written = text.toLowerCase().replace(/:443$/, '');
      // An IPv6 address has one more spelling than one; it is still the only address in those brackets.
      if (name.startsWith('[')) assert.equal(url.port, port === ':443' ? '' : port.slice(1));
      else assert.equal(url.host, written);
      const keyring = createKeyring([{ [text]: { username: 'u', password: 'p' } }]);
      const isBare = name.startsWith('[') && port === '';
      assert.equal(keyring.lookup(`${text}/app`).length, isBare ? 0 : 1, text);
    }),
    { numRuns: 3000 },
  );
  assert.ok(passed > 100, `${passed} passed`);
});
