/**
 * Debian's docker-registry (distribution 2.8) on loopback, with TLS and its own folder. It dies with whoever started it,
 * however that one ends. Several may stand over the same storage, each with its own way to log in.
 * https://distribution.github.io/distribution/about/configuration/
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ServerIdentity } from '../../fake/tls.ts';
import { startDaemon } from '../daemon.ts';
import { type ServedRequest, servedRequests } from './served-requests.ts';

export interface DockerRegistryOptions {
  /** Takes its files; the caller removes it. */
  readonly folder: string;
  /** Of its files, where a folder holds several; the storage is everybody's. */
  readonly name?: string;
  readonly tls: ServerIdentity;
  readonly auth: Auth;
}

/** As in the configuration file; empty lets everybody do everything. */
export type Auth = Readonly<Record<string, object>>;

export interface DockerRegistry {
  /** As in an image name. */
  readonly host: string;
  /** Changes one bit in the middle of a blob on the registry's disk. */
  flipBit(digest: string): void;
  /** What it was asked for, of one repository, in order. */
  requests(repository: string): readonly ServedRequest[];
  stop(): Promise<void>;
}

export async function startDockerRegistry(options: DockerRegistryOptions): Promise<DockerRegistry> {
  const { folder, name = 'registry', tls, auth } = options;
  const file = (ending: string, content: string): string => {
    const path = join(folder, `${name}.${ending}`);
    writeFileSync(path, content, { mode: 0o600 });
    return path;
  };
  const storage = join(folder, 'storage');
  // JSON is YAML; the port is chosen by the system.
  const config = {
    version: 0.1,
    log: { level: 'info', formatter: 'json', accesslog: { disabled: true } },
    storage: { filesystem: { rootdirectory: storage } },
    http: { addr: '127.0.0.1:0', tls: { certificate: file('crt', tls.cert), key: file('key', tls.key) } },
    ...(Object.keys(auth).length === 0 ? {} : { auth }),
  };
  const command = ['docker-registry', 'serve', file('json', JSON.stringify(config))];
  const { log, ready, stop } = startDaemon({ name, command, folder });
  return {
    // It says where it listens, once it does.
    host: await ready('an address', () => /listening on ([0-9.]+:[0-9]+), tls/.exec(log.text())?.[1]),
    flipBit(digest) {
      const [algorithm = '', hex = ''] = digest.split(':');
      const path = join(storage, 'docker/registry/v2/blobs', algorithm, hex.slice(0, 2), hex, 'data');
      const bytes = readFileSync(path);
      const middle = Math.floor(bytes.length / 2);
      bytes.writeUInt8(bytes.readUInt8(middle) ^ 1, middle);
      writeFileSync(path, bytes);
    },
    requests: (repository) => servedRequests(log.lines(), repository),
    stop: () => stop('SIGKILL'),
  };
}
