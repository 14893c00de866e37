/** verify against a fake registry: the kubelet's order, and a verdict for each credential from what the registry says. */
import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import type { Entry, PurserConfig } from '../src/config.ts';
import type { Credential } from '../src/credential.ts';
import { parseEntryPattern } from '../src/entry-pattern.ts';
import { createHttpClient } from '../src/http.ts';
import type { Machine } from '../src/plugin.ts';
import type { ProviderDefinition } from '../src/provider.ts';
import { type VerifyReport, verifyPull } from '../src/verify.ts';
import { createImage, createIndex } from './fake/image.ts';
import { type Registry, type RegistryOptions, startRegistry } from './fake/registry.ts';
import { createTestClock } from './registry/test-clock.ts';

const users = { robot: 'secret', other: 'secret2' };
const bearer = { mode: 'bearer', users } as const;

function credential(username: keyof typeof users | '', password: string, expiresAt?: number): Credential {
  return { username, password, scope: 'unused', expiresAt: expiresAt ?? 'never' };
}
const good = credential('robot', 'secret');
const wrong = credential('robot', 'wrong');

/** Serves these credentials for every image. */
function providing(credentials: readonly Credential[]): ProviderDefinition {
  return {
    name: 'fake',
    decode: () => ({}),
    fields: () => ({}),
    recognises: () => false,
    load: async () => ({
      plan: ({ host, repository }) => {
        return { host, repository, identity: 'test', endpoint: 'test', scope: host, cacheIdentity: 'test' };
      },
      getCredentials: async () => credentials,
    }),
  };
}

function configFor(host: string, credentials: readonly Credential[] | undefined): PurserConfig {
  const pattern = parseEntryPattern(host);
  assert(!('problem' in pattern));
  // Without credentials there is still the entry, because it says how to speak to the registry.
  const provider = providing(credentials ?? []);
  const entry: Entry = { index: 0, patterns: [pattern], provider, options: {}, plainHTTP: true, allowReadable: false };
  return { entries: [entry], automatic: [] };
}

async function start(t: TestContext, options: RegistryOptions = {}): Promise<Registry> {
  const registry = await startRegistry(options);
  t.after(() => registry.close());
  registry.add('team/deep/app', '1.0', createIndex());
  registry.add('open/app', '1.0', createIndex(), { visibility: 'public' });
  return registry;
}

interface VerifyTest {
  readonly image?: string;
  readonly level?: 'access' | 'full';
  readonly strict?: boolean;
}

function verify(
  { host }: Pick<Registry, 'host'>,
  credentials: readonly Credential[] | undefined,
  { image = 'team/deep/app:1.0', ...options }: VerifyTest = {},
): Promise<VerifyReport> {
  return verifyWith(configFor(host, credentials), `${host}/${image}`, options);
}

function verifyWith(config: PurserConfig, image: string, options: VerifyTest = {}): Promise<VerifyReport> {
  const { level = 'full', strict = false } = options;
  const clock = createTestClock();
  const machine: Machine = {
    clock,
    deadline: { remaining: () => 1000, signal: new AbortController().signal },
    env: {},
    uid: undefined,
    log: () => undefined,
    fetch: () => () => assert.fail('the provider asks nobody'),
  };
  return verifyPull(image, {
    config,
    request: (name) => ({ apiVersion: 'credentialprovider.kubelet.k8s.io/v1', image: name }),
    machine: () => machine,
    connect: () => createHttpClient({ ca: [] }),
    clock,
    platform: { os: 'linux', architecture: 'amd64' },
    level,
    strict,
    trace: () => undefined,
  });
}

function verdictsOf({ verdict, credentials, anonymous }: VerifyReport): unknown {
  return [verdict, credentials.map((each) => each.verdict), anonymous.verdict];
}

