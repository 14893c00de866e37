/** Where a credential goes, and where it never does. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { createForeignLayers } from '../fake/odd-image.ts';
import type { Registry, RegistryOptions } from '../fake/registry.ts';
import { createAuthority } from '../fake/tls.ts';
import { assertPulled, authorizationsOf, codeOf, type PullResult, pull, robot, start, users } from './pulling.ts';

const bearer = { mode: 'bearer', users } as const;

/** A registry at 127.0.0.1 that names this realm. */
async function pullWithRealm(t: TestContext, realm: string, options: { strict?: boolean } = {}) {
  const registry = await start(t, { auth: bearer, tokenOrigin: 'other' });
  const values = [`Bearer realm="${realm.replaceAll('{token}', registry.urls.token)}",service="fake-registry"`];
  registry.faults.add({ match: { status: 401 }, do: { is: 'header', name: 'WWW-Authenticate', values } });
  return { registry, result: await pull(registry, { credential: robot, ...options }) };
}

function assertNothingSent(registry: Registry, result: PullResult): void {
  assert.equal(result.credentialSent, false);
  for (const request of registry.requests) {
    assert.deepEqual(authorizationsOf(request), []);
    assert.equal(request.body, '');
  }
}

describe('R-NET-01: a realm that may not see the credential', () => {
  const hostile = [
    'http://169.254.169.254/latest/meta-data',
    'http://[fd00:ec2::254]/token',
    'http://localhost:1/token',
    'http://0/token',
    'http://10.1.2.3/token',
    'http://0xa.1.2.3/token',
    'http://[::ffff:10.1.2.3]/token',
    'http://robot:x@127.0.0.1/token',
    'file:///etc/passwd',
    'https:token.example',
    '//token.example/token',
  ];
  for (const realm of hostile) {
    it(`is never asked: ${realm} (F-R01)`, async (t) => {
      const { registry, result } = await pullWithRealm(t, realm);
      assert.equal(codeOf(result), 'POLICY');
      assert.equal(result.error?.exitCode, 4);
      assertNothingSent(registry, result);
      assert.equal(registry.requests.length, 1);
    });
  }

  it('is told of before anything is sent, where a node would go on', async (t) => {
    const { registry, result } = await pullWithRealm(t, '{token}/token');
    assertPulled(result);
    const notice = result.events.findIndex(({ kind }) => kind === 'notice');
    const sent = result.events.findIndex((event) => event.kind === 'request' && event.sent === 'form');
    assert(notice !== -1 && notice < sent, 'the notice comes first');
    const told = result.events[notice];
    assert.match(told?.kind === 'notice' ? told.text : '', new RegExp(new URL(registry.urls.token).host));
    assert.equal(result.events.filter(({ kind }) => kind === 'notice').length, 1);
  });

  it('is refused by --strict where it would be told of', async (t) => {
    const { registry, result } = await pullWithRealm(t, '{token}/token', { strict: true });
    assert.equal(codeOf(result), 'POLICY');
    assert.match(result.error?.message ?? '', /--strict/);
    assertNothingSent(registry, result);
  });

  it('is no cleartext service for a registry with TLS', async (t) => {
    const authority = createAuthority();
    const registry = await start(t, { auth: bearer, tls: authority.issue() });
    const values = ['Bearer realm="http://127.0.0.1:1/token"'];
    registry.faults.add({ match: { status: 401 }, do: { is: 'header', name: 'WWW-Authenticate', values } });
    const result = await pull(registry, { credential: robot, ca: authority.certificate });
    assert.equal(codeOf(result), 'POLICY');
    assertNothingSent(registry, result);
  });

  it('stands for no one else when it calls itself Basic', async (t) => {
    const registry = await start(t, { auth: { mode: 'basic', users, realm: 'https://token.example/' } });
    assertPulled(await pull(registry, { credential: robot }));
  });
});

