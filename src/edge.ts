/** What main hands to everything else of the process: nothing below main touches it directly. */
import type { Clock, Deadline } from './clock.ts';

export type StdinFault = 'too-large' | 'timeout' | 'unreadable';

export interface Edge {
  /** Arguments after the program's own name. */
  readonly argv: readonly string[];
  /** The environment after the scrub. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Where the program was started, before it left for `/`; `undefined` where that folder is gone. */
  readonly startDirectory: string | undefined;
  /** `undefined` where the system has no uids. */
  readonly uid: number | undefined;
  /** What runs the program: `node` or `bun`, and its version. */
  readonly runtime: { readonly name: string; readonly version: string };
  readonly clock: Clock;
  /** Starts now and ends after so many milliseconds. */
  deadline(milliseconds: number): Deadline;
  /** All of stdin, bounded in bytes and in milliseconds. */
  readStdin(maxBytes: number, milliseconds: number): Promise<{ bytes: Uint8Array } | { fault: StdinFault }>;
  isTerminal(descriptor: 0 | 1 | 2): boolean;
  /** Writes everything to stdout before it returns; throws OUTPUT. */
  writeOut(text: string): void;
  /** Writes to stderr; a stderr that is gone changes nothing. */
  writeError(text: string): void;
}
