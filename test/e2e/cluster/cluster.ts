/**
 * The smallest cluster that gives pods their tokens: etcd, an API server, one node, and a registry that lets service
 * accounts in by the API server's own keys. All of it is real but the registry's token service, which is the project's
 * fake: no registry in Debian takes OIDC tokens.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { startContainerd } from '../node/containerd.ts';
import { type Kubelet, nodeName, startKubelet } from '../node/kubelet.ts';
import { type InstalledPurser, installPurser } from '../node/purser.ts';
import { createSayImage } from '../node/say-image.ts';
import { given, kubeletVersion } from '../node/surroundings.ts';
import { startDockerRegistry } from '../registry/docker-registry.ts';
import { push } from '../registry/push.ts';
import type { ServedRequest } from '../registry/served-requests.ts';
import { openScene } from '../scene.ts';
import { type AccountLogin, accountLogin } from './account-login.ts';
import { type Account, type AccountPod, type AccountPodOptions, createAccountPod } from './account-pod.ts';
import { type ApiServer, issuer, startApiServer } from './api-server.ts';
import { startEtcd } from './etcd.ts';
import { audience, host, hosts, type ProviderFiles, writeProviders } from './providers.ts';
import { createTokenVerifier, type TokenVerifierOptions } from './token-verifier.ts';

/** One who has a password for the registry. */
export const user = 'robot';
export const password = 'correct-horse-battery';

export interface Cluster {
  readonly apiServer: ApiServer;
  readonly kubelet: Kubelet;
  readonly purser: InstalledPurser;
  readonly files: ProviderFiles;
  readonly login: AccountLogin;
  /** Puts an image that says so under `repository:v1` into the registry. */
  publish(repository: string): void;
  /** What the registry was asked for, of one repository. */
  requests(repository: string): readonly ServedRequest[];
  /** Makes a service account, and its namespace when it is the first one there. */
  account(account: Account, annotations?: Readonly<Record<string, string>>): Promise<Account>;
  /** A token of the account, as the API server gives it to those who may ask. */
  token(account: Account, audience: string): Promise<string>;
  /** Makes an image pull secret for a host. */
  pullSecret(
    namespace: string,
    name: string,
    login: { readonly host: string; readonly password: string },
  ): Promise<void>;
  pod(options: AccountPodOptions): Promise<AccountPod>;
  close(): Promise<void>;
}

