/**
 * One node: registries, containerd, a kubelet and an installed purser, all real and all on loopback. It is made once for
 * many scenarios, each with repositories and pods of its own names.
 */
import { join } from 'node:path';
import { openScene } from '../scene.ts';
import { type Containerd, startContainerd } from './containerd.ts';
import { type Kubelet, type KubeletOptions, startKubelet } from './kubelet.ts';
import { createPod, type Pod, type PodOptions } from './pod.ts';
import { type InstalledPurser, installPurser } from './purser.ts';
import { type Registries, startRegistries } from './registries.ts';
import { createSayImage } from './say-image.ts';
import { given, kubeletVersion } from './surroundings.ts';

export const user = 'robot';
export const password = 'correct-horse-battery';

/** Names that lead to the three doors of the registries; all but the last are in the example for a kubelet. */
export const hosts = {
  password: 'registry.example.com',
  token: 'token.mirror.example.com',
  open: 'open.mirror.example.com',
  /** No provider is asked about it. */
  unknown: 'registry.example.org',
} as const;

/** What a scenario may change about its kubelet. */
export type KubeletChanges = Partial<
  Pick<KubeletOptions, 'credentialProviders' | 'configuration' | 'flags' | 'env' | 'program' | 'version'>
>;

export interface Node {
  /** For files of a scenario; gone when the node is. */
  readonly folder: string;
  readonly registries: Registries;
  readonly containerd: Containerd;
  readonly purser: InstalledPurser;
  /** The one that runs now. */
  kubelet(): Kubelet;
  /** Ends the kubelet and starts another over what it left. Rejects when that one does not start. */
  restartKubelet(changes?: KubeletChanges): Promise<Kubelet>;
  /** Puts an image that says so under `repository:v1` into all registries. */
  publish(repository: string, words?: string): void;
  /** Lets purser serve the good password for these images, out of a secret whose name comes back. */
  servePassword(matchImage: string, more?: Readonly<Record<string, unknown>>): string;
  pod(options: PodOptions): Pod;
  close(): Promise<void>;
}

export function openNode(changes: KubeletChanges = {}): Promise<Node> {
  return openScene('node', async ({ folder, authority, caFile, atEnd, close }) => {
    const registries = await startRegistries({ folder: join(folder, 'registries'), user, password, authority });
    atEnd(() => registries.stop());
    registries.push(createSayImage(given('say')), 'pause:v1');
    const pauseImage = `${hosts.open}/pause:v1`;
    const containerd = await startContainerd({ folder, caFile, pauseImage });
    atEnd(() => containerd.stop());
    containerd.route(hosts.password, registries.password.host);
    containerd.route(hosts.token, registries.token.host);
    containerd.route(hosts.open, registries.open.host);
    containerd.route(hosts.unknown, registries.password.host);
    const purser = installPurser(folder);
    // A PurserConfig has at least one entry; this one is nobody's.
    const nothing = purser.secret('nobody', 'unused');
    purser.serve({
      matchImages: ['nobody.example.net'],
      provider: 'static',
      username: 'nobody',
      passwordFile: nothing,
    });
    purser.lint(purser.providerConfig, kubeletVersion);
    const { binDir, providerConfig } = purser;
    const start = (own: KubeletChanges) =>
      startKubelet({
        program: given('kubelet'),
        version: kubeletVersion,
        folder,
        containerdSocket: containerd.socket,
        credentialProviders: { config: providerConfig, binDir },
        ...own,
      });
    let kubelet = await start(changes);
    atEnd(() => kubelet.daemon.stop());
    return {
      folder,
      registries,
      containerd,
      purser,
      kubelet: () => kubelet,
      async restartKubelet(own = changes) {
        await kubelet.daemon.stop();
        kubelet = await start(own);
        return kubelet;
      },
      publish(repository, words = repository) {
        registries.push(createSayImage(given('say'), words), `${repository}:v1`);
      },
      servePassword(matchImage, more = {}) {
        const secret = matchImage.replaceAll('/', '_');
        const passwordFile = purser.secret(secret, password);
        purser.serve({ matchImages: [matchImage], provider: 'static', username: user, passwordFile, ...more });
        return secret;
      },
      pod: (options) => createPod(() => kubelet, options),
      close,
    };
  });
}
