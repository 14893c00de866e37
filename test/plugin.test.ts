/** Which credentials an image gets, under which keys and for how long. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { dockerConfigDefinition } from '../providers/docker-config/definition.ts';
import { decodeConfig, type PurserConfig, selectEntries } from '../src/config.ts';
import type { AuthConfig, Credential } from '../src/credential.ts';
import { PurserError } from '../src/errors.ts';
import type { Json } from '../src/json.ts';
import { registryCacheKey } from '../src/kubelet/cache-key.ts';
import { createKeyring } from '../src/kubelet/keyring.ts';
import { type Answer, type Machine, respond, toPlanRequest } from '../src/plugin.ts';
import type { PlanRequest, ProviderDefinition } from '../src/provider.ts';
import { folder } from './built.ts';

const apiVersion = 'credentialprovider.kubelet.k8s.io/v1';
const now = Date.parse('2026-11-24T12:00:00Z');
const minute = 60_000;

/** A provider whose answers are its options: path keys like a docker config's, or credentials as they stand. */
const fake: ProviderDefinition<FakeOptions> = {
  name: 'fake',
  // Each config of these tests is made here, so that its options are what they claim to be.
  decode: (members) => JSON.parse(JSON.stringify(members)),
  fields: () => ({}),
  recognises: (host) => host === 'automatic.example',
  load: async () => ({
    plan: (request, options) => (options.foreign ? undefined : planFor(request)),
    getCredentials: async (plan, options) =>
      options.keys === undefined ? (options.credentials ?? []) : keyed(plan, options.keys),
  }),
};

interface FakeOptions {
  readonly foreign?: boolean;
  readonly credentials?: readonly Credential[];
  readonly keys?: readonly string[];
}

function planFor({ host, repository }: PlanRequest) {
  return { host, repository, identity: 'test', endpoint: 'test', scope: host, cacheIdentity: 'test' };
}

/** Credentials of all keys that cover the image, longest first. */
function keyed({ host, repository }: { host: string; repository: string }, keys: readonly string[]): Credential[] {
  const image = `${host}/${repository}`;
  const onHost = keys.filter((key) => key === host || key.startsWith(`${host}/`));
  const matching = onHost
    .filter((key) => image === key || image.startsWith(`${key}/`))
    .sort((a, b) => b.length - a.length);
  const scope = onHost.length === 1 && onHost[0] === host ? host : image;
  return matching.map((key) => ({ username: 'key', password: key, scope, expiresAt: 'never' }));
}

function configOf(registries: Json, automatic = false): PurserConfig {
  const document = { apiVersion: 'purser/v1', kind: 'PurserConfig', registries, automatic };
  const config = decodeConfig(document, [fake, dockerConfigDefinition]);
  assert.ok(config);
  return config;
}

function machineAt(time: number): Machine & { facts: string[] } {
  const facts: string[] = [];
  const signal = new AbortController().signal;
  return {
    clock: { now: () => time, monotonic: () => time, sleep: async () => undefined },
    deadline: { remaining: () => 25_000, signal },
    env: {},
    uid: undefined,
    facts,
    log: (fact) => facts.push(fact),
    fetch: () => () => assert.fail('asks nobody'),
  };
}

function answer(config: PurserConfig, image: string, machine: Machine = machineAt(now)): Promise<Answer> {
  return respond({ apiVersion, image }, config, machine);
}

const token = (more: Partial<Credential> = {}): Json => {
  return { username: 'u', password: 'p', scope: 'reg.example', expiresAt: 'never', ...more };
};

test('one credential for a whole host is cached for the registry', async () => {
  const config = configOf([{ matchImages: ['reg.example'], provider: 'fake', credentials: [token()] }]);
  const { response } = await answer(config, 'reg.example/a/b');
  const auth = { 'reg.example': { username: 'u', password: 'p' } };
  assert.deepEqual(response, { apiVersion, cacheKeyType: 'Registry', cacheDuration: '300s', auth });
});

test('several credentials get keys that a kubelet tries in our order, down to the host', async () => {
  const credentials = ['1', '2', '3', '4'].map((password) => token({ password }));
  const config = configOf([{ matchImages: ['reg.example'], provider: 'fake', credentials }]);
  const machine = machineAt(now);
  const { response } = await answer(config, 'reg.example/a/b', machine);
  assert.equal(response.cacheKeyType, 'Image');
  assert.deepEqual(Object.keys(response.auth ?? {}), ['reg.example/a/b', 'reg.example/a', 'reg.example']);
  assert.deepEqual(machine.facts, ['dropped 1 credentials: the path of reg.example/a/b has no more keys']);
});

test('a key whose path begins with v1/ or v2/ gets a prefix that a kubelet strips', async () => {
  const credentials = [token(), token({ password: 'q' })];
  for (const image of ['reg.example/v1/app', 'reg.example/v2/app']) {
    const config = configOf([{ matchImages: ['reg.example'], provider: 'fake', credentials }]);
    const { response } = await answer(config, image);
    const passwords = createKeyring([response.auth ?? {}])
      .lookup(image)
      .map(({ password }) => password);
    assert.deepEqual(passwords, ['p', 'q']);
    assert.equal(Object.keys(response.auth ?? {})[0], image.replace('reg.example/', 'reg.example/v2/'));
  }
});

