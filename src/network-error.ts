/**
 * What a failed request is called here. The errors of HTTP stacks differ between runtimes and quote addresses, headers and
 * secrets; only the kind of failure is taken from them.
 */
import { type ErrorCode, PurserError, type RequestFacts } from './errors.ts';

const causes: readonly (readonly [RegExp, ErrorCode, string, string])[] = [
  [/NOTFOUND|EAI_|DNS/, 'NET_DNS', 'the name does not resolve', 'check the name and the resolver of this machine'],
  [
    /CERT_HAS_EXPIRED/,
    'NET_TLS',
    'its certificate has expired',
    'check the clock of this machine, then the certificate',
  ],
  [/CERT_NOT_YET_VALID/, 'NET_TLS', 'its certificate is not valid yet', 'check the clock of this machine'],
  [/ALTNAME/, 'NET_TLS', 'its certificate is for another name', 'use the name in the certificate'],
  // Node has no name for what OpenSSL finds too weak.
  [
    /CERT_WEAK|^UNSPECIFIED$/,
    'NET_TLS',
    'its certificate uses SHA-1 or a short key',
    'give the server a current certificate',
  ],
  [/CERT|ISSUER|SIGNATURE|SELF_SIGNED/, 'NET_TLS', 'its certificate is not trusted', 'name its authority with caFile'],
  [/SSL|TLS|EPROTO/i, 'NET_TLS', 'the TLS handshake failed', 'does it speak TLS, and 1.2 or newer?'],
  [/HEADERS_OVERFLOW|HeadersTooLarge/, 'UPSTREAM_FORMAT', 'its headers are too large', 'look at what answers there'],
  [
    /HTTPParser|Malformed_HTTP|InvalidHTTP|InvalidContentLength/,
    'UPSTREAM_FORMAT',
    'its answer is no proper HTTP',
    'look at what answers there',
  ],
  [/REFUSED|FailedToOpenSocket/i, 'NET_CONNECT', 'the connection was refused', 'is it running, and is the port right?'],
  [/UNREACH|ENETDOWN|EADDRNOTAVAIL/, 'NET_CONNECT', 'there is no way to it', 'check the routes of this machine'],
  [/EPERM|EACCES/, 'NET_CONNECT', 'the system forbids it', 'check seccomp and firewall rules'],
  [/TIMEOUT|ETIMEDOUT/i, 'NET_TIMEOUT', 'it did not answer in time', 'check the network between'],
];

/** An error of ours stays what it is. So does one that is the reason of an abort, and learns which request it ended. */
export function networkError(error: unknown, request: RequestFacts, signal?: AbortSignal): PurserError {
  const doing = `asking ${request.url}`;
  if (signal?.aborted) {
    const reason: unknown = signal.reason;
    if (reason instanceof PurserError) return new PurserError(reason.code, { ...reason.facts, doing, request });
    const facts = { doing, found: 'it did not answer in time', todo: 'check the network between', request };
    return new PurserError('NET_TIMEOUT', facts);
  }
  if (error instanceof PurserError) return error;
  const names = errorNames(error);
  const known = causes.find(([pattern]) => names.some((name) => pattern.test(name)));
  // Once an answer has begun, whatever is wrong with the rest of it may be right the next time.
  if (known === undefined || request.status !== undefined) return brokenError(request);
  return new PurserError(known[1], { doing, found: known[2], todo: known[3], request });
}

/** An answer that ended before its end. */
export function brokenError(request: RequestFacts): PurserError {
  const facts = { doing: `asking ${request.url}`, found: 'the connection broke' };
  return new PurserError('NET_BROKEN', { ...facts, todo: 'try again; look at what answers there', request });
}

/** Codes of an error and of what caused it, or their names where they have no code. */
function errorNames(error: unknown): string[] {
  const names: string[] = [];
  for (let current = error, depth = 0; current instanceof Error && depth < 5; current = current.cause, depth++) {
    names.push('code' in current && typeof current.code === 'string' ? current.code : current.name);
  }
  return names;
}
