/** `provider: docker-config`. Expected values are the kubelet's: its documents, and runs of its code (Kubernetes 1.36.3). */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { dockerConfigDefinition } from '../../providers/docker-config/definition.ts';
import type { ErrorCode } from '../../src/errors.ts';
import type { JsonObject } from '../../src/json.ts';
import { ask, prepare } from '../contract/cases.ts';
import { testContract } from '../contract/suite.ts';
import type { World } from '../contract/world.ts';

const image = 'registry.example.com:5000/team/app';
const host = 'registry.example.com:5000';
const config = (auths: object): string => JSON.stringify({ auths });
const user = (username: string) => ({ username, password: 's3cret' });
const credential = { ...user('robot'), scope: host, expiresAt: 'never' as const };
const search = { rootDir: '/kubelet', workingDir: '/cwd', home: '/root' };

testContract(dockerConfigDefinition, {
  source: 'providers/docker-config/definition.ts',
  answers: [
    {
      what: 'one key for the whole host',
      members: { path: '/config.json' },
      files: { '/config.json': config({ [host]: user('robot'), 'other.example': user('other') }) },
      image,
      credentials: [credential],
    },
    {
      what: 'several keys, the longest first, for this image alone',
      members: { path: '/config.json' },
      files: {
        '/config.json': config({
          [host]: user('host'),
          '*.example.com:5000': user('glob'),
          [`https://${host}/v1/`]: user('url'),
          [`${host}/team/app`]: user('app'),
          [`${host}/team`]: user('team'),
          [`${host}/other`]: user('other'),
        }),
      },
      image,
      credentials: ['app', 'team', 'host', 'url', 'glob'].map((name) => ({
        ...credential,
        ...user(name),
        scope: image,
      })),
    },
    {
      what: 'the older form, known by its name',
      members: { path: '/old/.dockercfg' },
      files: { '/old/.dockercfg': JSON.stringify({ [host]: { auth: 'cm9ib3Q6czNjcmV0' } }) },
      image,
      credentials: [credential],
    },
    {
      what: 'the first file of a search that can be decoded',
      members: search,
      files: {
        '/kubelet/config.json': '{"auths":',
        '/cwd/config.json': config({ [host]: user('robot') }),
        '/root/.docker/config.json': config({ [host]: user('later') }),
        '/kubelet/.dockercfg': JSON.stringify({ [host]: user('older') }),
      },
      image,
      credentials: [credential],
    },
    {
      what: 'the key of Docker Hub',
      members: { rootDir: '/kubelet' },
      files: { '/kubelet/config.json': config({ 'https://index.docker.io/v1/': user('robot') }) },
      image: 'docker.io/library/nginx',
      credentials: [{ ...credential, scope: 'docker.io' }],
    },
  ],
  nothing: [
    {
      what: 'a host that no key covers',
      members: { path: '/config.json' },
      files: { '/config.json': config({ 'other.example': user('robot') }) },
      image,
    },
    { what: 'a search that finds no file', members: search, image },
    {
      what: 'a search whose first file has no auths: files are never merged',
      members: search,
      files: { '/kubelet/config.json': '{}', '/cwd/config.json': config({ [host]: user('robot') }) },
      image,
    },
  ],
  failures: [
    { what: 'a named file that is missing', members: { path: '/absent.json' }, image, code: 'FILE_MISSING' },
    {
      what: 'a named file that is cut short (F-D05)',
      members: { path: '/config.json' },
      files: { '/config.json': config({ [host]: user('robot') }).slice(0, -4) },
      image,
      code: 'FILE_CONTENT',
      secret: 's3cret',
    },
    {
      what: 'an auth that is no base64 (F-D05)',
      members: { path: '/config.json' },
      files: { '/config.json': config({ [host]: { auth: 's3cret!' } }) },
      image,
      code: 'FILE_CONTENT',
      secret: 's3cret',
    },
    {
      what: 'an auth that is no base64, under a key with a password in it',
      members: { path: '/config.json' },
      files: { '/config.json': config({ 'https://robot:s3cret@reg.example': { auth: '!' } }) },
      image,
      code: 'FILE_CONTENT',
      secret: 's3cret',
    },
  ],
});

async function usersFor(members: JsonObject, world: World, name = image): Promise<string[]> {
  const question = await prepare(dockerConfigDefinition, { members, image: name });
  return (await ask(question, world)).credentials.map(({ username }) => username);
}

test('every key of the documents serves the image, and no look-alike does (R-NET-10)', async () => {
  const serves = async (key: string): Promise<boolean> => {
    const files = { '/config.json': config({ [key]: user('robot') }) };
    return (await usersFor({ path: '/config.json' }, { files })).length === 1;
  };
  for (const key of ['', '/team', '/team/app'].map((path) => `${host}${path}`)) assert.ok(await serves(key), key);
  for (const key of [`https://${host}`, `https://${host}/v1/`, `http://${host}/v2/`, '*.example.com:5000']) {
    assert.ok(await serves(key), key);
  }
  const port = ['registry.example.com', 'registry.example.com:50', 'registry.example.com:443'];
  const look = ['example.com:5000', `${host}.evil.test`, 'evil.registry.example.com:5000', '*:5000', '*.com:5000'];
  const path = [`${host}/teams`, `${host}/*`, `${host}/app`, `${host}/Team`];
  for (const key of [...port, ...look, ...path]) assert.ok(!(await serves(key)), key);
});

