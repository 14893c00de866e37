/** The bundle and Bun's runtime to one standalone file, the same bytes wherever it is built (docs/build.md). */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, copyFileSync, mkdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** Bytes; nearly all of it is Bun. Growth here means that a cold node reads more from its disk. */
const executableCeiling = 125_000_000;

/**
 * The path of the bundle ends up in the executable, so it is compiled from a path that depends only on its bytes.
 * `runtime` is `{ target, executable }`, or absent for the machine that builds.
 */
export function compile(bundle, outfile, runtime) {
  const digest = createHash('sha256').update(readFileSync(bundle)).digest('hex');
  const stage = join(process.platform === 'win32' ? tmpdir() : '/tmp', `purser-build-${digest.slice(0, 16)}`);
  claim(stage);
  try {
    copyFileSync(bundle, join(stage, 'purser.cjs'));
    const bun = join(root, 'node_modules', '.bin', 'bun');
    const flags = [
      '--compile',
      '--minify',
      '--bytecode',
      '--format=cjs',
      '--no-compile-autoload-dotenv',
      '--no-compile-autoload-bunfig',
      '--reject-unresolved',
    ];
    const target =
      runtime === undefined ? [] : [`--target=${runtime.target}`, `--compile-executable-path=${runtime.executable}`];
    execFileSync(bun, ['build', './purser.cjs', ...flags, ...target, '--outfile', 'purser'], {
      cwd: stage,
      env: { PATH: process.env.PATH, HOME: stage, TMPDIR: stage },
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    const made = join(stage, 'purser');
    chmodSync(made, 0o755);
    // A running executable cannot be written over, but its name can be given to another file.
    copyFileSync(made, `${outfile}.new`);
    renameSync(`${outfile}.new`, outfile);
  } finally {
    rmSync(stage, { recursive: true, force: true });
  }
  reportSize(outfile);
}

/** Two builds of the same bytes at once would share the folder: the second waits for the first, at most two minutes. */
function claim(stage) {
  const giveUp = Date.now() + 120_000;
  for (;;) {
    try {
      mkdirSync(stage, { mode: 0o700 });
      return;
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
    }
    if (Date.now() > giveUp)
      throw new Error(`${stage} is in the way: another build runs, or one was killed; remove it`);
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200);
  }
}

function reportSize(outfile) {
  const { size } = statSync(outfile);
  console.log(`${String(size).padStart(9)}  ${basename(outfile)} (ceiling ${executableCeiling})`);
  if (size > executableCeiling) throw new Error(`${outfile} is larger than its ceiling of ${executableCeiling} bytes`);
}
