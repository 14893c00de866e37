/**
 * Static pods with one container in the network of the node, which needs no network plugin. A static pod's identity is a
 * hash of its manifest, with which its back-off goes on: each name is used once.
 */
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { until } from '../until.ts';
import { type ApiPod, type Kubelet, nodeName } from './kubelet.ts';
import type { KubeletEvent } from './kubelet-events.ts';

export interface PodOptions {
  readonly name: string;
  readonly image: string;
  readonly imagePullPolicy?: 'Always' | 'IfNotPresent' | 'Never';
  /** More of the pod's spec. */
  readonly spec?: Readonly<Record<string, unknown>>;
}

/** As in ContainerStatus: exactly one of three. */
export interface ContainerState {
  readonly kind: 'waiting' | 'running' | 'terminated';
  readonly reason: string;
  readonly message: string;
}

export interface Pod {
  readonly name: string;
  readonly image: string;
  /** Undefined while the kubelet says nothing of its container. */
  state(): Promise<ContainerState | undefined>;
  /** Waits for a state: `running`, or why it is waiting. */
  reaches(goal: 'running' | 'ErrImagePull' | 'ImagePullBackOff' | 'ErrImageNeverPull'): Promise<ContainerState>;
  /** Waits until its container runs: it has said this line, and the kubelet has told that it started. */
  runs(words: string): Promise<void>;
  /** Waits until a pull of its image has failed, and gives the message of the event. */
  pullFails(): Promise<string>;
  events(): readonly KubeletEvent[];
  /** Resolves when the kubelet no longer knows it. */
  remove(): Promise<void>;
}

/** The kubelet is asked for at each use, because it may have been started again. */
export function createPod(kubelet: () => Kubelet, options: PodOptions): Pod {
  const { name, image } = options;
  const { manifests } = kubelet();
  const manifest = join(manifests, `${name}.json`);
  // A kubelet passes over names with a dot in front, and so never reads half of it.
  const unfinished = join(manifests, `.${name}.json`);
  writeFileSync(unfinished, JSON.stringify(manifestFor(options)));
  renameSync(unfinished, manifest);
  const fullName = `${name}-${nodeName}`;
  const find = async () => (await kubelet().pods()).find(({ metadata }) => metadata.name === fullName);
  const state = async () => containerStates(await find())[0];
  return {
    name,
    image,
    state,
    async reaches(goal) {
      let last: ContainerState | undefined;
      const look = async () => {
        last = await state();
        return (last?.kind === 'running' ? 'running' : last?.reason) === goal && last;
      };
      return until(`${name} to reach ${goal}`, look, {
        within: 90,
        seen: () => `${JSON.stringify(last)}\n${aboutCredentials(kubelet())}`,
      });
    },
    async runs(words) {
      const said = () => outputOf(fullName).split('\n').includes(words);
      const started = () =>
        kubelet()
          .events(name)
          .some(({ reason }) => reason === 'Started');
      await until(`${name} to say ${words}`, () => said() && started(), {
        within: 90,
        seen: async () => `${JSON.stringify(await state())} ${outputOf(fullName)}\n${aboutCredentials(kubelet())}`,
      });
    },
    async pullFails() {
      const failed = () =>
        kubelet()
          .events(name)
          .find(({ message }) => message.startsWith('Failed to pull image'));
      const { message } = await until(`the pull of ${image} to fail`, failed, { within: 90 });
      return message;
    },
    events: () => kubelet().events(name),
    async remove() {
      rmSync(manifest, { force: true });
      await until(`${name} to be gone`, async () => (await find()) === undefined);
    },
  };
}

function manifestFor({ name, image, imagePullPolicy = 'IfNotPresent', spec }: PodOptions): object {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'default' },
    spec: {
      hostNetwork: true,
      terminationGracePeriodSeconds: 1,
      containers: [{ name: 'main', image, imagePullPolicy }],
      ...spec,
    },
  };
}

/** As far as the kubelet says something of them. */
export function containerStates(pod: ApiPod | undefined): readonly ContainerState[] {
  return (pod?.status.containerStatuses ?? []).flatMap(({ state }) => Object.entries(state).map(stateOf));
}

function stateOf([kind, { reason = '', message = '' }]: [string, Partial<ContainerState>]): ContainerState {
  if (kind !== 'waiting' && kind !== 'running' && kind !== 'terminated') throw new TypeError(`a container is ${kind}`);
  return { kind, reason, message };
}

const podLogs = '/var/log/pods';

/** What its container wrote to stdout, without the time and the stream that the runtime writes before each line. */
function outputOf(fullName: string): string {
  const own = readdirSync(podLogs).filter((folder) => folder.startsWith(`default_${fullName}_`));
  const logs = own.flatMap((folder) => {
    const main = join(podLogs, folder, 'main');
    return existsSync(main) ? readdirSync(main).map((file) => join(main, file)) : [];
  });
  return logs.map((path) => readFileSync(path, 'utf8').replace(/^\S+ stdout F /gm, '')).join('');
}

/** What the kubelet's log says about providers, for a test that fails. */
function aboutCredentials({ daemon }: Kubelet): string {
  return daemon.log
    .lines()
    .filter((line) => /^[EW].*credential/i.test(line))
    .slice(-5)
    .join('\n');
}
