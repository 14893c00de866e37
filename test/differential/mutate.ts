/** Puts each fault of mutants.ts into a copy of our code, and lets the comparison of its function run over that copy. */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Mutant } from './mutants.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** Why a fault was not found; `undefined` if it was. */
export function missedMutant(mutant: Mutant, { cases, seed }: { cases: number; seed: number }): string | undefined {
  const copy = mkdtempSync(join(tmpdir(), 'purser-mutant-'));
  try {
    for (const part of ['src', 'test/differential', 'test/e2e/build', 'package.json']) {
      cpSync(join(root, part), join(copy, part), { recursive: true });
    }
    symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
    writeFileSync(join(copy, mutant.file), mutatedText(mutant));
    const args = ['--only', mutant.function, '--cases', String(cases), '--seed', String(seed)];
    const { stdout, stderr } = spawnSync(process.execPath, [join(copy, 'test/differential/run.ts'), ...args], {
      encoding: 'utf8',
      maxBuffer: 1 << 26,
    });
    if (/^✖ .* disagreements$/m.test(stdout)) return undefined;
    return stderr === '' ? `not found in ${cases} cases` : `the comparison did not run: ${stderr}`;
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}

/** The file with the fault. Throws where the code has moved on and the fault does not fit any more. */
export function mutatedText({ file, from, to, fault }: Mutant): string {
  const text = readFileSync(join(root, file), 'utf8');
  if (text.split(from).length !== 2) throw new Error(`${file} does not hold once what "${fault}" replaces`);
  return text.replace(from, () => to);
}
