/** A single etcd on loopback that forgets what the machine forgets: nothing here outlives the tests. */
import { join } from 'node:path';
import { type Daemon, startDaemon } from '../daemon.ts';
import { freePorts } from './free-ports.ts';

export interface Etcd {
  readonly url: string;
  readonly daemon: Daemon;
}

export interface EtcdOptions {
  /** Path of the executable. */
  readonly program: string;
  /** Takes its files. */
  readonly folder: string;
}

export async function startEtcd({ program, folder }: EtcdOptions): Promise<Etcd> {
  const [clients, peers] = (await freePorts(2)).map((port) => `http://127.0.0.1:${port}`);
  const url = clients ?? '';
  const command = [
    program,
    `--data-dir=${join(folder, 'etcd')}`,
    `--listen-client-urls=${url}`,
    `--advertise-client-urls=${url}`,
    `--listen-peer-urls=${peers}`,
    `--initial-advertise-peer-urls=${peers}`,
    `--initial-cluster=default=${peers}`,
    '--unsafe-no-fsync',
  ];
  const daemon = startDaemon({ name: 'etcd', command, folder });
  await daemon.ready('its clients to be served', () => daemon.log.text().includes('ready to serve client requests'));
  return { url, daemon };
}