describe('verify', () => {
  it('proves a good credential by every byte of the image', async (t) => {
    const registry = await start(t, { auth: bearer });
    const report = await verify(registry, [good]);
    assert.deepEqual(verdictsOf(report), ['good', ['good'], 'denied']);
    const index = createIndex();
    const [, amd64 = index.top] = index.manifests;
    const { config, layers } = JSON.parse(amd64.bytes.toString());
    const sizes = [config, ...layers].map(({ size }: { size: number }) => size);
    assert.equal(report.digest, index.top.digest);
    assert.equal(report.platform, 'linux/amd64');
    assert.equal(report.blobs, 3);
    assert.equal(
      report.bytes,
      sizes.reduce((sum, size) => sum + size, 0),
    );
    const [own] = report.credentials;
    assert.deepEqual(own?.decidedBy, {
      method: 'GET',
      url: `${registry.url}/v2/team/deep/app/manifests/${index.top.digest}`,
      status: 200,
    });
    assert.equal(report.anonymous.decidedBy.status, 401);
  });

  it('says when the registry never asked', async (t) => {
    const registry = await start(t);
    assert.deepEqual(verdictsOf(await verify(registry, [wrong])), ['ignored', ['ignored'], 'good']);
    // What was asked with the credential was asked without it: nothing is left to ask.
    assert.equal(registry.requests.filter(({ method }) => method === 'HEAD').length, 1);
  });

  it('says when the credential is not needed', async (t) => {
    const registry = await start(t, { auth: bearer });
    const report = await verify(registry, [good], { image: 'open/app:1.0' });
    assert.deepEqual(verdictsOf(report), ['not-needed', ['not-needed'], 'good']);
  });

  it('says when a wrong credential breaks a public pull, which a kubelet does not mend', async (t) => {
    const registry = await start(t, { auth: bearer });
    const report = await verify(registry, [wrong], { image: 'open/app:1.0' });
    assert.deepEqual(verdictsOf(report), ['denied', ['denied'], 'good']);
    assert.match(report.reason, /breaks a public pull/);
  });

  it('believes no token: a service may give one for a wrong password', async (t) => {
    const registry = await start(t, { auth: { ...bearer, wrongPassword: 'empty-token' } });
    const report = await verify(registry, [wrong]);
    assert.deepEqual(verdictsOf(report), ['denied', ['denied'], 'denied']);
    assert.match(report.credentials[0]?.decidedBy.url ?? '', /manifests/);
  });

  it('takes a 404 to nobody for a refusal, and to everybody for an absence', async (t) => {
    const registry = await start(t, { auth: { ...bearer, withoutRights: 'not-found' } });
    assert.deepEqual(verdictsOf(await verify(registry, [good])), ['good', ['good'], 'not-found']);
    const absent = await verify(registry, [good], { image: 'team/deep/app:2.0' });
    assert.deepEqual(verdictsOf(absent), ['not-found', ['not-found'], 'not-found']);
    assert.equal(absent.digest, undefined);
  });
});

describe('verify without a credential', () => {
  it('says not-needed where the image is for everybody, denied where it is not', async (t) => {
    const registry = await start(t, { auth: bearer });
    const open = await verify(registry, undefined, { image: 'open/app:1.0' });
    assert.deepEqual(verdictsOf(open), ['not-needed', [], 'good']);
    assert(open.bytes > 0, 'then nobody is the one who pulls');
    const closed = await verify(registry, undefined);
    assert.deepEqual(verdictsOf(closed), ['denied', [], 'denied']);
    assert.match(closed.reason, /^no entry matches/);
  });
});

describe('verify with several credentials', () => {
  it("tries them in the kubelet's order, and the image is worth what the first one that pulls is worth", async (t) => {
    const registry = await start(t, { auth: bearer });
    const report = await verify(registry, [wrong, good, credential('other', 'secret2')]);
    assert.deepEqual(verdictsOf(report), ['good', ['denied', 'good', 'good'], 'denied']);
    assert.deepEqual(
      report.credentials.map(({ key }) => key),
      [`${registry.host}/team/deep/app`, `${registry.host}/team/deep`, `${registry.host}/team`],
    );
    // The layers were read once; who came later only had to show the right to them.
    const blobs = registry.requests.filter(({ path }) => path.includes('/blobs/'));
    assert.equal(blobs.filter(({ status }) => status === 200).length, 3);
    assert.equal(blobs.filter(({ status }) => status === 206).length, 3);
  });

  it('goes on after a limit, as a kubelet does', async (t) => {
    const registry = await start(t, { auth: { mode: 'basic', users } });
    const limited = { is: 'answer', status: 429, headers: [['Retry-After', '3600']] } as const;
    registry.faults.add({ match: { method: 'HEAD', status: 200, nth: 1 }, do: limited });
    assert.deepEqual(verdictsOf(await verify(registry, [good, good])), ['good', ['limited', 'good'], 'denied']);
  });

  it('stops where no other credential could change anything', async (t) => {
    const registry = await start(t, { auth: bearer });
    registry.faults.add({ match: { path: /blobs/, method: 'GET' }, do: { is: 'flip', at: 0 } });
    const report = await verify(registry, [good, good]);
    assert.deepEqual([report.verdict, report.credentials.length], ['bad-image', 1]);
    assert.deepEqual(report.notAsked, [`${registry.host}/team/deep`]);
    assert.match(report.reason, /sha256:/);
  });

  it('does not ask on when the registry is gone', async () => {
    const registry = await startRegistry();
    await registry.close();
    const report = await verify(registry, [good, good]);
    assert.deepEqual(verdictsOf(report), ['unreachable', ['unreachable'], 'unreachable']);
    assert.equal(report.credentials[0]?.decidedBy.status, undefined);
    assert.equal(report.notAsked.length, 1);
  });
});

