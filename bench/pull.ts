/**
 * What a whole verify costs: manifest, config and one large layer from a registry on loopback, every byte hashed. Beside it
 * the usual two programs that fetch and hash the same layer, of which each may have a core of its own.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { builds } from '../test/built.ts';
import type { Row, Table } from './measure.ts';

const username = 'robot';
const password = 'correct-horse-battery';

/** MiB; the small one is there for its memory. */
const [small, large] = ['64', '512'];

export interface PullBench {
  readonly table: Table<Row>;
  stop(): void;
}

export async function startPullBench(folder: string): Promise<PullBench> {
  const server = fileURLToPath(new URL('server.ts', import.meta.url));
  const child = spawn(process.execPath, [server, username, password, small, large], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const { host, layers } = await readPlace(child.stdout);
  const config = writeConfig(folder, host);
  const verify = (build: (typeof builds)[number], size: string): Row => ({
    name: `purser verify, ${build.name}, ${size} MiB`,
    argv: [
      ...build.command,
      'verify',
      `${host}/bench/app:${size}`,
      '--level',
      'full',
      '--config',
      config,
      '-o',
      'json',
    ],
  });
  const pipe = 'curl -sSf -u "$0" "$1" | openssl dgst -sha256';
  const rows = [
    {
      name: `curl | openssl, ${large} MiB`,
      argv: ['/bin/sh', '-c', pipe, `${username}:${password}`, layers[large] ?? ''],
    },
    ...builds.flatMap((build) => [verify(build, large), verify(build, small)]),
  ];
  return { table: { title: 'a layer fetched and hashed', rows }, stop: () => void child.stdin.end() };
}

interface Place {
  readonly host: string;
  /** Addresses of the layers, by their size. */
  readonly layers: Readonly<Record<string, string>>;
}

async function readPlace(stdout: Readable): Promise<Place> {
  const [line = ''] = await once(createInterface(stdout), 'line');
  const { host, layers }: Place = JSON.parse(line);
  return { host, layers };
}

function writeConfig(folder: string, host: string): string {
  const entry = { matchImages: [host], provider: 'static', username, password, plainHTTP: true };
  const path = join(folder, 'pull.json');
  writeFileSync(path, JSON.stringify({ apiVersion: 'purser/v1', kind: 'PurserConfig', registries: [entry] }), {
    mode: 0o600,
  });
  return path;
}
