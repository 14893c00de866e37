/**
 * Every line that the program prints as an error is in one fixture, so that a person can read them all at once. A change
 * of a sentence shows there as a difference to be read, not as a test to be silenced.
 */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { exitCodes } from '../src/errors.ts';
import { commandGroups } from './error-lines/commands.ts';
import { fileGroups } from './error-lines/files.ts';
import type { Group } from './error-lines/line.ts';
import { networkGroups } from './error-lines/network.ts';
import { registryGroups } from './error-lines/registry.ts';
import { requestGroups } from './error-lines/request.ts';
import { tokenGroups } from './error-lines/token.ts';

const fixture = fileURLToPath(new URL('fixtures/error-lines.txt', import.meta.url));
const groups: readonly Group[] = [
  ...requestGroups,
  ...tokenGroups,
  ...fileGroups,
  ...commandGroups,
  ...networkGroups,
  ...registryGroups,
];

test('the lines are those of the fixture', async (t) => {
  const text = readFileSync(fixture, 'utf8');
  const header = text.slice(0, text.indexOf('\n== '));
  const made = `${header}\n${(await makeAll(t)).join('\n')}`;
  if (process.env['WRITE'] === '1') writeFileSync(fixture, made);
  assert.equal(made, readFileSync(fixture, 'utf8'));
});

async function makeAll(t: TestContext): Promise<readonly string[]> {
  const parts: string[] = [];
  for (const group of groups) parts.push(`== ${group.title}`, '', ...(await group.lines(t)), '');
  return parts;
}

const lines = readFileSync(fixture, 'utf8')
  .split('\n')
  .filter((line) => line.startsWith('purser: '));

test('each code of an error has a line', () => {
  const found = new Set(lines.map((line) => /^purser: ([A-Z_]+): /.exec(line)?.[1]));
  assert.deepEqual(
    Object.keys(exitCodes).filter((code) => !found.has(code)),
    [],
  );
});

test('each line says what was done, what came of it and what to do', () => {
  for (const line of lines) assert.match(line, /^purser: [A-Z_]+: [^:]+.*: .+; .+[^.\s]$/, line);
});

test('docs/errors.md tells each code and the exit code that it ends with', () => {
  const page = readFileSync(fileURLToPath(new URL('../docs/errors.md', import.meta.url)), 'utf8');
  const rows = [...page.matchAll(/^\| `([A-Z_]+)` \| ([0-9]+) \|/gm)].map(([, code = '', exit]) => [
    code,
    Number(exit),
  ]);
  assert.deepEqual(Object.fromEntries(rows), { ...exitCodes });
});