test('Docker Hub is written docker.io, however it was asked for', async () => {
  const config = configOf([
    { matchImages: ['docker.io'], provider: 'fake', credentials: [token({ scope: 'docker.io' })] },
  ]);
  for (const image of ['docker.io/library/nginx', 'index.docker.io/library/nginx', 'nginx', 'library/nginx:1.27']) {
    assert.deepEqual(Object.keys((await answer(config, image)).response.auth ?? {}), ['docker.io'], image);
  }
});

test('a tag or a digest is dropped', async () => {
  const digest = `sha256:${'0'.repeat(64)}`;
  for (const suffix of [':v1', `@${digest}`, `:v1@${digest}`]) {
    assert.equal(toPlanRequest({ image: `reg.example:5000/team/app${suffix}` }).image, 'reg.example:5000/team/app');
  }
});

test('a provider that has nothing passes on, and the answer is then for the image alone', async () => {
  const config = configOf([
    { matchImages: ['reg.example'], provider: 'fake', credentials: [] },
    { matchImages: ['*.example'], provider: 'fake', credentials: [token()] },
  ]);
  const { response, source } = await answer(config, 'reg.example/a');
  assert.equal(source?.entry?.index, 1);
  assert.equal(response.cacheKeyType, 'Image');
});

test('a provider that declines passes on', async () => {
  const config = configOf([
    { matchImages: ['reg.example'], provider: 'fake', foreign: true },
    { matchImages: ['*.example'], provider: 'fake', credentials: [token()] },
  ]);
  assert.equal((await answer(config, 'reg.example/a')).source?.entry?.index, 1);
});

test('an error is never passed on to the next entry', async () => {
  const failing: ProviderDefinition = {
    ...fake,
    name: 'failing',
    load: async () => ({
      plan: planFor,
      getCredentials: async () => {
        throw new PurserError('NET_CONNECT', { doing: 'a', found: 'b', todo: 'c' });
      },
    }),
  };
  const registries = [
    { matchImages: ['reg.example'], provider: 'failing' },
    { matchImages: ['reg.example'], provider: 'fake', credentials: [token()] },
  ];
  const config = decodeConfig({ apiVersion: 'purser/v1', kind: 'PurserConfig', registries }, [fake, failing]);
  assert.ok(config);
  await assert.rejects(answer(config, 'reg.example/a'), {
    name: 'ProviderError',
    code: 'NET_CONNECT',
    provider: 'failing',
    message: 'a for registries[0] (failing): b; c',
  });
});

test('a host that a provider recognises is served without an entry, unless automatic is false', async () => {
  const served = {
    ...fake,
    decode: () => ({
      credentials: [{ username: 'u', password: 'p', scope: 'automatic.example', expiresAt: 'never' as const }],
    }),
  };
  const base = { apiVersion: 'purser/v1', kind: 'PurserConfig' };
  const on = decodeConfig(base, [served]);
  const off = decodeConfig({ ...base, automatic: false }, [served]);
  assert.ok(on && off);
  assert.equal((await answer(on, 'automatic.example/a')).response.cacheKeyType, 'Registry');
  assert.equal((await answer(off, 'automatic.example/a')).response.auth, null);
  assert.equal((await answer(on, 'other.example/a')).response.auth, null);
});

// What is left of a token's life, the entry's limit, and the cacheDuration that must come of it.
for (const [left, limit, expected] of [
  ['never', undefined, '300s'],
  ['never', '10m', '600s'],
  ['never', '0s', '0s'],
  [undefined, undefined, '0s'],
  [undefined, '10m', '0s'],
  [12 * 60 * minute, undefined, `${12 * 3600 * 0.9}s`],
  [12 * 60 * minute, '1h', '3600s'],
  [5 * minute, undefined, '240s'],
  [minute, undefined, '0s'],
  [1_000, undefined, '0s'],
  [0, undefined, '0s'],
  [-60 * minute, undefined, '0s'],
] as const) {
  test(`a life of ${left} with a limit of ${limit} is cached for ${expected}`, async () => {
    const credential = { username: 'u', password: 'p', scope: 'reg.example' };
    const expiresAt =
      typeof left === 'number' ? { expiresAt: now + left } : left === undefined ? {} : { expiresAt: left };
    const entry = { matchImages: ['reg.example'], provider: 'fake', credentials: [{ ...credential, ...expiresAt }] };
    const config = configOf([limit === undefined ? entry : { ...entry, cacheDuration: limit }]);
    assert.equal((await answer(config, 'reg.example/a')).response.cacheDuration, expected);
  });
}

test('the shortest life of several credentials counts', async () => {
  const credentials = [token(), token({ expiresAt: now + 5 * minute })];
  const config = configOf([{ matchImages: ['reg.example'], provider: 'fake', credentials }]);
  assert.equal((await answer(config, 'reg.example/a')).response.cacheDuration, '240s');
});

