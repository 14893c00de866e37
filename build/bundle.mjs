/**
 * The sources to one CommonJS file, which both runtimes start fastest (docs/build.md). Leaves out checking types.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** Bytes; the portable file holds the whole program, so growth here is growth of what every node loads. */
const bundleCeiling = 1_700_000;

/**
 * Writes the bundle and returns esbuild's metafile.
 * @param {string} outfile
 * @param {import('esbuild').BuildOptions} [overrides]
 */
export async function bundleTo(outfile, { plugins = [], ...overrides } = {}) {
  const { metafile } = await build({
    ...options(),
    entryPoints: ['src/main.ts'],
    outfile,
    plugins: [...plugins, packagesApart],
    ...overrides,
  });
  return metafile;
}

function options() {
  return {
    absWorkingDir: root,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node22',
    minify: true,
    legalComments: 'none',
    metafile: true,
    logLevel: 'warning',
    define: {
      'process.env.NODE_ENV': '"production"',
      PURSER_BUILD: JSON.stringify(buildFacts()),
      // Bun would put in the folder of the machine that built, and look there.
      __dirname: 'undefined',
      __filename: 'undefined',
    },
  };
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

/**
 * Each package is bundled by itself first and goes in as one CommonJS module, inside one function: until it is needed,
 * nothing of it exists. In one go with our sources, the functions and export tables of all packages would be set up by
 * each start, at a third of the time of a static answer.
 */
const packagesApart = {
  name: 'packages-apart',
  setup(main) {
    main.onResolve({ filter: /^[^./]/, namespace: 'file' }, ({ path, kind }) => {
      return kind === 'entry-point' || path.startsWith('node:') ? undefined : { path, namespace: 'packages' };
    });
    main.onLoad({ filter: /./, namespace: 'packages' }, async ({ path }) => {
      const stdin = { contents: `export * from ${JSON.stringify(path)};`, resolveDir: root };
      const { outputFiles } = await build({ ...options(), stdin, write: false });
      return { contents: outputFiles[0].text, resolveDir: root };
    });
  },
};

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
