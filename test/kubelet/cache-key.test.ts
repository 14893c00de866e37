import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { credentialCacheKey, registryCacheKey, serviceAccountCacheKey } from '../../src/kubelet/cache-key.ts';

const parts = {
  namespace: 'n',
  name: 's',
  uid: 'u',
  annotations: {},
  cacheType: 'ServiceAccount',
  tokenHash: 'sha256:0',
};

describe('serviceAccountCacheKey', () => {
  it('adds the token only when answers are cached by token', () => {
    const plain = serviceAccountCacheKey(parts).toString('hex');
    assert.equal(plain, '00016e0001730001750000' + '0000');
    const byToken = serviceAccountCacheKey({ ...parts, cacheType: 'Token' }).toString('hex');
    assert.equal(byToken, `${plain}0005746f6b656e0008${Buffer.from('sha256:0').toString('hex')}`);
  });

  it('does not depend on the order in which annotations were written', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string({ maxLength: 4 }), fc.string({ maxLength: 4 })), (annotations) => {
        const turned = Object.fromEntries(Object.entries(annotations).reverse());
        const a = serviceAccountCacheKey({ ...parts, annotations });
        assert.deepEqual(serviceAccountCacheKey({ ...parts, annotations: turned }), a);
      }),
    );
  });
});

describe('credentialCacheKey', () => {
  it('counts bytes, not characters', () => {
    assert.equal(credentialCacheKey('\u00e9', Buffer.alloc(0)).toString('hex'), '0002c3a90000');
  });

  it('fails on a part whose length two bytes cannot say', () => {
    assert.throws(() => credentialCacheKey('a'.repeat(65_536), Buffer.alloc(0)), RangeError);
  });
});

describe('registryCacheKey', () => {
  it('is all before the first slash', () => {
    assert.equal(registryCacheKey('reg.io:5000/a/b'), 'reg.io:5000');
    assert.equal(registryCacheKey('nginx'), 'nginx');
  });
});
