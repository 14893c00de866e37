/** Pods of the API, bound to the node by hand, each with a service account and one or more containers. */
import { type Kubelet, nodeName } from '../node/kubelet.ts';
import { type ContainerState, containerStates } from '../node/pod.ts';
import { until } from '../until.ts';
import type { ApiServer } from './api-server.ts';

export interface AccountPodOptions {
  readonly name: string;
  readonly account: Account;
  readonly images: readonly string[];
  readonly imagePullPolicy?: 'Always' | 'IfNotPresent';
  /** Names of secrets in the account's namespace. */
  readonly pullSecrets?: readonly string[];
}

export interface Account {
  readonly namespace: string;
  readonly name: string;
}

export interface AccountPod {
  /** Waits until each container runs, or cannot for this reason. */
  reaches(goal: 'running' | 'ErrImagePull'): Promise<void>;
  /** Resolves when the kubelet no longer knows it: a pod that cannot pull tries again and again. */
  remove(): Promise<void>;
}

export async function createAccountPod(
  apiServer: ApiServer,
  kubelet: Kubelet,
  options: AccountPodOptions,
): Promise<AccountPod> {
  const { name, account, images } = options;
  const path = `/api/v1/namespaces/${account.namespace}/pods`;
  await apiServer.create(path, manifestFor(options));
  const find = async () => (await kubelet.pods()).find(({ metadata }) => metadata.name === name);
  return {
    async reaches(goal) {
      let seen: readonly ContainerState[] = [];
      const look = async (): Promise<boolean> => {
        seen = containerStates(await find());
        const isGoal = ({ kind, reason }: ContainerState): boolean => (kind === 'running' ? kind : reason) === goal;
        return seen.length === images.length && seen.every(isGoal);
      };
      await until(`${name} to reach ${goal}`, look, { within: 90, seen: () => JSON.stringify(seen) });
    },
    async remove() {
      await apiServer.remove(`${path}/${name}`);
      await until(`${name} to be gone`, async () => (await find()) === undefined);
    },
  };
}

function manifestFor({ name, account, images, imagePullPolicy = 'IfNotPresent', pullSecrets = [] }: AccountPodOptions) {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: account.namespace },
    spec: {
      nodeName,
      serviceAccountName: account.name,
      // The token in a volume is another one, for other readers.
      automountServiceAccountToken: false,
      hostNetwork: true,
      terminationGracePeriodSeconds: 1,
      imagePullSecrets: pullSecrets.map((secret) => ({ name: secret })),
      containers: images.map((image, index) => ({ name: `c${index}`, image, imagePullPolicy })),
    },
  };
}
