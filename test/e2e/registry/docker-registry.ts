/**
 * Debian's docker-registry (distribution 2.8) on loopback, with TLS and its own folder. It dies with whoever started it,
 * however that one ends.
 * https://distribution.github.io/distribution/about/configuration/
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { ServerIdentity } from '../../fake/tls.ts';

export interface DockerRegistryOptions {
  /** Takes its files; the caller removes it. */
  readonly folder: string;
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
  stop(): Promise<void>;
}

export async function startDockerRegistry({ folder, tls, auth }: DockerRegistryOptions): Promise<DockerRegistry> {
  const file = (name: string, content: string): string => {
    writeFileSync(join(folder, name), content, { mode: 0o600 });
    return join(folder, name);
  };
  const storage = join(folder, 'storage');
  // JSON is YAML; the port is chosen by the system.
  const config = {
    version: 0.1,
    log: { level: 'info', formatter: 'json', accesslog: { disabled: true } },
    storage: { filesystem: { rootdirectory: storage } },
    http: {
      addr: '127.0.0.1:0',
      tls: { certificate: file('registry.crt', tls.cert), key: file('registry.key', tls.key) },
    },
    ...(Object.keys(auth).length === 0 ? {} : { auth }),
  };
  const command = ['docker-registry', 'serve', file('registry.json', JSON.stringify(config))];
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', ...command], { stdio: ['ignore', 'ignore', 'pipe'] });
  const host = await Promise.race([listening(child), ended(child)]);
  return {
    host,
    flipBit(digest) {
      const [algorithm = '', hex = ''] = digest.split(':');
      const path = join(storage, 'docker/registry/v2/blobs', algorithm, hex.slice(0, 2), hex, 'data');
      const bytes = readFileSync(path);
      const middle = Math.floor(bytes.length / 2);
      bytes.writeUInt8(bytes.readUInt8(middle) ^ 1, middle);
      writeFileSync(path, bytes);
    },
    async stop() {
      const gone = ended(child).catch(() => undefined);
      child.kill('SIGKILL');
      await gone;
    },
  };
}

/** The registry says where it listens, once it does. Its log is read to the end, so that it never waits to write. */
function listening(child: ChildProcess): Promise<string> {
  const { stderr } = child;
  if (stderr === null) throw new TypeError('stderr is a pipe');
  return new Promise((resolve) => {
    createInterface(stderr).on('line', (line) => {
      const [, host] = /listening on ([0-9.]+:[0-9]+), tls/.exec(line) ?? [];
      if (host !== undefined) resolve(host);
    });
  });
}

/** Rejects when it has ended. */
function ended(child: ChildProcess): Promise<never> {
  return new Promise((_, reject) => {
    child.once('error', reject);
    if (child.exitCode !== null || child.signalCode !== null) reject(new Error('the registry has ended'));
    child.once('exit', (code, signal) => reject(new Error(`the registry ended with ${code ?? signal}`)));
  });
}
