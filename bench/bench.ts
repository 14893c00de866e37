/**
 * `npm run bench`: the built executables as whole processes, beside the least that anyone could do. Prints ratios and
 * asserts nothing; docs/performance.md says how to read them. `npm run bench -- ROUNDS` runs more or fewer than usual.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, loadavg, release, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { measure } from './measure.ts';
import { startTables } from './starts.ts';
import { printTable } from './table.ts';

const rounds = Number(process.argv[2] ?? 40);
const folder = mkdtempSync(join(tmpdir(), 'purser-bench-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
process.once('SIGINT', () => process.exit(130));
process.once('SIGTERM', () => process.exit(143));

describeMachine();
for (const table of await measure(startTables(folder), rounds)) printTable(table);

function describeMachine(): void {
  const [cpu] = cpus();
  const gibibytes = (totalmem() / 1024 ** 3).toFixed(0);
  console.log(
    `${cpu?.model}, ${cpus().length} CPUs, ${gibibytes} GiB, Linux ${release()}, load ${loadavg()[0]?.toFixed(1)}`,
  );
}
