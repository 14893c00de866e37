/**
 * Barriers before what would be over too soon for a test to look: runs of a program, answers of a registry. They are
 * raised by hand, so that nobody guesses how long something takes.
 */
import { execFileSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer } from 'node:net';
import { basename, join } from 'node:path';
import { pipeline } from 'node:stream';
import { createLog } from '../log.ts';

export interface ProgramBarrier {
  /** A bin directory with a program of the same name, which begins when the barrier is up. */
  readonly binDir: string;
  /** How often it was run, held back or not. */
  runs(): number;
  raise(): void;
  lower(): void;
}

/** Before a program, in a folder that is new. It is down at first. */
export function createProgramBarrier(folder: string, program: string): ProgramBarrier {
  mkdirSync(folder);
  const pipe = join(folder, 'pipe');
  execFileSync('mkfifo', [pipe]);
  const log = createLog(join(folder, 'runs.log'));
  const binDir = join(folder, 'bin');
  mkdirSync(binDir);
  // To open a pipe for reading is to wait until somebody has it open for writing.
  const script = `#!/bin/sh -e\necho run >>'${log.path}'\n: <'${pipe}'\nexec '${program}' "$@"\n`;
  writeFileSync(join(binDir, basename(program)), script, { mode: 0o755 });
  let raised: number | undefined;
  return {
    binDir,
    runs: () => log.lines().length,
    raise() {
      raised ??= openSync(pipe, 'r+');
    },
    lower() {
      if (raised !== undefined) closeSync(raised);
      raised = undefined;
    },
  };
}

export interface RegistryBarrier {
  /** Leads to the registry. Whoever connects waits until the barrier is up. */
  readonly address: string;
  raise(): void;
  close(): void;
}

/** Before the registry at this `host:port`. It is down at first. */
export async function createRegistryBarrier(registry: string): Promise<RegistryBarrier> {
  const { hostname, port } = new URL(`https://${registry}`);
  const raised = Promise.withResolvers<void>();
  const server = createServer((client) => {
    void raised.promise.then(() => {
      const upstream = connect(Number(port), hostname);
      // A connection that breaks on one side is broken on the other; that is all there is to do.
      pipeline(client, upstream, () => client.destroy());
      pipeline(upstream, client, () => upstream.destroy());
    });
    client.on('error', () => client.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  server.unref();
  return {
    address: `127.0.0.1:${portOf(server.address())}`,
    raise: () => raised.resolve(),
    close: () => server.close(),
  };
}

function portOf(address: AddressInfo | string | null): number {
  if (address === null || typeof address === 'string') throw new TypeError('a TCP server has a port');
  return address.port;
}
