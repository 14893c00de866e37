/**
 * What an origin of the fake is going to say, as data, before any fault touches it and before it is on the wire.
 * Error bodies follow the OCI distribution specification, "Error Codes".
 * Content-Length is left out on purpose: whoever sends the answer measures the body, or lies about it.
 */

export type HeaderLine = readonly [name: string, value: string];

export interface Answer {
  readonly status: number;
  /** In order; a name may come twice. */
  readonly headers: readonly HeaderLine[];
  /** Sent to GET and POST; HEAD gets its length only. */
  readonly body: Uint8Array;
  /** Other honest answers to the same request, for faults that need one. */
  readonly variants?: Variants;
}

export interface Variants {
  /** The whole content, as if no range had been asked for. */
  readonly whole?: () => Answer;
  /** This range of the content, whatever range was asked for. */
  readonly range?: (first: number, last: number) => Answer;
  /** The registry's answer to a token that is no longer good. */
  readonly refused?: () => Answer;
  /** The same token answer with other rights or another life. */
  readonly token?: (change: TokenChange) => Answer;
}

export interface TokenChange {
  readonly access?: 'empty';
  /** Seconds. */
  readonly life?: number;
}

export type ErrorCode =
  | 'BLOB_UNKNOWN'
  | 'DENIED'
  | 'DIGEST_INVALID'
  | 'MANIFEST_UNKNOWN'
  | 'NAME_INVALID'
  | 'NAME_UNKNOWN'
  | 'TAG_INVALID'
  | 'UNAUTHORIZED'
  | 'UNSUPPORTED';

export interface ErrorOptions {
  readonly detail?: unknown;
  readonly headers?: readonly HeaderLine[];
}

export function errorAnswer(status: number, code: ErrorCode, message: string, options: ErrorOptions = {}): Answer {
  const { detail, headers = [] } = options;
  return jsonAnswer(status, { errors: [{ code, message, ...(detail === undefined ? {} : { detail }) }] }, headers);
}

export function jsonAnswer(status: number, value: unknown, headers: readonly HeaderLine[] = []): Answer {
  return {
    status,
    headers: [['Content-Type', 'application/json; charset=utf-8'], ...headers],
    body: Buffer.from(JSON.stringify(value)),
  };
}

/** The lines without those of this name, then the new values; no value removes the header. */
export function withHeader(lines: readonly HeaderLine[], name: string, values: readonly string[]): HeaderLine[] {
  const others = lines.filter(([other]) => other.toLowerCase() !== name.toLowerCase());
  return [...others, ...values.map((value): HeaderLine => [name, value])];
}
