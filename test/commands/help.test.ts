/** What a person gets who asks for help, from both built files alike. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { exitCode } from '../../src/errors.ts';
import { builds, run } from '../built.ts';

const [portable, standalone] = builds;
const root = fileURLToPath(new URL('../..', import.meta.url));
const commands = ['get', 'verify', 'lint', 'explain', 'version', 'help'];

test('help names each command, each exit code, and ends with 0', async () => {
  const result = await run(standalone, { args: ['--help'] });
  assert.deepEqual(await run(portable, { args: ['--help'] }), result);
  assert.equal(result.code, 0);
  assert.equal(result.stderr, '');
  for (const command of commands) assert.match(result.stdout, new RegExp(`^  ${command} `, 'm'));
  for (const code of Object.values(exitCode)) assert.match(result.stdout, new RegExp(`(^| {2}) ?${code}  \\w`, 'm'));
  assert.deepEqual(await run(standalone, { args: ['help'] }), result);
});

for (const command of commands.filter((name) => name !== 'help')) {
  test(`help ${command} is what ${command} --help prints, in lines that fit a terminal`, async () => {
    const result = await run(standalone, { args: ['help', command] });
    assert.equal(result.code, 0, result.stderr);
    assert.match(result.stdout, new RegExp(`^Usage: purser ${command} `));
    for (const line of result.stdout.split('\n')) assert.ok(line.length <= 80, line);
    assert.deepEqual(await run(standalone, { args: [command, '--help'] }), result);
  });
}

test('version tells what is running, to people and to programs', async () => {
  const manifest = JSON.parse(readFileSync(`${root}/package.json`, 'utf8'));
  for (const build of builds) {
    const result = await run(build, { args: ['version', '-o', 'json'] });
    assert.equal(result.code, 0, result.stderr);
    const { version, commit, dependencies, runtime } = JSON.parse(result.stdout);
    assert.equal(version, manifest.version);
    assert.match(commit, /^(?:[0-9a-f]{12}(?:-dirty)?|unknown)$/);
    // Versions in package.json are exact.
    assert.deepEqual(dependencies, manifest.dependencies);
    const own = build === portable ? manifest.devDependencies.node : manifest.devDependencies.bun;
    assert.deepEqual(runtime, { name: build === portable ? 'node' : 'bun', version: own });
    const text = await run(build, { args: ['version'] });
    assert.match(text.stdout, new RegExp(`^purser ${version.replaceAll('.', '\\.')} \\(`));
    assert.deepEqual(await run(build, { args: ['--version'] }), text);
  }
});
