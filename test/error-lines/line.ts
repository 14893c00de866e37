/** How a failure becomes a line of the fixture: what differs from run to run is replaced. */
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { providers } from '../../providers/index.ts';
import { runCommand } from '../../src/cli.ts';
import { serve } from '../../src/commands/serve.ts';
import type { Edge } from '../../src/edge.ts';
import { describe } from '../../src/errors.ts';
import { requestFor } from '../built.ts';
import { createProcess } from '../fake/process.ts';

/** One heading of the fixture, and what makes its lines. */
export interface Group {
  readonly title: string;
  lines(t: TestContext): Promise<readonly string[]>;
}

export const goodRequest = requestFor('reg.example/app');

/** The line that a kubelet gets for these bytes on stdin. */
export async function serveLine(stdin: string | Uint8Array, more: Partial<Edge> = {}): Promise<string> {
  const { edge, written } = createProcess(stdin, more);
  const code = await serve({}, edge, providers);
  assert.ok(code !== 0 && written.stdout === '' && !written.stderr.includes('\n'), written.stderr);
  return written.stderr;
}

/** The line that a person gets for these arguments. */
export async function commandLine(argv: readonly string[], more: Partial<Edge> = {}): Promise<string> {
  const { edge, written } = createProcess('', { argv, ...more });
  let code: number;
  try {
    code = await runCommand(edge, providers);
  } catch (error) {
    // What no command handles, main does.
    written.stderr = describe(error);
    code = 2;
  }
  assert.ok(code !== 0 && written.stdout === '', `${argv.join(' ')}: ${written.stdout}`);
  return written.stderr.replace(/\n$/, '');
}

/** The line of what is thrown. */
export async function thrownLine(work: () => unknown): Promise<string> {
  try {
    await work();
  } catch (error) {
    return describe(error);
  }
  return assert.fail('nothing was thrown');
}

/** Ports, folders of the test, addresses of tokens: all that is new each time. */
export function settled(line: string, folders: readonly string[] = []): string {
  const placed = folders.reduce((text, folder) => text.replaceAll(folder, '/etc/purser'), line);
  return placed.replace(/(127\.0\.0\.1|localhost):[0-9]+/g, '$1:5000');
}
