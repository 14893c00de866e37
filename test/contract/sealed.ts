/**
 * A provider in a process of its own that can read the sources and nothing else: no other file, no environment, no
 * child, no fetch. What it answers there, it answers from its context.
 */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { root } from '../imports.ts';
import type { Case } from './cases.ts';

/** What importing the file left in the process: timers, handles, globals, handlers. */
export function importSealed(source: string): unknown {
  return inside({ source });
}

/** The credentials that the provider of that name gives. */
export function runSealed(source: string, name: string, item: Case): unknown {
  return inside({ source, name, item });
}

function inside(task: object): unknown {
  const flags = ['--permission', `--allow-fs-read=${root}`];
  const { status, stdout, stderr } = spawnSync(process.execPath, [...flags, join(root, 'test/contract/inside.ts')], {
    cwd: '/',
    env: {},
    input: JSON.stringify({ ...task, root: pathToFileURL(root).href }),
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout);
}