/** A kubelet's cache of one provider: exact image, then registry, then everything; and the keyring behind it. */
function kubelet(config: PurserConfig): (image: string) => Promise<AuthConfig[]> {
  const cache = new Map<string, Readonly<Record<string, AuthConfig>>>();
  return async (image) => {
    const cached = cache.get(image) ?? cache.get(registryCacheKey(image)) ?? cache.get('<global>');
    if (cached !== undefined) return createKeyring([cached]).lookup(image);
    const { response } = await answer(config, image);
    const auth = response.auth ?? {};
    const key = { Image: image, Registry: registryCacheKey(image), Global: '<global>' }[response.cacheKeyType];
    if (response.cacheDuration !== '0s') cache.set(key, auth);
    return createKeyring([auth]).lookup(image);
  };
}

const hosts = ['a.example', 'b.example', 'a.example:5000', 'docker.io', '10.0.0.1:80'];
const segments = ['team', 'teammate', 'v1', 'v2', 'app'];
const path = fc.array(fc.constantFrom(...segments), { minLength: 1, maxLength: 4 }).map((parts) => parts.join('/'));
// A kubelet sends normalised names only: docker.io/app is docker.io/library/app by then.
const image = fc
  .tuple(fc.constantFrom(...hosts), path)
  .map(([host, tail]) => toPlanRequest({ image: `${host}/${tail}` }).image);
const pattern = fc.oneof(fc.constantFrom(...hosts, '*.example', 'a.*'), image);
const patterns = fc.array(pattern, { minLength: 1, maxLength: 3 });
const fakeEntry = fc.record({
  matchImages: patterns,
  provider: fc.constant('fake'),
  keys: fc.array(fc.oneof(fc.constantFrom(...hosts), image), { maxLength: 4 }).map((keys) => [...new Set(keys)]),
});
/** As static does: the same credential for every image of the host. */
const wholeHostEntry = fc.record({
  matchImages: patterns,
  provider: fc.constant('fake'),
  keys: fc.constant(hosts),
  cacheDuration: fc.integer({ min: 1, max: 99 }).map((minutes) => `${minutes}m`),
});
/** With globs, plain prefixes, URLs, the key of Docker Hub, and several that cover one image. */
const dockerConfigEntry = fc.record({
  matchImages: patterns,
  provider: fc.constant('docker-config'),
  auths: fc.dictionary(
    fc.oneof(
      { weight: 2, arbitrary: pattern },
      { weight: 1, arbitrary: pattern.map((key) => `https://${key}/v1/`) },
      {
        weight: 1,
        arbitrary: fc.tuple(pattern, fc.constantFrom('/te', '/team', '/v2', '/v1/v2')).map((parts) => parts.join('')),
      },
      { weight: 1, arbitrary: fc.constantFrom('https://index.docker.io/v1/', '*.*', '10.0.0.*:80') },
    ),
    fc.record({ username: fc.constantFrom('u', 'v', ''), password: fc.nat(9).map(String) }),
    { maxKeys: 5 },
  ),
});
const images = fc.array(image, { minLength: 1, maxLength: 12 });
/** Serves one of the hosts without an entry. */
const recognising: ProviderDefinition<FakeOptions> = {
  ...fake,
  recognises: (host) => host === 'b.example',
  decode: () => ({ keys: ['b.example'] }),
};
const entries = fc.array(fc.oneof(fakeEntry, wholeHostEntry, dockerConfigEntry), { maxLength: 5 });

test("any sequence of images gets what each would get alone, through a kubelet's cache and keyring (R-REQ-07)", async (t) => {
  const path = folder(t);
  const fileOf = (index: number): string => join(path, `${index}.json`);
  await fc.assert(
    fc.asyncProperty(entries, fc.boolean(), images, async (entries, isAutomatic, images) => {
      const registries = entries.map((entry, index) => {
        if (!('auths' in entry)) return entry;
        const { auths, ...rest } = entry;
        writeFileSync(fileOf(index), JSON.stringify({ auths }), { mode: 0o600 });
        return { ...rest, path: fileOf(index) };
      });
      const config: PurserConfig = { ...configOf(registries), automatic: isAutomatic ? [recognising] : [] };
      const pull = kubelet(config);
      for (const name of images) {
        const { host, repository } = toPlanRequest({ image: name });
        const alone: (readonly AuthConfig[])[] = selectEntries(config, host, repository).map(({ entry: { index } }) => {
          const entry = entries[index];
          if (entry === undefined) return assert.fail('it is none of ours');
          return 'auths' in entry ? createKeyring([entry.auths]).lookup(name) : keyed({ host, repository }, entry.keys);
        });
        if (isAutomatic && recognising.recognises(host)) alone.push(keyed({ host, repository }, [host]));
        const chosen = alone.find((credentials) => credentials.length > 0) ?? [];
        // There are as many keys for an image as its path has segments, and one for the host.
        const fitting = chosen.slice(0, repository.split('/').length + 1);
        const expected = fitting.map(({ username, password }) => ({ username, password }));
        assert.deepEqual(await pull(name), expected, name);
      }
    }),
    { numRuns: 1000 },
  );
});
