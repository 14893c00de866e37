/** The way to an answer: challenge, token, and when it is enough. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createImage } from '../fake/image.ts';
import { assertPulled, authorizationsOf, codeOf, pull, requestsOf, robot, start, users } from './pulling.ts';

const bearer = { mode: 'bearer', users } as const;
const isNoBlob = ({ path }: { path: string }): boolean => !path.includes('/blobs/');

describe('the handshake', () => {
  it('answers Basic with the credential, from the second request on without being asked', async (t) => {
    const registry = await start(t, { auth: { mode: 'basic', users } });
    const result = await pull(registry, { credential: robot });
    assertPulled(result);
    assert.equal(result.credentialSent, true);
    const basic = `Basic ${Buffer.from('robot:pa:ss wörd').toString('base64')}`;
    const [first, ...others] = registry.requests;
    assert.deepEqual(first && authorizationsOf(first), []);
    assert.deepEqual(others.flatMap(authorizationsOf), new Array(others.length).fill(basic));
  });

  it('asks for a token by a form, once for a whole pull', async (t) => {
    const registry = await start(t, { auth: { ...bearer, realmQuery: 'tenant=a%20b' } });
    assertPulled(await pull(registry, { credential: robot }));
    assert.deepEqual(requestsOf(registry, isNoBlob), [
      'registry HEAD manifests/1.0 401',
      'token POST /token 200',
      'registry HEAD manifests/1.0 200',
      'registry GET manifests/DIGEST 200',
    ]);
    assert.equal(registry.requests.find(({ origin }) => origin === 'token')?.query, 'tenant=a%20b');
  });

  it('asks for nobody in particular by GET, without Authorization', async (t) => {
    const registry = await start(t, { auth: bearer });
    registry.add('team/app', '1.0', createImage(), { visibility: 'public' });
    const result = await pull(registry);
    assertPulled(result);
    assert.equal(result.credentialSent, false);
    const [asked] = registry.requests.filter(({ origin }) => origin === 'token');
    assert.equal(asked?.method, 'GET');
    assert.deepEqual(asked && authorizationsOf(asked), []);
  });

  for (const status of [400, 401, 404, 405]) {
    it(`asks by GET where the form gets ${status}`, async (t) => {
      const registry = await start(t, { auth: bearer });
      registry.faults.add({ match: { origin: 'token', method: 'POST' }, do: { is: 'answer', status } });
      assertPulled(await pull(registry, { credential: robot }));
      const asked = requestsOf(registry, ({ origin }) => origin === 'token');
      assert.deepEqual(asked, [`token POST /token ${status}`, 'token GET /token 200']);
    });
  }

  it('gives up as containerd does where the form gets 403, and says that the credential is good', async (t) => {
    const registry = await start(t, { auth: bearer });
    registry.faults.add({ match: { origin: 'token', method: 'POST' }, do: { is: 'answer', status: 403 } });
    const result = await pull(registry, { credential: robot });
    assert.equal(codeOf(result), 'REGISTRY_DENIED');
    assert.equal(result.decidedBy.status, 403);
    const told = result.events.find(({ kind }) => kind === 'warning');
    assert.match(told?.kind === 'warning' ? told.text : '', /good when a token is asked for by GET/);
  });

  it('takes no token from a form but access_token, as containerd', async (t) => {
    const registry = await start(t, { auth: bearer });
    const rename = { access_token: 'token' };
    registry.faults.add({ match: { origin: 'token', method: 'POST' }, do: { is: 'json', rename } });
    const result = await pull(registry, { credential: robot });
    assert.equal(codeOf(result), 'UPSTREAM_FORMAT');
    assert.match(result.error?.message ?? '', /without an access_token/);
  });

  it('believes the registry, not the token: a wrong password may get one', async (t) => {
    const registry = await start(t, { auth: { ...bearer, wrongPassword: 'empty-token' } });
    const result = await pull(registry, { credential: { ...robot, password: 'wrong' } });
    assert.equal(codeOf(result), 'REGISTRY_DENIED');
    assert.match(result.decidedBy.url, /\/manifests\//);
  });
});

describe('F-R04: the handshake ends', () => {
  it('after two rounds, when every token is refused', async (t) => {
    const registry = await start(t, { auth: bearer });
    registry.faults.add({ match: { path: /manifests/, status: 200 }, do: { is: 'dead token' } });
    const result = await pull(registry, { credential: robot });
    assert.equal(codeOf(result), 'REGISTRY_DENIED');
    // The HEAD and the GET after it: each asks, renews once, and gives up.
    assert.equal(registry.requests.filter(({ path }) => path.includes('/manifests/')).length, 5);
    assert.equal(registry.requests.filter(({ origin }) => origin === 'token').length, 3);
  });

  it('after two rounds also where each refusal is another one', async (t) => {
    const registry = await start(t, { auth: bearer });
    const values = [
      `Bearer realm="${registry.url}/token",service="fake-registry",error="insufficient_scope",scope="repository:team/app:pull,push"`,
    ];
    const atHead = { method: 'HEAD', status: 200 } as const;
    registry.faults.add(
      { match: { ...atHead, nth: 1 }, do: { is: 'dead token' } },
      { match: { ...atHead, nth: 2 }, do: { is: 'status', status: 401 } },
      { match: { ...atHead, nth: 2 }, do: { is: 'header', name: 'WWW-Authenticate', values } },
    );
    assertPulled(await pull(registry, { credential: robot }));
    assert.equal(registry.requests.filter(({ method }) => method === 'HEAD').length, 3);
  });

  it('when the scope that is missing is the one that was asked for', async (t) => {
    const registry = await start(t, { auth: bearer });
    registry.add('team/closed', '1.0', createImage(), { readers: ['somebody'] });
    const result = await pull(registry, { credential: robot, repository: 'team/closed' });
    assert.equal(codeOf(result), 'REGISTRY_DENIED');
    assert.equal(registry.requests.filter(({ origin }) => origin === 'token').length, 1);
  });

  it('asks once more, once, for a scope that it did not ask for', async (t) => {
    const registry = await start(t, { auth: bearer });
    const values = [
      `Bearer realm="${registry.url}/token",service="fake-registry",error="insufficient_scope",scope="repository:team/app:pull,push"`,
    ];
    registry.faults.add(
      { match: { path: /manifests/, status: 200 }, do: { is: 'status', status: 401 } },
      { match: { path: /manifests/, status: 200 }, do: { is: 'header', name: 'WWW-Authenticate', values } },
    );
    assert.equal(codeOf(await pull(registry, { credential: robot })), 'REGISTRY_DENIED');
    const asked = registry.requests.filter(({ origin }) => origin === 'token').map(({ body }) => body);
    assert.equal(asked.length, 2);
    assert.match(asked[1] ?? '', /scope=repository%3Ateam%2Fapp%3Apull\+repository%3Ateam%2Fapp%3Apull%2Cpush/);
  });

  for (const expires_in of [0, -1, 1e12]) {
    it(`when a token is said to live ${expires_in} seconds`, async (t) => {
      const registry = await start(t, { auth: bearer });
      registry.faults.add({ match: { origin: 'token' }, do: { is: 'json', set: { expires_in } } });
      assertPulled(await pull(registry, { credential: robot }));
      assert.equal(registry.requests.filter(({ origin }) => origin === 'token').length, 1);
    });
  }

  it('when everything is 200, and when everything is 404', async (t) => {
    for (const [status, code] of [
      [200, 'VERIFY_MANIFEST'],
      [404, 'REGISTRY_NOT_FOUND'],
    ] as const) {
      const registry = await start(t, { faults: [{ do: { is: 'answer', status, body: 'hello' } }] });
      assert.equal(codeOf(await pull(registry, { credential: robot })), code);
      assert(registry.requests.length <= 2);
    }
  });
});

describe('a token that dies', () => {
  it('is renewed once for all who hold it, and the pull goes on', async (t) => {
    const image = createImage({ layers: [100, 200, 300, 400, 500] });
    const registry = await start(t, { auth: bearer }, image);
    // All six blobs are asked for with the token that has just died.
    registry.faults.add({ match: { path: /blobs/, nth: [1, 2, 3, 4, 5, 6] }, do: { is: 'dead token' } });
    assertPulled(await pull(registry, { credential: robot }));
    assert.equal(registry.requests.filter(({ origin }) => origin === 'token').length, 2);
  });

  it('is renewed also where the registry does not say that it died', async (t) => {
    const registry = await start(t, { auth: bearer });
    const values = [`Bearer realm="${registry.url}/token",service="fake-registry"`];
    registry.faults.add(
      { match: { path: /blobs/, nth: 1 }, do: { is: 'status', status: 401 } },
      { match: { path: /blobs/, nth: 1 }, do: { is: 'header', name: 'WWW-Authenticate', values } },
    );
    assertPulled(await pull(registry, { credential: robot }));
    assert.equal(registry.requests.filter(({ origin }) => origin === 'token').length, 2);
  });
});

describe('F-R03: challenges as registries write them', () => {
  const answered = {
    'two on one line': 'Bearer realm="{registry}/token",service="fake-registry", Basic realm="x"',
    'unquoted values': 'Bearer realm={registry}/token,service=fake-registry',
    'a relative realm': 'Bearer realm="/token",service="fake-registry"',
    'blanks around =': 'Bearer realm = "{registry}/token" , service = "fake-registry"',
    'an empty scope': 'Bearer realm="{registry}/token",service="fake-registry",scope=""',
  };
  for (const [name, value] of Object.entries(answered)) {
    it(`answers ${name}`, async (t) => {
      const registry = await start(t, { auth: bearer });
      const values = [value.replaceAll('{registry}', registry.url)];
      registry.faults.add({ match: { status: 401 }, do: { is: 'header', name: 'WWW-Authenticate', values } });
      assertPulled(await pull(registry, { credential: robot }));
    });
  }

  for (const value of ['Bearer', 'Bearer realm=', 'Negotiate', `Bearer realm="${'x'.repeat(20_000)}`, '=,"']) {
    it(`cannot answer ${value.slice(0, 20)}`, async (t) => {
      const registry = await start(t, { auth: bearer });
      registry.faults.add({ match: { status: 401 }, do: { is: 'header', name: 'WWW-Authenticate', values: [value] } });
      const result = await pull(registry, { credential: robot });
      assert.equal(codeOf(result), 'REGISTRY_DENIED');
      assert.equal(result.credentialSent, false);
    });
  }
});
