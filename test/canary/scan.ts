/** Runs a built file in a folder of its own, and looks for a secret at every place where it could have gone. */
import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { TestContext } from 'node:test';
import { type Build, folder, type RunResult, run } from '../built.ts';
import { createSecret, formsIn } from './secret.ts';

/** Where a scenario may put its secret. */
export interface Given {
  readonly secret: string;
  /** Absolute path of the files. */
  readonly path: string;
}

export interface Scenario {
  /** Name to content, below `path`. */
  readonly files?: Readonly<Record<string, string | Uint8Array>>;
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly stdin?: string | Uint8Array;
  /** The exit code shows that the scenario came as far as it was meant to. */
  readonly code: number;
  /** The response is where the password belongs. */
  readonly belongsOnStdout?: boolean;
}

/** Fails if a form of the secret is anywhere but where it belongs. */
export async function scan(
  t: TestContext,
  build: Build,
  scenario: (given: Given) => Scenario | Promise<Scenario>,
): Promise<RunResult> {
  const secret = createSecret();
  const path = folder(t);
  const work = folder(t);
  const planned = await scenario({ secret, path });
  const { files = {}, args = [], env = {}, stdin = '', code, belongsOnStdout = false } = planned;
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(path, name)), { recursive: true, mode: 0o700 });
    writeFileSync(join(path, name), content, { mode: 0o600 });
  }
  const log = join(work, 'log');
  const places = { HOME: work, TMPDIR: work, XDG_CACHE_HOME: work, XDG_CONFIG_HOME: work, PURSER_LOG: log };
  const result = await run(build, { args, stdin, cwd: work, env: { ...places, ...env } });
  const told = `${result.stdout}${result.stderr}`;
  assert.equal(result.code, code, told.replaceAll(secret, '(the secret)'));
  assert.deepEqual(filesBelow(path), Object.keys(files).sort(), 'a file was written beside the config');
  const sinks = new Map(filesBelow(work).map((name) => [`file ${name}`, readFileSync(join(work, name), 'latin1')]));
  sinks.set('stderr', result.stderr);
  // All but the password itself, which the response holds in plain.
  sinks.set('stdout', belongsOnStdout ? result.stdout.replaceAll(JSON.stringify(secret), '') : result.stdout);
  if (belongsOnStdout) assert.ok(result.stdout.includes(JSON.stringify(secret)), 'the response lacks the password');
  for (const [sink, text] of sinks) assert.deepEqual(formsIn(text, secret), [], `in ${sink}`);
  return result;
}

function filesBelow(path: string): string[] {
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name).slice(path.length + 1))
    .sort();
}
