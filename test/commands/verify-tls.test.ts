/**
 * R-NET-08: servers that must not be trusted, and an environment that would have them trusted. Each by both built files,
 * because their TLS is not the same.
 */
import assert from 'node:assert/strict';
import { createServer } from 'node:https';
import { type TestContext, test } from 'node:test';
import { builds, folder } from '../built.ts';
import { createAuthority, type LeafOptions, type ServerIdentity } from '../fake/tls.ts';
import { configFor, startWithImages, users, verify } from './verifying.ts';

const authority = createAuthority();
const stranger = createAuthority({ name: 'Somebody Else' });
const auth = { mode: 'basic', users } as const;
const hostile = { NODE_TLS_REJECT_UNAUTHORIZED: '0', NODE_NO_WARNINGS: '1' };

/** Servers, even of test certificates, have their own idea of what is too weak to offer. */
function weakServer(identity: ServerIdentity): ServerIdentity {
  return { ...identity, ...{ ciphers: 'DEFAULT@SECLEVEL=0' } };
}

function leaf(options: LeafOptions): ServerIdentity {
  return weakServer(authority.issue(options));
}

const yesterday = new Date(Date.now() - 24 * 3600 * 1000);
const tomorrow = new Date(Date.now() + 24 * 3600 * 1000);

const refused: readonly (readonly [name: string, identity: ServerIdentity, because: RegExp])[] = [
  ['has expired', leaf({ notAfter: yesterday }), /its certificate has expired/],
  ['is not valid yet', leaf({ notBefore: tomorrow }), /its certificate is not valid yet/],
  ['is for another name', leaf({ hosts: ['other.example'] }), /its certificate is for another name/],
  ['is of an unknown authority', weakServer(stranger.issue()), /its certificate is not trusted/],
  ['is signed with SHA-1', leaf({ hash: 'sha1' }), /uses SHA-1 or a short key/],
  ['has a short key', leaf({ key: 'short' }), /uses SHA-1 or a short key/],
];

for (const build of builds) {
  for (const [name, identity, because] of refused) {
    test(`${build.name}: R-NET-08, F-N05: a registry whose certificate ${name} gets no credential`, async (t) => {
      const registry = await startWithImages(t, { auth, tls: identity });
      const config = configFor(t, registry.host, { plainHTTP: false, caFile: caFile(t) });
      for (const env of [{}, hostile]) {
        const { code, stdout } = await verify(build, config, [`${registry.host}/team/app:1.0`], { env });
        assert.equal(code, 6);
        assert.match(stdout, /^ {2}unreachable: /m);
        assert.match(stdout, because);
      }
      assert.deepEqual(registry.requests, []);
    });
  }

  test(`${build.name}: R-NET-08, F-N05: a server of TLS 1.1 gets nothing`, async (t) => {
    const old = { minVersion: 'TLSv1.1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' } as const;
    const server = createServer({ ...authority.issue(), ...old }, () => assert.fail('a request came'));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    t.after(() => server.close());
    const address = server.address();
    assert(typeof address === 'object' && address !== null);
    const host = `127.0.0.1:${address.port}`;
    const config = configFor(t, host, { plainHTTP: false, caFile: caFile(t) });
    const { code, stdout } = await verify(build, config, [`${host}/team/app:1.0`], { env: hostile });
    assert.equal(code, 6);
    assert.match(stdout, /the TLS handshake failed/);
  });

  test(`${build.name}: a registry is trusted by the caFile of its entry, and by SSL_CERT_FILE`, async (t) => {
    const registry = await startWithImages(t, { auth, tls: authority.issue() });
    const image = `${registry.host}/team/app:1.0`;
    const byEntry = configFor(t, registry.host, { plainHTTP: false, caFile: caFile(t) });
    assert.equal((await verify(build, byEntry, [image])).code, 0);
    const silent = configFor(t, registry.host, { plainHTTP: false });
    assert.equal((await verify(build, silent, [image])).code, 6);
    assert.equal((await verify(build, silent, [image], { env: { SSL_CERT_FILE: caFile(t) } })).code, 0);
    // Only what purser reads itself counts, not what a runtime would add.
    for (const name of ['NODE_EXTRA_CA_CERTS', 'SSL_CERT_DIR']) {
      assert.equal((await verify(build, silent, [image], { env: { [name]: caFile(t) } })).code, 6, name);
    }
    // HTTP/2 is never offered: its one window would be shared by all layers.
    assert(registry.offered.every((protocols) => !protocols.includes('h2')));
  });

  test(`${build.name}: R-NET-08: a registry that is spoken to without TLS must be named as such`, async (t) => {
    const registry = await startWithImages(t, { auth });
    const config = configFor(t, registry.host, { plainHTTP: false });
    const { code, stdout } = await verify(build, config, [`${registry.host}/team/app:1.0`]);
    assert.equal(code, 6);
    assert.match(stdout, /the TLS handshake failed/);
    assert.match(stdout, /warning: a node would also try plain http on 127\.0\.0\.1/);
    assert.deepEqual(registry.requests, []);
  });
}

function caFile(t: TestContext): string {
  return `${folder(t, { 'ca.pem': authority.certificate })}/ca.pem`;
}
