/** All that a provider can see, as data: files, answers from the network, and a clock that stands still. */
import { type ErrorCode, InputError, PurserError, quote } from '../../src/errors.ts';
import { secretText } from '../../src/file.ts';
import type { ProviderContext } from '../../src/provider.ts';

export interface World {
  /** Path to text. Other files do not exist. */
  readonly files?: Readonly<Record<string, string>>;
  /** Path to the code with which reading it fails. */
  readonly refused?: Readonly<Record<string, ErrorCode>>;
  /** URL to what it answers. Nothing listens at other URLs. */
  readonly answers?: Readonly<Record<string, { readonly status: number; readonly body: string }>>;
  /** Nobody answers, until the deadline ends. */
  readonly isSilent?: boolean;
}

/** Milliseconds since the epoch, in every world. */
export const now = Date.parse('2026-11-24T12:00:00Z');

/** Who asks more often asks for ever. */
const maxRequests = 2000;

/** A context over a world, and what the provider told the log. */
export function createContext(
  { files = {}, refused = {}, answers = {}, isSilent = false }: World,
  deadline: AbortSignal = new AbortController().signal,
): { readonly context: ProviderContext; readonly facts: readonly string[] } {
  const facts: string[] = [];
  let requests = 0;
  const context: ProviderContext = {
    clock: { now: () => now, monotonic: () => 0, sleep: turn },
    deadline: { remaining: () => (deadline.aborted ? 0 : 25_000), signal: deadline },
    env: {},
    fetch: async (_route, { url }) => {
      if (++requests > maxRequests) return failForEver();
      do await turn();
      while (isSilent && !deadline.aborted);
      const answer = isSilent ? undefined : answers[url];
      if (answer !== undefined) return { ...answer, headers: new Headers() };
      throw new PurserError('NET_CONNECT', { doing: `asking ${url}`, found: 'nobody answers', todo: 'try again' });
    },
    readFile: async (path, kind) => {
      const text = files[path];
      if (text !== undefined) return kind === 'document' ? text : secretText(path, text);
      const code = refused[path] ?? 'FILE_MISSING';
      throw new InputError(code, { doing: `reading ${quote(path)}`, found: `it fails with ${code}`, todo: 'mend it' });
    },
    log: (fact) => void facts.push(fact),
  };
  return { context: Object.freeze(context), facts };
}

/** An error that a loop cannot catch, and no answer, so that the loop ends too. */
function failForEver(): Promise<never> {
  setImmediate(() => {
    throw new Error('the provider asks for ever');
  });
  return new Promise(() => undefined);
}

/** Every wait takes a turn of the event loop, so that one without end keeps nothing else from running. */
function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
