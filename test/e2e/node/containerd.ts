/**
 * Debian's containerd (1.6) with its own root, state and socket. Which registry a name leads to is written in its hosts
 * files, so that any name, a cloud's too, is a registry on loopback without a name server.
 * https://github.com/containerd/containerd/blob/release/1.6/docs/hosts.md
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Daemon, startDaemon } from '../daemon.ts';
import { until } from '../until.ts';

export interface ContainerdOptions {
  /** Takes all its files. */
  readonly folder: string;
  /** PEM file of the authority of all registries. */
  readonly caFile: string;
  /** The image that holds a pod's namespaces; containerd pulls it itself, as nobody. */
  readonly pauseImage: string;
}

export interface Containerd {
  readonly socket: string;
  readonly daemon: Daemon;
  /** From now on images of `host` come from the registry at `address`; `_default` is every other host. */
  route(host: string, address: string): void;
  /** Runs ctr in the namespace of Kubernetes. */
  ctr(...args: readonly string[]): string;
  /** Ends all containers, then itself. */
  stop(): Promise<void>;
}

export async function startContainerd({ folder, caFile, pauseImage }: ContainerdOptions): Promise<Containerd> {
  const hosts = join(folder, 'certs.d');
  const socket = join(folder, 'containerd.sock');
  const config = join(folder, 'containerd.toml');
  mkdirSync(hosts, { recursive: true });
  writeFileSync(config, configFor({ folder, hosts, socket, pauseImage }));
  const daemon = startDaemon({ name: 'containerd', command: ['containerd', '--config', config], folder });
  const ctr = (...args: readonly string[]): string => {
    const command = ['--address', socket, '--namespace', 'k8s.io', ...args];
    return execFileSync('ctr', command, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], timeout: 60_000 });
  };
  await daemon.ready('its first answer', () => answers(ctr));
  return {
    socket,
    daemon,
    route(host, address) {
      const server = JSON.stringify(`https://${address}`);
      const table = [`[host.${server}]`, 'capabilities = ["pull", "resolve"]', `ca = ${JSON.stringify(caFile)}`];
      mkdirSync(join(hosts, host), { recursive: true });
      writeFileSync(join(hosts, host, 'hosts.toml'), [`server = ${server}`, ...table, ''].join('\n'));
    },
    ctr,
    async stop() {
      const running = () =>
        ctr('tasks', 'list')
          .split('\n')
          .filter((line) => line.includes(' RUNNING'));
      for (const line of running()) ctr('tasks', 'kill', '--signal', 'SIGKILL', line.split(' ')[0] ?? '');
      await until('all containers to end', () => running().length === 0);
      await daemon.stop();
      for (const path of mountsBelow(folder)) execFileSync('umount', ['--lazy', path]);
    },
  };
}

interface ConfigParts {
  readonly folder: string;
  readonly hosts: string;
  readonly socket: string;
  readonly pauseImage: string;
}

/** A JSON string is a TOML string. */
function configFor({ folder, hosts, socket, pauseImage }: ConfigParts): string {
  const text = JSON.stringify;
  return `version = 2
root = ${text(join(folder, 'root'))}
state = ${text(join(folder, 'state'))}
[grpc]
address = ${text(socket)}
[plugins."io.containerd.grpc.v1.cri"]
sandbox_image = ${text(pauseImage)}
# Root without CAP_SYS_RESOURCE cannot be killed later than it already is, as a kubelet asks for its pods.
restrict_oom_score_adj = true
[plugins."io.containerd.grpc.v1.cri".registry]
config_path = ${text(hosts)}
[plugins."io.containerd.grpc.v1.cri".cni]
bin_dir = ${text(join(folder, 'cni/bin'))}
conf_dir = ${text(join(folder, 'cni/conf'))}
`;
}

function answers(ctr: Containerd['ctr']): boolean {
  try {
    return ctr('version') !== '';
  } catch {
    return false;
  }
}

/** What containerd has mounted and, ended like this, leaves; the last mount first. */
function mountsBelow(folder: string): readonly string[] {
  const paths = readFileSync('/proc/self/mounts', 'utf8')
    .split('\n')
    .map((line) => line.split(' ')[1] ?? '');
  return paths.filter((path) => path.startsWith(`${folder}/`)).reverse();
}
