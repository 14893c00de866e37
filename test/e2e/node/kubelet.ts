/**
 * A real kubelet that talks to no API server: it runs static pods and tells about them itself. Such a kubelet records its
 * events in its log only, which is where `events` finds them.
 * https://kubernetes.io/docs/reference/config-api/kubelet-config.v1beta1/
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ask } from '../../fake/ask.ts';
import { minorOf } from '../build/kubernetes.ts';
import { cgroupRoot } from '../cgroups.ts';
import { type Daemon, startDaemon } from '../daemon.ts';
import { type KubeletEvent, kubeletEvents } from './kubelet-events.ts';

export interface KubeletOptions {
  /** Path of the executable, and its version. */
  readonly program: string;
  readonly version: string;
  /** Takes its files; a kubelet that is started again with the same folder finds what it left. */
  readonly folder: string;
  readonly containerdSocket: string;
  /** What the two flags get. */
  readonly credentialProviders: { readonly config: string; readonly binDir: string };
  /** More of its KubeletConfiguration. */
  readonly configuration?: Readonly<Record<string, unknown>>;
  readonly flags?: readonly string[];
  /** The whole environment; default: our PATH. */
  readonly env?: Readonly<Record<string, string>>;
}

/** As much of a pod of the Kubernetes API as is looked at. */
export interface ApiPod {
  readonly metadata: { readonly name: string; readonly uid: string };
  readonly status: {
    readonly containerStatuses?: readonly {
      readonly imageID: string;
      readonly state: Readonly<Record<string, { readonly reason?: string; readonly message?: string }>>;
    }[];
  };
}

export interface Kubelet {
  readonly daemon: Daemon;
  /** Where static pods are put. */
  readonly manifests: string;
  /** Its pods as it sees them, as in the Kubernetes API. */
  pods(): Promise<readonly ApiPod[]>;
  /** Prometheus' text format. */
  metrics(): Promise<string>;
  /** Of one pod, in order, from its log. */
  events(pod: string): readonly KubeletEvent[];
  /** Where it keeps what outlives it. */
  readonly rootFolder: string;
}

export const nodeName = 'e2e-node';

/** The sandbox has a network of its own, so the usual ports are free. */
const readOnly = 'http://127.0.0.1:10255';
const healthPort = 10248;

/** Rejects, with the end of its log, when the kubelet does not want to start. */
export async function startKubelet(options: KubeletOptions): Promise<Kubelet> {
  const {
    program,
    version,
    folder,
    credentialProviders,
    flags = [],
    env = { PATH: process.env['PATH'] ?? '' },
  } = options;
  const manifests = join(folder, 'manifests');
  const rootFolder = join(folder, 'kubelet');
  const config = join(folder, 'kubelet.json');
  mkdirSync(manifests, { recursive: true });
  writeFileSync(config, JSON.stringify(configurationFor(options, manifests)));
  const command = [
    program,
    `--config=${config}`,
    `--root-dir=${rootFolder}`,
    `--hostname-override=${nodeName}`,
    `--image-credential-provider-config=${credentialProviders.config}`,
    `--image-credential-provider-bin-dir=${credentialProviders.binDir}`,
    // 3 is the least at which events are logged, 4 at which a provider that gives nothing is.
    '--v=4',
    ...flags,
  ];
  const daemon = startDaemon({ name: 'kubelet', command, folder, env });
  await daemon.ready(`${version} to be healthy`, healthy);
  return {
    daemon,
    manifests,
    rootFolder,
    async pods() {
      const list: { readonly items: readonly ApiPod[] | null } = JSON.parse(await read('/pods'));
      return list.items ?? [];
    },
    metrics: () => read('/metrics'),
    events: (pod) => kubeletEvents(daemon.log.text(), `${pod}-${nodeName}`),
  };
}

function configurationFor(options: KubeletOptions, manifests: string): object {
  const { version, containerdSocket, folder, configuration = {} } = options;
  return {
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    kind: 'KubeletConfiguration',
    staticPodPath: manifests,
    authentication: { anonymous: { enabled: true }, webhook: { enabled: false } },
    authorization: { mode: 'AlwaysAllow' },
    address: '127.0.0.1',
    readOnlyPort: 10255,
    healthzPort: healthPort,
    containerRuntimeEndpoint: `unix://${containerdSocket}`,
    volumePluginDir: join(folder, 'volume-plugins'),
    fileCheckFrequency: '1s',
    // The machine that runs the tests is nobody's node: no cgroups for classes of pods, no demands on swap and disk.
    cgroupDriver: 'cgroupfs',
    cgroupRoot,
    cgroupsPerQOS: false,
    enforceNodeAllocatable: [],
    failSwapOn: false,
    oomScoreAdj: 0,
    evictionHard: { 'memory.available': '50Mi' },
    ...(minorOf(version) >= 31 ? { failCgroupV1: false } : {}),
    // Five pulls a second are the default; one beyond fails and asks again ten seconds later, which is one run more.
    registryPullQPS: 0,
    ...configuration,
  };
}

async function healthy(): Promise<boolean> {
  try {
    return (await ask(`http://127.0.0.1:${healthPort}/healthz`)).status === 200;
  } catch {
    return false;
  }
}

async function read(path: string): Promise<string> {
  const { status, body } = await ask(`${readOnly}${path}`);
  if (status !== 200) throw new Error(`GET ${path} of the kubelet: ${status} ${body}`);
  return body.toString();
}
