/** A process made of plain functions, for what the built files cannot be made to do: an Edge that remembers. */
import type { Edge } from '../../src/edge.ts';

export interface FakeProcess {
  readonly edge: Edge;
  /** What was written so far. */
  readonly written: { stdout: string; stderr: string };
}

/** Time stands still, nothing is a terminal, nobody has uids. No config is found unless one is named. */
export function createProcess(stdin: string | Uint8Array = '', more: Partial<Edge> = {}): FakeProcess {
  const written = { stdout: '', stderr: '' };
  const edge: Edge = {
    argv: [],
    env: {},
    startDirectory: '/',
    uid: undefined,
    runtime: { name: 'node', version: '24' },
    clock: { now: () => 0, monotonic: () => 0, sleep: async () => undefined },
    deadline: () => ({ remaining: () => 1, signal: new AbortController().signal }),
    readStdin: async () => ({ bytes: Buffer.from(stdin) }),
    isTerminal: () => false,
    writeOut: (text) => {
      written.stdout += text;
    },
    writeError: (text) => {
      written.stderr += text;
    },
    ...more,
  };
  return { edge, written };
}
