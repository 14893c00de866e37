import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { judgeRedirect } from '../../src/registry/redirect.ts';

const blob = 'https://registry.example.com/v2/a/blobs/sha256:x';

describe('judgeRedirect (R-NET-03, R-NET-04)', () => {
  it('keeps Authorization only where scheme, host and port are the same', () => {
    const kept = (from: string, location: string): unknown => {
      const judgement = judgeRedirect('blob', 'GET', from, location);
      return judgement.follow && judgement.keepAuthorization;
    };
    assert.equal(kept(blob, 'https://registry.example.com:443/x'), true);
    assert.equal(kept(blob, '/x'), true);
    assert.equal(kept(blob, 'x'), true);
    for (const location of [
      'https://registry.example.com:444/x',
      'https://sub.registry.example.com/x',
      'https://example.com/x',
      '//cdn.example.com/x',
    ])
      assert.equal(kept(blob, location), false, location);
    assert.equal(kept('http://registry.example.com/x', 'https://registry.example.com/x'), false);
  });

  it('gives an absolute location back byte for byte', () => {
    for (const location of [
      'https://s3.example.com/k?X-Sig=ab%2fcd%3D&a=b+c%20d',
      "https://s3.example.com/it's?q='%7e",
      'HTTPS://S3.example.com',
    ]) {
      const judgement = judgeRedirect('blob', 'GET', blob, location);
      assert.equal(judgement.follow ? judgement.url : undefined, location);
    }
  });

  it('refuses what is no location', () => {
    for (const location of ['', 'https://', 'https://a b/', 'https://a/\nx', 'http://[', 'https://x:99999/'])
      assert.deepEqual(judgeRedirect('blob', 'GET', blob, location), { follow: false, reason: 'invalid-location' });
  });

  it('never redirects a password in a body', () => {
    const same = 'https://auth.example.com/token';
    for (const [purpose, method] of [
      ['token-post', 'POST'],
      ['token-get', 'POST'],
      ['token-post', 'GET'],
    ] as const)
      assert.deepEqual(judgeRedirect(purpose, method, same, same), { follow: false, reason: 'token-post-redirect' });
  });

  it('lets a private network point to itself only', () => {
    const follows = (from: string, location: string): boolean => judgeRedirect('blob', 'GET', from, location).follow;
    assert.equal(follows('http://192.168.1.5:5000/x', 'http://10.0.0.1/x'), true);
    assert.equal(follows('http://192.168.1.5:5000/x', 'http://192.168.1.5:9000/x'), true);
    assert.equal(follows('http://192.168.1.5:5000/x', 'http://[::ffff:169.254.169.254]/x'), false);
    assert.equal(follows('http://192.168.1.5:5000/x', 'http://localhost/x'), false);
    assert.equal(follows('http://8.8.8.8/x', 'http://10.0.0.1/x'), false);
    assert.equal(follows('http://169.254.1.1/x', 'http://10.0.0.1/x'), false);
  });

  it('never throws, and what it follows is never less safe than where it came from', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.webUrl(),
          fc.string().map((text) => `//${text}`),
        ),
        (location) => {
          const judgement = judgeRedirect('blob', 'GET', blob, location);
          if (judgement.follow) assert.equal(new URL(judgement.url).protocol, 'https:');
        },
      ),
    );
  });
});
