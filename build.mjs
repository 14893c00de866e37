/**
 * Builds dist/purser.cjs (portable, Node >= 22) with esbuild, and from it dist/purser (standalone) with Bun.
 * `--all` adds the other Linux targets. docs/build.md says why each flag is there.
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, copyFileSync, mkdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = dirname(fileURLToPath(import.meta.url));
const dist = join(root, 'dist');

/** Bytes; the portable file holds the whole program, so growth here is growth of every start. */
const bundleCeiling = 1_500_000;

if (process.argv[1] === fileURLToPath(import.meta.url)) await main();

async function main() {
  mkdirSync(dist, { recursive: true });
  const bundle = join(dist, 'purser.cjs');
  const { metafile } = await bundleTo(bundle);
  reportSizes(metafile);
  refuseForeignRequires(metafile);
  compile(bundle, join(dist, 'purser'));
}

/** One CommonJS file: both runtimes start it fastest. */
export async function bundleTo(outfile, overrides = {}) {
  const result = await build({
    absWorkingDir: root,
    entryPoints: ['src/main.ts'],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node22',
    minify: true,
    legalComments: 'none',
    metafile: true,
    logLevel: 'warning',
    define: { 'process.env.NODE_ENV': '"production"', PURSER_BUILD: JSON.stringify(buildFacts()) },
    ...overrides,
  });
  return result;
}

/** What `purser version` tells; a string constant, so that the running program reads no file for it. */
function buildFacts() {
  const read = (path) => JSON.parse(readFileSync(path, 'utf8'));
  const manifest = read(join(root, 'package.json'));
  const dependencies = Object.keys(manifest.dependencies).map((name) => {
    return [name, read(join(root, 'node_modules', name, 'package.json')).version];
  });
  return { version: manifest.version, commit: commit(), dependencies: Object.fromEntries(dependencies) };
}

function commit() {
  try {
    return execFileSync('git', ['rev-parse', '--short=12', 'HEAD'], {
      cwd: root,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
  } catch {
    return 'unknown';
  }
}

/** A require of anything but a node: module would be looked up around the program when it runs. */
function refuseForeignRequires(metafile) {
  for (const output of Object.values(metafile.outputs)) {
    const foreign = output.imports.filter(({ path, external }) => external && !path.startsWith('node:'));
    const names = [...new Set(foreign.map(({ path }) => path))].filter((name) => !builtinWithoutPrefix(name));
    if (names.length > 0) throw new Error(`left in the bundle as require: ${names.join(', ')}`);
  }
}

/** Dependencies spell some built-in modules without the prefix; the runtime resolves those to itself. */
function builtinWithoutPrefix(name) {
  return process.getBuiltinModule(`node:${name}`) !== undefined;
}

function reportSizes(metafile) {
  const [[path, output]] = Object.entries(metafile.outputs);
  const sizes = new Map();
  for (const [input, { bytesInOutput }] of Object.entries(output.inputs)) {
    const name = /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(input)?.[1] ?? 'purser';
    sizes.set(name, (sizes.get(name) ?? 0) + bytesInOutput);
  }
  for (const [name, bytes] of [...sizes].sort((a, b) => b[1] - a[1]))
    console.log(`${String(bytes).padStart(9)}  ${name}`);
  console.log(`${String(output.bytes).padStart(9)}  ${path} (ceiling ${bundleCeiling})`);
  if (output.bytes > bundleCeiling) throw new Error('the bundle is larger than its ceiling');
}

/**
 * The path of the bundle ends up in the executable, so it is compiled from a path that depends only on its bytes:
 * the same source gives the same executable, wherever it is built.
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
  console.log(`${String(statSync(outfile).size).padStart(9)}  ${outfile.slice(root.length + 1)}`);
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
