/**
 * The sources to one CommonJS file, which both runtimes start fastest (docs/build.md). Leaves out checking types.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** Bytes; the portable file holds the whole program, so growth here is growth of what every node loads. */
const bundleCeiling = 1_700_000;

/**
 * Writes the bundle and returns esbuild's metafile. In two steps: what is always loaded together becomes one part, then
 * the parts become one file. Each module that is loaded by itself has a price at every start, used or not.
 * @param {string} outfile
 * @param {import('esbuild').BuildOptions} [overrides] of the first step; `minify` is for the second
 */
export async function bundleTo(outfile, { minify = true, ...overrides } = {}) {
  const parts = await build({
    ...options,
    entryPoints: ['src/main.ts'],
    format: 'esm',
    splitting: true,
    packages: 'external',
    outdir: 'parts',
    entryNames: 'entry',
    write: false,
    define: { ...options.define, PURSER_BUILD: JSON.stringify(JSON.stringify(buildFacts())) },
    ...overrides,
  });
  const texts = new Map(parts.outputFiles.map(({ path, text }) => [basename(path), text]));
  const plugins = [partsFrom(texts), packagesApart(minify)];
  const { metafile } = await build({
    ...options,
    entryPoints: ['./entry.js'],
    outfile,
    minify,
    metafile: true,
    plugins,
  });
  return metafile;
}

/** @satisfies {import('esbuild').BuildOptions} */
const options = {
  absWorkingDir: root,
  bundle: true,
  platform: 'node',
  format: 'cjs',
  target: 'node22',
  legalComments: 'none',
  logLevel: 'warning',
  // Bun would put in the folder of the machine that built, and look there.
  define: { 'process.env.NODE_ENV': '"production"', __dirname: 'undefined', __filename: 'undefined' },
};

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
    return execFileSync('git', ['describe', '--always', '--dirty', '--exclude=*', '--abbrev=12'], {
      cwd: root,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
  } catch {
    return 'unknown';
  }
}

function partsFrom(texts) {
  return {
    name: 'parts',
    setup: (main) => {
      main.onResolve({ filter: /^\.\// }, ({ path }) => ({ path: basename(path), namespace: 'parts' }));
      main.onLoad({ filter: /./, namespace: 'parts' }, ({ path }) => ({ contents: texts.get(path) }));
    },
  };
}

/**
 * Each package is bundled by itself and goes in as one CommonJS module, inside one function: until it is needed, nothing
 * of it exists. In one go with our sources, the functions and export tables of all packages would be set up by each start.
 */
function packagesApart(minify) {
  return {
    name: 'packages-apart',
    setup: (main) => {
      main.onResolve({ filter: /^[^./]/, namespace: 'parts' }, ({ path }) => {
        return path.startsWith('node:') ? undefined : { path, namespace: 'packages' };
      });
      main.onLoad({ filter: /./, namespace: 'packages' }, async ({ path }) => {
        const stdin = { contents: `export * from ${JSON.stringify(path)};`, resolveDir: root };
        const { outputFiles } = await build({ ...options, stdin, minify, write: false });
        return { contents: outputFiles[0].text, resolveDir: root };
      });
    },
  };
}

/** A module that is neither in the bundle nor built in would be looked up around the program when it runs: throws. */
export function refuseForeignModules(bundle, metafile) {
  for (const output of Object.values(metafile.outputs)) {
    const foreign = output.imports.filter(({ path, external }) => external && !path.startsWith('node:'));
    const names = [...new Set(foreign.map(({ path }) => path))].filter((name) => !builtinWithoutPrefix(name));
    if (names.length > 0) throw new Error(`left in the bundle as require: ${names.join(', ')}`);
  }
  const [computed] = /(?<![.\w$])(?:require|import)\((?!["']).{0,40}/.exec(readFileSync(bundle, 'utf8')) ?? [];
  if (computed !== undefined) throw new Error(`left in the bundle with a computed name: ${computed}`);
}

/** Dependencies spell some built-in modules without the prefix; the runtime resolves those to itself. */
function builtinWithoutPrefix(name) {
  return process.getBuiltinModule(`node:${name}`) !== undefined;
}

/** Prints what each dependency adds; throws beyond the ceiling. */
export function reportSizes(metafile) {
  const [[path, output]] = Object.entries(metafile.outputs);
  const sizes = new Map();
  for (const [input, { bytesInOutput }] of Object.entries(output.inputs)) {
    const name = /^packages:(.+)/.exec(input)?.[1] ?? 'purser';
    sizes.set(name, (sizes.get(name) ?? 0) + bytesInOutput);
  }
  for (const [name, bytes] of [...sizes].sort((a, b) => b[1] - a[1]))
    console.log(`${String(bytes).padStart(9)}  ${name}`);
  console.log(`${String(output.bytes).padStart(9)}  ${path} (ceiling ${bundleCeiling})`);
  if (output.bytes > bundleCeiling) throw new Error(`the bundle is larger than its ceiling of ${bundleCeiling} bytes`);
}