test('a path inside the file is a plain prefix, as for a kubelet, and not one of segments (R-REQ-07)', async () => {
  const files = { '/config.json': config({ [`${host}/team`]: user('prefix'), [`${host}/team/`]: user('folder') }) };
  const from = (path: string) => usersFor({ path: '/config.json' }, { files }, `${host}/${path}`);
  assert.deepEqual(await from('team/app'), ['folder', 'prefix']);
  assert.deepEqual(await from('teammate/app'), ['prefix']);
  assert.deepEqual(await from('team'), ['prefix']);
});

test('an entry that docker login leaves to a credential store is tried like others, and the log says so', async () => {
  const files = { '/config.json': JSON.stringify({ auths: { [host]: {} }, credsStore: 'desktop' }) };
  const question = await prepare(dockerConfigDefinition, { members: { path: '/config.json' }, image });
  const { credentials, facts } = await ask(question, { files });
  assert.deepEqual(credentials, [{ ...credential, username: '', password: '' }]);
  assert.deepEqual(facts, [`${host} has neither user name nor password`]);
});

/** A search among files in these states: the one that is used, and what the log is told of it and the others. */
async function searched(
  members: JsonObject,
  states: Readonly<Record<string, 'valid' | 'malformed' | 'marked' | 'unreadable' | 'distrusted'>>,
): Promise<{ used: string | undefined; facts: readonly string[] }> {
  const files: Record<string, string> = {};
  const refused: Record<string, ErrorCode> = {};
  for (const [path, state] of Object.entries(states)) {
    const keys = { [host]: user(path) };
    const text = JSON.stringify(path.endsWith('.dockercfg') ? keys : { auths: keys });
    if (state === 'unreadable') refused[path] = 'FILE_READ';
    else if (state === 'distrusted') refused[path] = 'FILE_TRUST';
    else files[path] = { valid: text, malformed: text.slice(0, -1), marked: `\uFEFF${text}` }[state];
  }
  const { credentials, facts } = await ask(await prepare(dockerConfigDefinition, { members, image }), {
    files,
    refused,
  });
  return { used: credentials[0]?.username, facts };
}

for (const [states, used] of [
  [{ '/kubelet/config.json': 'valid', '/root/.docker/config.json': 'valid' }, '/kubelet/config.json'],
  [{ '/root/.docker/config.json': 'valid', '/kubelet/.dockercfg': 'valid' }, '/root/.docker/config.json'],
  [{ '/kubelet/config.json': 'malformed', '/cwd/config.json': 'valid' }, '/cwd/config.json'],
  [{ '/kubelet/config.json': 'marked', '/cwd/config.json': 'valid' }, '/cwd/config.json'],
  [{ '/.docker/config.json': 'valid', '/cwd/config.json': 'unreadable' }, '/.docker/config.json'],
  [{ '/.dockercfg': 'valid' }, '/.dockercfg'],
  [{}, undefined],
  [{ '/root/.dockercfg': 'valid', '/cwd/.dockercfg': 'malformed' }, '/root/.dockercfg'],
] as const) {
  test(`of ${JSON.stringify(states)} a search uses ${used}`, async () => {
    assert.equal((await searched(search, states)).used, used);
  });
}

test('without HOME a search looks below the working directory instead', async () => {
  const states = { '/cwd/.docker/config.json': 'valid', '/root/.docker/config.json': 'valid' } as const;
  assert.equal((await searched({ workingDir: '/cwd' }, states)).used, '/cwd/.docker/config.json');
});

test('the log hears of each file that is there, and of no other', async () => {
  const states = {
    '/kubelet/config.json': 'malformed',
    '/cwd/config.json': 'unreadable',
    '/.dockercfg': 'valid',
  } as const;
  assert.deepEqual((await searched(search, states)).facts, [
    '/kubelet/config.json: at 1:95: not valid JSON',
    '/cwd/config.json: it fails with FILE_READ',
    '/.dockercfg: used',
  ]);
});

test('the log hears when there is nothing for an image', async () => {
  const question = await prepare(dockerConfigDefinition, { members: search, image });
  assert.deepEqual((await ask(question, {})).facts, [`no key of a docker config covers ${image}`]);
});

test('a search ends at a file that must not be used (R-PROC-04)', async () => {
  for (const path of ['/kubelet/config.json', '/.dockercfg']) {
    await assert.rejects(searched(search, { [path]: 'distrusted' }), { code: 'FILE_TRUST' });
  }
});
