/**
 * `npm run bench`: the built executables as whole processes, beside the least that anyone could do. Prints ratios and
 * asserts nothing; docs/performance.md says how to read them. `npm run bench -- ROUNDS` runs more or fewer than usual.
 * Needs python3, curl and openssl.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, loadavg, release, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { builds } from '../test/built.ts';
import { measure } from './measure.ts';
import { startPullBench } from './pull.ts';
import { startTables } from './starts.ts';
import { printTable } from './table.ts';

const rounds = Number(process.argv[2] ?? 40);
const folder = mkdtempSync(join(tmpdir(), 'purser-bench-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
process.once('SIGINT', () => process.exit(130));
process.once('SIGTERM', () => process.exit(143));

describeMachine();
for (const table of await measure(startTables(folder), rounds)) printTable(table);

// A pull takes as long as a hundred starts.
const pulls = await startPullBench(folder);
try {
  for (const table of await measure([pulls.table], Math.ceil(rounds / 5))) printTable(table);
} finally {
  pulls.stop();
}
console.log(`\nmedians of ${rounds} and ${Math.ceil(rounds / 5)} runs; load at the end ${load()}`);

function describeMachine(): void {
  const lines = (program: string, args: readonly string[]): string[] => {
    return execFileSync(program, args, { encoding: 'utf8' }).split('\n');
  };
  const words = (text: string | undefined, count: number): string => (text ?? '').split(' ').slice(0, count).join(' ');
  const [cpu] = cpus();
  const gibibytes = (totalmem() / 1024 ** 3).toFixed(0);
  const [version, runtime] = lines(builds[1].command[0], ['version']);
  const [curl] = lines('curl', ['--version']);
  const [openssl] = lines('openssl', ['version']);
  console.log(`${cpu?.model}, ${cpus().length} CPUs, ${gibibytes} GiB, Linux ${release()}, load ${load()}`);
  console.log(`${version}, ${runtime}; Node ${process.versions.node}; ${words(curl, 2)}; ${words(openssl, 2)}`);
}

function load(): string {
  return (loadavg()[0] ?? 0).toFixed(1);
}
