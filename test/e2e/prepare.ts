/**
 * Everything that needs a network or minutes: packages of Debian, programs from the Go module proxy. It comes before the
 * sandbox, and hands on what it found as variables of the environment.
 */
import { buildEtcd } from './build/etcd.ts';
import { buildKubernetesProgram, kubernetesVersions, minorOf } from './build/kubernetes.ts';
import { buildSay } from './build/say.ts';
import { sinceTokens, variables } from './node/surroundings.ts';
import { installPrograms, missingPrograms } from './programs.ts';

/** What the scenarios start, and what brings it; Go is no package here, because Debian's is too old for a kubelet. */
const programs = {
  containerd: 'containerd',
  'docker-registry': 'docker-registry',
  htpasswd: 'apache2-utils',
  ip: 'iproute2',
  runc: 'runc',
  setpriv: 'util-linux',
  skopeo: 'skopeo',
};

export interface Surroundings {
  /** For the scenarios. */
  readonly env: Readonly<Record<string, string>>;
  /** Why there can be no sandbox, and so no node. */
  readonly lacks: string | undefined;
}

/** Throws in CI where something is missing: a machine that always skips proves nothing. */
export function prepare(kubelet: string): Surroundings {
  installPrograms(programs);
  const lacks = lacking();
  if (lacks !== undefined) {
    if (process.env['CI'] === 'true') throw new Error(lacks);
    return { env: { [variables.noNode]: lacks }, lacks };
  }
  const env = {
    [variables.kubelet]: buildKubernetesProgram('kubelet', kubelet),
    [variables.kubeletVersion]: kubelet,
    [variables.say]: buildSay(),
    ...(minorOf(kubelet) >= sinceTokens ? buildCluster() : {}),
  };
  return { env, lacks };
}

/** An API server is made for kubelets of its own release and three before; one of the next is out of promise, not of use. */
function buildCluster(): Surroundings['env'] {
  return {
    [variables.etcd]: buildEtcd(),
    [variables.apiServer]: buildKubernetesProgram('kube-apiserver', kubernetesVersions.rules),
  };
}

/** The same without building and installing anything, to list the scenarios. */
export function announce(kubelet: string): Surroundings {
  const lacks = process.getuid?.() === 0 && process.platform === 'linux' ? undefined : lacking();
  const env = lacks === undefined ? { [variables.kubeletVersion]: kubelet } : { [variables.noNode]: lacks };
  return { env, lacks };
}

function lacking(): string | undefined {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return 'needs root on Linux';
  const names = missingPrograms({ ...programs, go: 'none; see https://go.dev/dl' });
  return names.length === 0 ? undefined : `missing: ${names.join(', ')}`;
}
