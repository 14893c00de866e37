/**
 * `npm run vectors -- [DIR]`: every known table of a folder (by default this one) against this program. Prints what
 * fails and what was not run, ends with the count; exit code 1 on a failure.
 */
import { fileURLToPath } from 'node:url';
import { type LoadedTable, loadTables } from './load.ts';

const folder = process.argv[2] ?? fileURLToPath(new URL('.', import.meta.url));
const counts = { passed: 0, failed: 0 };
for (const table of await loadTables(folder)) await runTable(table);
console.log(`${counts.passed} passed, ${counts.failed} failed`);
process.exitCode = counts.failed === 0 ? 0 : 1;

async function runTable({ name, cases }: LoadedTable): Promise<void> {
  if (cases === undefined) {
    console.log(`${name}: not run: table not built yet`);
    return;
  }
  const notRun = new Map<string, string[]>();
  for (const { id, kind, run, notRun: reason } of cases) {
    if (run === undefined) {
      const label = `${kind}: ${reason ?? 'no reason given'}`;
      notRun.set(label, [...(notRun.get(label) ?? []), id]);
      continue;
    }
    const problem = await problemOf(run);
    if (problem === undefined) counts.passed++;
    else {
      counts.failed++;
      console.log(`${name} ${id} (${kind}) failed: ${problem}`);
    }
  }
  for (const [label, ids] of notRun) console.log(`${name}: not run: ${label} (${ids.length}: ${shorten(ids)})`);
}

async function problemOf(run: () => void | Promise<void>): Promise<string | undefined> {
  try {
    await run();
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function shorten(ids: readonly string[]): string {
  return ids.length <= 5 ? ids.join(', ') : `${ids.slice(0, 5).join(', ')}, …`;
}