export function openCluster(): Promise<Cluster> {
  return openScene('cluster', async ({ folder, authority, caFile, atEnd, close }) => {
    const etcd = await startEtcd({ program: given('etcd'), folder });
    atEnd(() => etcd.daemon.stop('SIGKILL'));
    const program = given('apiServer');
    const apiServer = await startApiServer({ program, folder, etcdUrl: etcd.url, authority, caFile, nodeName });
    atEnd(() => apiServer.daemon.stop('SIGKILL'));
    const verify = createTokenVerifier({ keys: await readKeys(apiServer), issuer, audience });
    const storage = join(folder, 'registry');
    mkdirSync(storage);
    const login = await accountLogin({ folder: storage, authority, verify, user, password });
    atEnd(() => login.stop());
    const tls = authority.issue();
    const open = await startDockerRegistry({ folder: storage, name: 'open', tls, auth: {} });
    atEnd(() => open.stop());
    const registry = await startDockerRegistry({ folder: storage, name: 'accounts', tls, auth: login.auth });
    atEnd(() => registry.stop());
    const publish = (repository: string, words?: string): void => {
      push(createSayImage(given('say'), words), { name: `${open.host}/${repository}:v1`, ca: authority.certificate });
    };
    publish('pause');
    const containerd = await startContainerd({ folder, caFile, pauseImage: 'pause.example.com/pause:v1' });
    atEnd(() => containerd.stop());
    containerd.route('pause.example.com', open.host);
    for (const name of [host, ...Object.values(hosts)]) containerd.route(name, registry.host);
    const purser = installPurser(folder);
    const files = writeProviders(folder, purser);
    purser.lint(files.kubelet, kubeletVersion);
    for (const object of files.clusterObjects) await apiServer.create(pathFor(object.kind), object);
    // A node may read the secrets of its own pods. Of a pod that was bound by hand the authorizer may hear later than the
    // kubelet, which then pulls without the secret: a race for which a scheduler leaves no time.
    const readSecrets = { apiGroups: [''], resources: ['secrets'], verbs: ['get', 'list', 'watch'] };
    await allowNodes(apiServer, 'nodes-read-secrets', readSecrets);
    const kubelet = await startKubelet({
      program: given('kubelet'),
      version: kubeletVersion,
      folder,
      containerdSocket: containerd.socket,
      credentialProviders: { config: files.kubelet, binDir: purser.binDir },
      flags: [`--kubeconfig=${apiServer.nodeKubeconfig}`],
    });
    atEnd(() => kubelet.daemon.stop());
    await kubelet.daemon.ready('its node to be registered', () => isThere(apiServer, `/api/v1/nodes/${nodeName}`));
    const namespaces = new Set<string>();
    return {
      apiServer,
      kubelet,
      purser,
      files,
      login,
      publish: (repository) => publish(repository, repository),
      requests: (repository) => registry.requests(repository),
      async account({ namespace, name }, annotations = {}) {
        if (!namespaces.has(namespace)) await apiServer.create('/api/v1/namespaces', { metadata: { name: namespace } });
        namespaces.add(namespace);
        const path = `/api/v1/namespaces/${namespace}/serviceaccounts`;
        await apiServer.create(path, { metadata: { name, namespace, annotations } });
        return { namespace, name };
      },
      async token({ namespace, name }, wanted) {
        const path = `/api/v1/namespaces/${namespace}/serviceaccounts/${name}/token`;
        const { status } = await apiServer.create(path, { spec: { audiences: [wanted] } });
        return tokenIn(status);
      },
      async pullSecret(namespace, name, given) {
        const config = { auths: { [given.host]: { username: user, password: given.password } } };
        const path = `/api/v1/namespaces/${namespace}/secrets`;
        const stringData = { '.dockerconfigjson': JSON.stringify(config) };
        await apiServer.create(path, { metadata: { name }, type: 'kubernetes.io/dockerconfigjson', stringData });
      },
      pod: (options) => createAccountPod(apiServer, kubelet, options),
      close,
    };
  });
}

async function readKeys(apiServer: ApiServer): Promise<TokenVerifierOptions['keys']> {
  const { keys } = await apiServer.read('/openid/v1/jwks');
  if (!Array.isArray(keys) || keys.length === 0) throw new TypeError('the API server has no keys');
  return keys;
}

/** Of a TokenRequest (authentication.k8s.io). */
function tokenIn(status: unknown): string {
  if (typeof status !== 'object' || status === null || !('token' in status) || typeof status.token !== 'string') {
    throw new TypeError('the API server gave no token');
  }
  return status.token;
}

function pathFor(kind: string): string {
  return `/apis/rbac.authorization.k8s.io/v1/${kind.toLowerCase()}s`;
}

async function allowNodes(apiServer: ApiServer, name: string, rule: object): Promise<void> {
  const [metadata, group] = [{ name }, 'rbac.authorization.k8s.io'];
  await apiServer.create(pathFor('ClusterRole'), { metadata, rules: [rule] });
  await apiServer.create(pathFor('ClusterRoleBinding'), {
    metadata,
    roleRef: { apiGroup: group, kind: 'ClusterRole', name },
    subjects: [{ apiGroup: group, kind: 'Group', name: 'system:nodes' }],
  });
}

async function isThere(apiServer: ApiServer, path: string): Promise<boolean> {
  try {
    await apiServer.read(path);
    return true;
  } catch {
    return false;
  }
}
