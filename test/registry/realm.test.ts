import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { judgeRealm, type RealmOptions } from '../../src/registry/realm.ts';
import { registrableDomain } from '../../src/registry/site.ts';

const response = 'https://registry.example.com/v2/';

function judge(realm: string, options: Partial<RealmOptions> = {}, responseUrl = response): string {
  const { verdict, reason } = judgeRealm(responseUrl, realm, { registrableDomain, ...options });
  return `${verdict} ${reason}`;
}

describe('judgeRealm (R-NET-01)', () => {
  it('refuses text that a URL parser would bend into an address', () => {
    for (const realm of [
      '',
      ' https://registry.example.com/token',
      'https:registry.example.com/token',
      'https:/registry.example.com/token',
      'https:///evil.example/token',
      'https://evil.example\\@registry.example.com/token',
      '/\\evil.example/token',
      '/token\n',
      '/\t/evil.example/token',
      '127.0.0.1:8080/token',
      'https://registry.example.com:99999/token',
      'https://[fe80::1%25eth0]/token',
      'https://',
    ])
      assert.equal(judge(realm), 'deny invalid-realm', JSON.stringify(realm));
  });

  it('refuses a name before the host, even an empty one', () => {
    for (const realm of [
      'https://@registry.example.com/t',
      'https://:@registry.example.com/t',
      'https://u:p@registry.example.com/t',
    ])
      assert.equal(judge(realm), 'deny userinfo', realm);
    assert.equal(judge('https://registry.example.com/t?mail=a@b'), 'allow same-host-port');
  });

  it('takes scheme, case, default port and final dot for what they mean', () => {
    for (const realm of [
      'HTTPS://Registry.Example.COM/t',
      'https://registry.example.com:443/t',
      'https://registry.example.com./t',
    ])
      assert.equal(judge(realm), 'allow same-host-port', realm);
    assert.equal(judge('https://r.example.com/t', {}, 'http://r.example.com/v2/'), 'allow same-host-other-port');
  });

  it('lets a registry on a private address keep its token service there, but point to no other one', () => {
    const registry = 'http://10.0.0.1:5000/v2/';
    assert.equal(judge('http://10.0.0.1:5000/t', {}, registry), 'allow same-host-port');
    assert.equal(judge('http://10.0.0.1:9000/t', {}, registry), 'notice same-host-other-port');
    assert.equal(judge('http://10.0.0.2:5000/t', {}, registry), 'deny special-address');
    assert.equal(judge('http://127.0.0.1:5000/t', {}, registry), 'deny special-address');
  });

  it('takes two customers of one hosting company for two sites', () => {
    assert.equal(judge('https://mallory.github.io/t', {}, 'https://alice.github.io/v2/'), 'notice cross-site');
    assert.equal(judge('https://auth.alice.github.io/t', {}, 'https://alice.github.io/v2/'), 'allow same-site');
    assert.equal(judge('https://evil.co.uk/t', {}, 'https://co.uk/v2/'), 'notice cross-site');
  });

  it('lets strict mode turn notices into refusals, and a trusted host end them', () => {
    const realm = 'https://auth.example.net:8443/t';
    assert.equal(judge(realm), 'notice cross-site');
    assert.equal(judge(realm, { strict: true }), 'deny cross-site');
    for (const host of ['auth.example.net', 'Auth.example.net:8443'])
      assert.equal(judge(realm, { strict: true, trustedHosts: [host] }), 'allow cross-site');
    for (const host of ['example.net', 'auth.example.net:443', 'xauth.example.net'])
      assert.equal(judge(realm, { trustedHosts: [host] }), 'notice cross-site', host);
    assert.equal(judge('https://10.0.0.1/t', { trustedHosts: ['10.0.0.1'] }), 'deny special-address');
  });

  it('never lets a path lead to another origin, and never throws', () => {
    const realms = fc.oneof(
      fc.string(),
      fc.string().map((text) => `/${text}`),
      fc.string().map((text) => `https://${text}`),
      fc.webUrl(),
    );
    fc.assert(
      fc.property(realms, (realm) => {
        const judgement = judgeRealm(response, realm, { registrableDomain });
        if (judgement.verdict === 'deny') return;
        const url = new URL(judgement.url);
        assert.equal(url.protocol, 'https:');
        if (judgement.reason === 'relative-same-origin') assert.equal(url.origin, new URL(response).origin);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('registrableDomain', () => {
  it('has no answer for addresses, single names and public suffixes', () => {
    for (const host of ['registry', 'localhost', '8.8.8.8', '[::1]', 'co.uk', 'com', 'github.io', ''])
      assert.equal(registrableDomain(host), undefined, host);
  });

  it('is the name that somebody registered', () => {
    assert.equal(registrableDomain('registry-1.docker.io'), 'docker.io');
    assert.equal(registrableDomain('a.b.shop.co.uk'), 'shop.co.uk');
    assert.equal(registrableDomain('registry.corp.internal'), 'corp.internal');
  });
});