describe('R-NET-03: a redirect', () => {
  for (const status of [301, 302, 303, 307, 308] as const) {
    it(`with ${status} to storage is followed without Authorization, and as it was written (R-PULL-07)`, async (t) => {
      const registry = await start(t, { auth: bearer, storage: { status } });
      assertPulled(await pull(registry, { credential: robot }));
      const atStorage = registry.requests.filter(({ origin }) => origin === 'storage');
      assert.equal(atStorage.length, 3);
      // The storage would answer 400 to Authorization, 403 to an address that was written anew.
      for (const request of atStorage) assert.equal(request.status, 200);
    });
  }

  const refused = {
    'to the metadata service': 'http://169.254.169.254/latest',
    'to a link-local address': 'http://[fe80::1]/x',
    'to something that is not HTTP': 'file:///etc/passwd',
    'with a user in it': 'http://robot:x@127.0.0.1/x',
  };
  for (const [name, to] of Object.entries(refused)) {
    it(`is not followed ${name} (F-R01, R-NET-04)`, async (t) => {
      const registry = await start(t, { auth: bearer });
      registry.faults.add({ match: { path: /blobs/ }, do: { is: 'redirect', to } });
      const result = await pull(registry, { credential: robot });
      assert.equal(codeOf(result), 'POLICY');
      assert.equal(result.decidedBy.status, 307);
    });
  }

  it('is not followed more than five times', async (t) => {
    const registry = await start(t, { auth: bearer });
    registry.faults.add({ match: { path: /manifests/, status: 200 }, do: { is: 'redirect', to: '{self}' } });
    const result = await pull(registry, { credential: robot });
    assert.equal(codeOf(result), 'POLICY');
    const asked = registry.requests.filter((entry) => authorizationsOf(entry).length > 0);
    assert.equal(asked.length, 6);
  });

  it('within an origin keeps Authorization, and to another port loses it for good', async (t) => {
    const registry = await start(t, { auth: bearer, tokenOrigin: 'other' });
    registry.faults.add(
      { match: { path: /manifests\/1/, status: 200, nth: 1 }, do: { is: 'redirect', to: '{self}' } },
      {
        match: { path: /manifests\/1/, status: 200, nth: 2 },
        do: { is: 'redirect', to: '{token}/v2/team/app/manifests/1.0' },
      },
      {
        match: { origin: 'token', path: /manifests/ },
        do: { is: 'redirect', to: '{registry}/v2/team/app/manifests/1.0' },
      },
    );
    await pull(registry, { credential: robot });
    const heads = registry.requests.filter(({ method, path }) => method === 'HEAD' && path.endsWith('/1.0'));
    assert.deepEqual(
      heads.map((entry) => `${entry.origin} ${authorizationsOf(entry).length}`),
      ['registry 0', 'registry 1', 'registry 1', 'token 0', 'registry 0'],
    );
  });

  it('of a question for a token is followed by GET within the origin, and by POST never', async (t) => {
    const cases: readonly (readonly [method: string, to: string, ok: boolean])[] = [
      ['GET', '{self}', true],
      ['GET', '{registry}/token', false],
      ['POST', '{self}', false],
    ];
    for (const [method, to, ok] of cases) {
      const registry = await start(t, { auth: bearer, tokenOrigin: 'other' });
      registry.faults.add({ match: { origin: 'token', method, nth: 1 }, do: { is: 'redirect', to } });
      if (method === 'GET')
        registry.faults.add({ match: { origin: 'token', method: 'POST' }, do: { is: 'answer', status: 404 } });
      const result = await pull(registry, { credential: robot });
      assert.equal(codeOf(result), ok ? undefined : 'POLICY', `${method} to ${to}`);
    }
  });
});

describe('R-NET-04: places that content names', () => {
  it('are not asked for foreign layers', async (t) => {
    const options: RegistryOptions = { auth: bearer, tokenOrigin: 'other' };
    const other = await start(t, options);
    const urls = [`${other.url}/v2/team/app/manifests/1.0`];
    const foreign = createForeignLayers('application/vnd.oci.image.layer.nondistributable.v1.tar+gzip', urls);
    const registry = await start(t, options, { ...foreign, blobs: foreign.blobs.slice(0, 1) });
    const result = await pull(registry, { credential: robot });
    assertPulled(result);
    assert.equal(result.pulled?.blobs, 1);
    assert.deepEqual(other.requests, []);
  });
});

describe('R-PULL-07: a 401 from where a redirect led', () => {
  for (const challenge of ['Basic realm="storage"', 'Bearer realm="{registry}/token",service="fake-registry"']) {
    it(`is not answered: ${challenge.slice(0, 6)}`, async (t) => {
      const registry = await start(t, { auth: { mode: 'none' }, storage: {} });
      const values = [challenge.replace('{registry}', registry.url)];
      registry.faults.add(
        { match: { origin: 'storage' }, do: { is: 'status', status: 401 } },
        { match: { origin: 'storage' }, do: { is: 'header', name: 'WWW-Authenticate', values } },
      );
      const result = await pull(registry, { credential: robot });
      assert.equal(codeOf(result), 'REGISTRY_UNAVAILABLE');
      assertNothingSent(registry, result);
      assert.equal(registry.requests.filter(({ path }) => path === '/token').length, 0);
    });
  }
});

it('Authorization is written in one file', () => {
  const src = fileURLToPath(new URL('../../src/', import.meta.url));
  const files = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
  const writers = files.filter((file) =>
    /authorization['"]?:|Basic \$\{|Bearer \$\{/.test(readFileSync(join(src, file), 'utf8')),
  );
  assert.deepEqual(writers, ['registry/transport.ts']);
});
