/**
 * Builds dist/purser.cjs (portable, Node >= 22) with esbuild, and from it dist/purser (standalone) with Bun.
 * `--all` adds the other Linux targets. docs/build.md says why each step and flag is there.
 */
import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleTo, refuseForeignModules, reportSizes } from './build/bundle.mjs';
import { checkElf } from './build/elf.mjs';
import { compile } from './build/executable.mjs';
import { fetchRuntime, runtimes } from './build/runtimes.mjs';

const dist = join(dirname(fileURLToPath(import.meta.url)), 'dist');
const bundle = join(dist, 'purser.cjs');

mkdirSync(dist, { recursive: true });
const metafile = await bundleTo(bundle);
reportSizes(metafile);
refuseForeignModules(bundle, metafile);
compile(bundle, join(dist, 'purser'));
if (process.argv.includes('--all')) {
  for (const runtime of runtimes) {
    const executable = join(dist, `purser-${runtime.name}`);
    compile(bundle, executable, fetchRuntime(runtime));
    checkElf(executable, runtime);
  }
}
