import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { DockerConfigError } from '../../src/kubelet/docker-config.ts';
import { createPullSecretKeyring, decodePullSecret } from '../../src/kubelet/pull-secret.ts';

const json = (data: Record<string, string>) => ({ type: 'kubernetes.io/dockerconfigjson', data });

describe('decodePullSecret', () => {
  it('skips a secret whose type and data key are no pair', () => {
    const map = '{"a.io":{"username":"u"}}';
    assert.equal(decodePullSecret(json({ '.dockercfg': map })), undefined);
    assert.equal(decodePullSecret({ type: 'kubernetes.io/dockercfg', data: { '.dockerconfigjson': map } }), undefined);
    assert.equal(decodePullSecret({ type: 'toString', data: { toString: map } }), undefined);
  });

  it('skips missing and empty data', () => {
    assert.equal(decodePullSecret(json({})), undefined);
    assert.equal(decodePullSecret(json({ '.dockerconfigjson': '' })), undefined);
  });
});

describe('createPullSecretKeyring', () => {
  it('tells which secret a credential came from, skipped ones counted', () => {
    const of = (username: string) => json({ '.dockerconfigjson': JSON.stringify({ auths: { 'a.io': { username } } }) });
    const keyring = createPullSecretKeyring([of('first'), { type: 'Opaque', data: {} }, of('third')]);
    const origins = keyring.matches('a.io/x').map(({ source, authConfig }) => [source, authConfig.username]);
    assert.deepEqual(origins, [
      [0, 'first'],
      [2, 'third'],
    ]);
  });

  it('fails as a whole on one malformed secret', () => {
    const good = json({ '.dockerconfigjson': '{"auths":{"a.io":{"username":"u"}}}' });
    assert.throws(() => createPullSecretKeyring([good, json({ '.dockerconfigjson': '{' })]), DockerConfigError);
  });
});
