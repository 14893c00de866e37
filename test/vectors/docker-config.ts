/** docker-config.json: docker configs, pull secrets, and the documents that a kubelet and its plugin exchange. */
import assert from 'node:assert/strict';
import { apiVersions, decodeResponse, encodeRequest, isCacheKeyType } from '../../src/kubelet/api.ts';
import { credentialCacheKey, serviceAccountCacheKey } from '../../src/kubelet/cache-key.ts';
import {
  DockerConfigError,
  type DockerConfigForm,
  decodeAuth,
  decodeDockerConfig,
} from '../../src/kubelet/docker-config.ts';
import { createKeyring, lookupInTurn } from '../../src/kubelet/keyring.ts';
import { checkProviderConfig } from '../../src/kubelet/provider-config.ts';
import { createPullSecretKeyring } from '../../src/kubelet/pull-secret.ts';
import { hashAuthConfig } from '../../src/node/pull-record.ts';
import { casesByKind, listOf, objectOf, textOf, textsOf, type Vector, type VectorTable } from './table.ts';
import { sourceOf } from './url-match.ts';

export const checks = {
  'auth-field': checkAuth,
  'config-json': (vector: Vector) => checkConfig(vector, 'config.json'),
  dockercfg: (vector: Vector) => checkConfig(vector, '.dockercfg'),
  'pull-secrets': checkPullSecrets,
  'plugin-request': checkRequest,
  'plugin-response': checkResponse,
  'provider-config': checkConfigOfProviders,
  'auth-config-hash': checkHash,
  'sa-cache-key': checkServiceAccountKey,
  'credential-cache-key': checkCacheKey,
};

export const table: VectorTable = { name: 'docker-config', cases: (document) => casesByKind(document, checks) };

function checkAuth(vector: Vector): void {
  const decoded = decodeAuth(textOf(vector, 'auth'));
  const { username, password } = vector;
  if (vector['ok']) assert.deepEqual(decoded, { username, password });
  else assert('fault' in decoded, 'we accept it');
}

function checkConfig(vector: Vector, form: DockerConfigForm): void {
  const text = textOf(vector, 'text');
  if (!vector['ok']) {
    assert.throws(() => decodeDockerConfig(text, form), DockerConfigError);
    return;
  }
  assert.deepEqual({ ...decodeDockerConfig(text, form) }, vector['auths']);
}

function checkPullSecrets(vector: Vector): void {
  const secrets = listOf(vector, 'secrets').map((item) => {
    const secret = objectOf(item);
    return { type: textOf(secret, 'type'), data: { [textOf(secret, 'key')]: textOf(secret, 'data') } };
  });
  if (!vector['ok']) {
    assert.throws(() => createPullSecretKeyring(secrets), DockerConfigError);
    return;
  }
  const others = createKeyring(listOf(vector, 'nodeAndPlugin').map(sourceOf));
  const credentials = lookupInTurn([createPullSecretKeyring(secrets), others], textOf(vector, 'image'));
  assert.deepEqual(credentials, vector['creds']);
  assert.equal(credentials.length > 0, vector['found']);
}

function checkRequest(vector: Vector): void {
  const apiVersion = apiVersions.find((known) => known === vector['providerApiVersion']);
  assert(apiVersion !== undefined, 'the version is known');
  const request = {
    apiVersion,
    image: textOf(vector, 'image'),
    serviceAccountToken: textOf(vector, 'serviceAccountToken'),
    serviceAccountAnnotations: textsOf(vector, 'serviceAccountAnnotations'),
  };
  assert.equal(encodeRequest(request), vector['stdin']);
}

function checkResponse(vector: Vector): void {
  const decoded = decodeResponse(textOf(vector, 'stdout'), textOf(vector, 'providerApiVersion'));
  if ('fault' in decoded) {
    assert.deepEqual(
      { decoded: false, failsAt: decoded.fault },
      { decoded: vector['decoded'], failsAt: vector['failsAt'] },
    );
    return;
  }
  const { cacheKeyType, cacheDuration, auth } = decoded;
  assert.equal(vector['decoded'], true, 'we accept it');
  assert.equal(isCacheKeyType(cacheKeyType), vector['usable'], 'whether it is usable');
  assert.equal(cacheKeyType, vector['cacheKeyType']);
  assert.equal(cacheDuration?.toString(), vector['cacheDurationNs'] ?? undefined);
  assert.deepEqual({ ...auth }, vector['auth']);
}

function checkConfigOfProviders(vector: Vector): void {
  const { accepted, failsAt, error } = checkProviderConfig(textOf(vector, 'yaml'), {
    featureGate: vector['featureGate'] === true,
  });
  const expected = { accepted: vector['accepted'], failsAt: vector['failsAt'], error: vector['error'] };
  assert.deepEqual({ accepted, failsAt, error }, expected);
}

function checkHash(vector: Vector): void {
  const authConfig = {
    username: textOf(vector, 'username'),
    password: textOf(vector, 'password'),
    email: textOf(vector, 'email'),
  };
  assert.equal(hashAuthConfig(authConfig), vector['sha256']);
}

function checkServiceAccountKey(vector: Vector): void {
  const key = serviceAccountCacheKey({
    namespace: textOf(vector, 'namespace'),
    name: textOf(vector, 'serviceAccount'),
    uid: textOf(vector, 'uid'),
    annotations: textsOf(vector, 'annotations'),
    cacheType: textOf(vector, 'cacheType'),
    tokenHash: textOf(vector, 'tokenHash'),
  });
  assert.equal(key.toString('hex'), vector['keyHex']);
}

function checkCacheKey(vector: Vector): void {
  const serviceAccountKey = Buffer.from(textOf(vector, 'saKeyHex'), 'hex');
  assert.equal(credentialCacheKey(textOf(vector, 'base'), serviceAccountKey).toString('hex'), vector['keyHex']);
}
