/**
 * Misbehaviour as data: which requests, and what goes wrong with the honest answer. Every fault here was seen at a real
 * registry or is an attack. Images that are wrong in themselves are in odd-image.ts; HTTP/2 is left out.
 */
import type { HeaderLine } from './answer.ts';
import type { OriginName, ReceivedRequest } from './request.ts';

export interface Fault {
  readonly match?: FaultMatch;
  readonly do: FaultAction;
}

/** All that are given must hold. */
export interface FaultMatch {
  /** Default: registry. */
  readonly origin?: OriginName;
  /** On the path as it was sent. */
  readonly path?: RegExp;
  readonly method?: string;
  /** The status of the honest answer. */
  readonly status?: number;
  /** Which of the requests that match otherwise, from 1; default: every one. */
  readonly nth?: number | readonly number[];
}

/**
 * In texts, {registry}, {token} and {storage} stand for the URLs of these origins, {self} for the URL asked for.
 * Several faults of one request act in the order of the list.
 */
export type FaultAction =
  /** Another answer instead; its Content-Type is only what it lists. */
  | { readonly is: 'answer'; readonly status: number; readonly headers?: readonly HeaderLine[]; readonly body?: Text }
  /** These lines instead of the header's own, none to remove it; for Content-Length and Transfer-Encoding too. */
  | { readonly is: 'header'; readonly name: string; readonly values: readonly string[] }
  | { readonly is: 'status'; readonly status: number }
  | { readonly is: 'body'; readonly body: Text }
  /** Members of a JSON body renamed, set and removed, in this order. */
  | ({ readonly is: 'json' } & JsonEdit)
  | { readonly is: 'redirect'; readonly to: string; readonly status?: number }
  /** The token answer with no rights, or with another life in seconds. */
  | { readonly is: 'token'; readonly access?: 'empty'; readonly life?: number }
  /** The registry holds the token for dead. */
  | { readonly is: 'dead token' }
  /** One bit of this byte. */
  | { readonly is: 'flip'; readonly at: number }
  /** A body longer or shorter by this much, with its own or the honest length in the header. */
  | { readonly is: 'resize'; readonly by: number; readonly declared: 'actual' | 'honest' }
  /** 200 and everything, whatever range was asked for. */
  | { readonly is: 'whole' }
  /** 206 with this range, whatever range was asked for. */
  | { readonly is: 'range'; readonly first: number; readonly last: number }
  | { readonly is: 'gzip' }
  /** Nothing happens for so long, or ever. */
  | { readonly is: 'delay'; readonly ms: number }
  /** After so many bytes of the body, or before the status line: a reset, an end, or silence. */
  | { readonly is: 'cut'; readonly after: number | 'nothing'; readonly how: 'reset' | 'end' | 'silence' }
  /** So many bytes at a time; of the body, or of all, the status line first. */
  | { readonly is: 'trickle'; readonly bytes: number; readonly everyMs: number; readonly of?: 'body' | 'all' }
  /** The body, and then filler without end or length. */
  | { readonly is: 'endless' };

export interface JsonEdit {
  readonly rename?: Readonly<Record<string, string>>;
  readonly set?: Readonly<Record<string, unknown>>;
  readonly drop?: readonly string[];
}

export type Text = string | Uint8Array;

export interface FaultSet {
  /** Takes effect at the next request, and counts from there. */
  add(...faults: readonly Fault[]): void;
  clear(): void;
  /** What is wrong with this request. Counts it: to be asked once. */
  find(request: ReceivedRequest, honestStatus: number): readonly FaultAction[];
}

export function createFaultSet(initial: readonly Fault[] = []): FaultSet {
  let all: { fault: Fault; seen: number }[] = [];
  const add = (...faults: readonly Fault[]): void => {
    all.push(...faults.map((fault) => ({ fault, seen: 0 })));
  };
  add(...initial);
  return {
    add,
    clear() {
      all = [];
    },
    find(request, honestStatus) {
      return all.flatMap((item) => {
        const { match = {}, do: action } = item.fault;
        if (!matches(match, request, honestStatus)) return [];
        item.seen++;
        return match.nth === undefined || [match.nth].flat().includes(item.seen) ? [action] : [];
      });
    },
  };
}

function matches(match: FaultMatch, request: ReceivedRequest, honestStatus: number): boolean {
  const { origin = 'registry', path, method, status } = match;
  if (origin !== request.origin) return false;
  // search() has no memory, unlike test() with a global expression.
  if (path !== undefined && request.path.search(path) === -1) return false;
  return (method === undefined || method === request.method) && (status === undefined || status === honestStatus);
}
