/**
 * imagePullSecrets as a kubelet reads them (pkg/credentialprovider/secrets/secrets.go, Kubernetes 1.36),
 * https://kubernetes.io/docs/concepts/configuration/secret/#docker-config-secrets
 */
import {
  type DockerAuthConfig,
  type DockerConfig,
  type DockerConfigForm,
  decodeDockerConfig,
} from './docker-config.ts';
import { createKeyring, type Keyring } from './keyring.ts';

/** The members of a Secret that count; values of `data` are already decoded from base64. */
export interface PullSecret {
  readonly type: string;
  readonly data: Readonly<Record<string, string>>;
}

const forms: Readonly<Record<string, { readonly key: string; readonly form: DockerConfigForm }>> = {
  'kubernetes.io/dockerconfigjson': { key: '.dockerconfigjson', form: 'config.json' },
  'kubernetes.io/dockercfg': { key: '.dockercfg', form: '.dockercfg' },
};

/** Credentials of one secret; `undefined` where type and data do not make one. Throws DockerConfigError. */
export function decodePullSecret(secret: PullSecret): DockerConfig | undefined {
  const known = Object.hasOwn(forms, secret.type) ? forms[secret.type] : undefined;
  if (known === undefined || !Object.hasOwn(secret.data, known.key)) return undefined;
  const text = secret.data[known.key] ?? '';
  return text === '' ? undefined : decodeDockerConfig(text, known.form);
}

/**
 * One keyring of all secrets, in which a match's `source` is the position of its secret. Throws DockerConfigError where
 * one is malformed: a kubelet then pulls nothing, whatever else it could use.
 */
export function createPullSecretKeyring(secrets: readonly PullSecret[]): Keyring<DockerAuthConfig> {
  return createKeyring(secrets.map((secret) => decodePullSecret(secret) ?? {}));
}
