/** What the build promises of its two files: docs/build.md. The bundle for other machines is compiled by `build:all` only. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { bundleTo, refuseForeignModules, reportSizes } from '../build/bundle.mjs';
import { checkElf, readElf } from '../build/elf.mjs';
import { compile } from '../build/executable.mjs';
import { checkIntegrity, runtimes } from '../build/runtimes.mjs';
import { folder } from './built.ts';

const dist = fileURLToPath(new URL('../dist', import.meta.url));
const digestOf = (path: string): string => createHash('sha256').update(readFileSync(path)).digest('hex');

test('the same bundle compiles to the same executable wherever it lies', (t) => {
  const elsewhere = join(folder(t), 'deep', 'er');
  mkdirSync(elsewhere, { recursive: true });
  const link = join(elsewhere, 'other-name.cjs');
  symlinkSync(join(dist, 'purser.cjs'), link);
  compile(link, join(elsewhere, 'again'));
  assert.equal(digestOf(join(elsewhere, 'again')), digestOf(join(dist, 'purser')));
});

test('neither file knows the folder that it was built in', () => {
  for (const name of ['purser', 'purser.cjs']) {
    const bytes = readFileSync(join(dist, name));
    for (const part of ['src', 'dist', 'node_modules']) assert.ok(!bytes.includes(join(dirname(dist), part)), part);
  }
});

for (const [what, source, message] of [
  ['a package that is not there', `try { require('no-such-package'); } catch {}`, /as require: no-such-package/],
  ['a module with a computed name', `require(process.argv[2]);`, /computed name: require\(process\.argv/],
  ['an import with a computed name', `void import(process.argv[2]);`, /computed name: import\(process\.argv/],
] as const) {
  test(`the build refuses a bundle that asks for ${what}`, async (t) => {
    const path = folder(t, { 'entry.cjs': source });
    const bundle = join(path, 'bundle.cjs');
    const options = { bundle: true, platform: 'node', format: 'cjs', metafile: true } as const;
    const { metafile } = await build({ ...options, entryPoints: [join(path, 'entry.cjs')], outfile: bundle });
    assert.throws(() => refuseForeignModules(bundle, metafile), message);
  });
}

test('folder names of the building machine are not put in', async (t) => {
  const path = folder(t, { 'entry.ts': 'console.log(__dirname, __filename);' });
  const bundle = join(path, 'bundle.cjs');
  await bundleTo(bundle, { entryPoints: [join(path, 'entry.ts')] });
  assert.match(readFileSync(bundle, 'utf8'), /console\.log/);
  assert.doesNotMatch(readFileSync(bundle, 'utf8'), /__dirname|__filename/);
});

test('a bundle beyond its ceiling fails the build', () => {
  const outputs = { 'dist/purser.cjs': { bytes: 1_700_001, inputs: {} } };
  assert.throws(() => reportSizes({ outputs }), /larger than its ceiling/);
});

test('the executable is for this machine, and a file for another one is refused', () => {
  const found = readElf(join(dist, 'purser'));
  assert.deepEqual(found, readElf(process.execPath));
  checkElf(join(dist, 'purser'), found);
  const others = runtimes.filter(({ interpreter }) => interpreter !== found.interpreter);
  assert.ok(others.length > 0);
  for (const other of others) assert.throws(() => checkElf(join(dist, 'purser'), other), /is for/);
  assert.throws(() => readElf(join(dist, 'purser.cjs')), /no 64-bit ELF/);
});

test('a runtime of other bytes than those written down is refused', (t) => {
  const path = folder(t);
  const tarball = join(path, 'runtime.tgz');
  writeFileSync(tarball, 'abc');
  // FIPS 180-4, the digest of "abc" in SHA-512.
  const abc =
    'ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f';
  const integrity = `sha512-${Buffer.from(abc, 'hex').toString('base64')}`;
  checkIntegrity({ package: 'runtime', integrity }, tarball);
  writeFileSync(tarball, 'abd');
  assert.throws(() => checkIntegrity({ package: 'runtime', integrity }, tarball), /not the file it was/);
});

test('all runtimes are of the version of Bun that builds', () => {
  const manifest = JSON.parse(readFileSync(join(dirname(dist), 'package.json'), 'utf8'));
  for (const runtime of runtimes) assert.match(runtime.package, new RegExp(`@${manifest.devDependencies.bun}$`));
});
