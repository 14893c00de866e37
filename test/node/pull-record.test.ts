import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, it } from 'node:test';
import {
  encodePulledRecord,
  encodePullIntent,
  hashAuthConfig,
  imageOfRecord,
  recordFileName,
} from '../../src/node/pull-record.ts';
import { keptRecord } from '../kept-record.ts';

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

describe('hashAuthConfig', () => {
  it('hashes the JSON that Go writes, in which empty members are left out', () => {
    assert.equal(hashAuthConfig({ username: 'u', password: '' }), sha256('{"username":"u"}'));
    assert.equal(hashAuthConfig({ username: '', password: 'a<b' }), sha256('{"password":"a\\u003cb"}'));
    assert.equal(hashAuthConfig({ username: '', password: '' }), sha256('{}'));
  });
});

describe('imageOfRecord', () => {
  it('cuts tag and digest and leaves the rest as written', () => {
    const digest = `sha256:${'0'.repeat(64)}`;
    assert.equal(imageOfRecord(`Reg.io:5000/a:v1@${digest}`), 'Reg.io:5000/a');
    assert.equal(imageOfRecord('nginx'), 'nginx');
    assert.equal(imageOfRecord('reg.io:5000'), 'reg.io');
  });
});

// As kubelet 1.36.3 left them below its root directory.
describe('the files of a pull', () => {
  const image = 'registry.e2e.example:5443/team/app:v1';
  const apiVersion = '"apiVersion":"kubelet.config.k8s.io/v1beta1"';

  it('are named by the hash of their key', () => {
    assert.equal(recordFileName(image), `sha256-${sha256(image)}`);
  });

  it('begin with an intent', () => {
    assert.equal(encodePullIntent(image), `{"kind":"ImagePullIntent",${apiVersion},"image":"${image}"}\n`);
  });

  it('end with a record that says who may use the image', () => {
    const lastUpdatedTime = Date.UTC(2026, 10, 22, 0, 52, 17, 999);
    const account = { uid: 'u', namespace: 'team', name: 'puller' };
    const record = (credentials: object) =>
      encodePulledRecord({ imageRef: 'sha256:caf6', lastUpdatedTime, credentialMapping: { 'r.io/app': credentials } });
    const written = (credentials: string) =>
      `{"kind":"ImagePulledRecord",${apiVersion},"lastUpdatedTime":"2026-11-22T00:52:17Z","imageRef":"sha256:caf6",` +
      `"credentialMapping":{"r.io/app":${credentials}}}\n`;
    assert.equal(record({ nodePodsAccessible: true }), written('{"nodePodsAccessible":true}'));
    assert.equal(
      record({ kubernetesServiceAccounts: [account] }),
      written('{"kubernetesServiceAccounts":[{"uid":"u","namespace":"team","name":"puller"}]}'),
    );
    assert.equal(
      record({ kubernetesSecrets: [{ ...account, credentialHash: '961f' }] }),
      written('{"kubernetesSecrets":[{"uid":"u","namespace":"team","name":"puller","credentialHash":"961f"}]}'),
    );
  });

  it('name nobody where nothing is known', () => {
    const record = encodePulledRecord({ imageRef: 'a', lastUpdatedTime: 0, credentialMapping: {} });
    assert.equal(
      record,
      `{"kind":"ImagePulledRecord",${apiVersion},"lastUpdatedTime":"1970-01-01T00:00:00Z","imageRef":"a"}\n`,
    );
  });
});

describe('a record that a kubelet wrote', () => {
  it('has the hash and the image that we would write', () => {
    const { credentialMapping } = JSON.parse(keptRecord('pull-secret').text);
    const image = imageOfRecord('registry.example.com/secret/right:v1');
    const [{ credentialHash }] = credentialMapping[image].kubernetesSecrets;
    assert.equal(credentialHash, hashAuthConfig({ username: 'robot', password: 'correct-horse-battery' }));
  });

  it('is a file with the hash of its imageRef for a name', () => {
    for (const folder of ['service-accounts', 'pull-secret'] as const) {
      const { name, text } = keptRecord(folder);
      assert.equal(name, `sha256-${sha256(JSON.parse(text).imageRef)}`);
    }
  });
});
