/** What the fake was asked and what it said, for a test to look at afterwards. Secrets stay in: they are made up. */
import type { ReceivedRequest } from './request.ts';

export interface LogEntry extends ReceivedRequest {
  /** Of the answer as it was sent; 0 until then. */
  readonly status: number;
  /** Kinds of the faults that acted, in their order. */
  readonly faults: readonly string[];
  /** Bytes of the body handed over so far. */
  readonly sent: number;
}

/** An entry that is still written to. */
export interface OpenEntry extends ReceivedRequest {
  status: number;
  readonly faults: string[];
  sent: number;
}

export function startEntry(request: ReceivedRequest): OpenEntry {
  return { ...request, status: 0, faults: [], sent: 0 };
}

/** `token GET /token?service=x 200`: one line of a conversation. */
export function lineOf({ origin, method, path, query, status }: LogEntry): string {
  return `${origin} ${method} ${path}${query === '' ? '' : `?${query}`} ${status}`;
}