describe('verify and time', () => {
  it('knows a password that has expired by what ECR says', async (t) => {
    const registry = await start(t, { auth: { mode: 'basic', users } });
    const body =
      '{"errors":[{"code":"DENIED","message":"Your authorization token has expired. Reauthenticate and try again."}]}';
    registry.faults.add({ match: { status: 200 }, do: { is: 'answer', status: 403, body } });
    assert.deepEqual(verdictsOf(await verify(registry, [good])), ['expired', ['expired'], 'denied']);
  });

  it('knows one by its own end, where the registry only refuses', async (t) => {
    const registry = await start(t, { auth: bearer });
    const old = credential('robot', 'wrong', Date.parse('2026-11-21T11:00:00Z'));
    const report = await verify(registry, [old]);
    assert.deepEqual(verdictsOf(report), ['expired', ['expired'], 'denied']);
  });
});

describe('verify and policy', () => {
  it('refuses what --strict refuses, and says it would be sent by a node', async (t) => {
    const registry = await start(t, { auth: bearer, tokenOrigin: 'other' });
    const report = await verify(registry, [good], { strict: true });
    assert.deepEqual(verdictsOf(report), ['refused-by-policy', ['refused-by-policy'], 'refused-by-policy']);
    assert.match(report.reason, /a node would send it/);
    assert.equal(registry.requests.length, 1);
  });

  it('tells of a token service elsewhere once, and goes on', async (t) => {
    const registry = await start(t, { auth: bearer, tokenOrigin: 'other' });
    const report = await verify(registry, [good]);
    assert.equal(report.verdict, 'good');
    assert.equal(report.notices.length, 1);
  });
});

describe('R-NET-10: a credential', () => {
  it('goes to the registry whose key it has, and to no other', async (t) => {
    const registry = await start(t, { auth: { mode: 'basic', users } });
    const other = await start(t, { auth: { mode: 'basic', users } });
    const report = await verify(registry, [good]);
    assert.equal(report.verdict, 'good');
    assert.deepEqual(other.requests, []);
  });

  it('without a user name or a password is shown to nobody, as on a node', async (t) => {
    const registry = await start(t, { auth: { mode: 'basic', users } });
    for (const empty of [credential('', 'secret'), credential('robot', '')]) {
      const report = await verify(registry, [empty]);
      assert.deepEqual(verdictsOf(report), ['denied', ['denied'], 'denied']);
      assert.match(report.reason, /lacks user name or password/);
    }
    const sent = registry.requests.flatMap(({ headers }) => headers).filter(([name]) => /authorization/i.test(name));
    assert.deepEqual(sent, []);
  });
});

describe('verify --level access', () => {
  it('reads no layer', async (t) => {
    const registry = await start(t, { auth: bearer, storage: {} });
    const report = await verify(registry, [good], { level: 'access' });
    assert.deepEqual(verdictsOf(report), ['good', ['good'], 'denied']);
    assert.deepEqual([report.blobs, report.bytes], [3, 0]);
    const sent = registry.requests.filter(({ origin }) => origin === 'storage').map((entry) => entry.sent);
    assert.deepEqual(sent, [1, 1, 1]);
  });
});

describe('what is no image', () => {
  for (const image of ['', 'https://127.0.0.1/app', 'team/App', 'app:tag:tag', 'a_b.c/app']) {
    it(`is refused: ${JSON.stringify(image)}`, async () => {
      await assert.rejects(verifyWith({ entries: [], automatic: [] }, image), { code: 'REQ_IMAGE' });
    });
  }

  it('is an image where it is only a digest', async (t) => {
    const registry = await start(t);
    const { top } = createImage();
    registry.add('team/pinned', undefined, createImage());
    const report = await verify(registry, undefined, { image: `team/pinned:any@${top.digest}` });
    assert.deepEqual(verdictsOf(report), ['not-needed', [], 'good']);
    assert.equal(report.digest, top.digest);
  });
});
