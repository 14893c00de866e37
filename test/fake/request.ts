/**
 * A request as it came in, and the rules of HTTP (RFC 9110) that a real service would hold it to. Nothing is decoded or
 * joined here: a doubled header or a rewritten query must stay visible.
 */
import type { IncomingMessage } from 'node:http';
import { type Answer, errorAnswer, type HeaderLine } from './answer.ts';

export type OriginName = 'registry' | 'token' | 'storage';

export interface ReceivedRequest {
  readonly origin: OriginName;
  readonly method: string;
  /** Before the question mark, as sent. */
  readonly path: string;
  /** After the question mark, as sent. */
  readonly query: string;
  readonly headers: readonly HeaderLine[];
  readonly body: string;
}

/** More than any token request. */
const maxBody = 64 * 1024;

export async function receive(origin: OriginName, message: IncomingMessage): Promise<ReceivedRequest> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of message) {
    if (!Buffer.isBuffer(chunk)) throw new TypeError('no encoding is set');
    size += chunk.length;
    if (size > maxBody) throw new RangeError('a request body larger than any client should send');
    chunks.push(chunk);
  }
  const [path = '', ...query] = (message.url ?? '').split('?');
  const raw = message.rawHeaders;
  return {
    origin,
    method: message.method ?? '',
    path,
    query: query.join('?'),
    headers: raw.flatMap((name, at): HeaderLine[] => (at % 2 === 0 ? [[name, raw[at + 1] ?? '']] : [])),
    body: Buffer.concat(chunks).toString(),
  };
}

export function headerOf(request: ReceivedRequest, name: string): string | undefined {
  return headersOf(request, name)[0];
}

export function headersOf(request: ReceivedRequest, name: string): readonly string[] {
  return request.headers.filter(([other]) => other.toLowerCase() === name).map(([, value]) => value);
}

export interface Authorization {
  /** In lower case. */
  readonly scheme: string;
  readonly parameters: string;
}

/** RFC 9110 11.6.2: a scheme, one blank, the rest. */
export function authorizationOf(request: ReceivedRequest): Authorization | undefined {
  const value = headerOf(request, 'authorization');
  if (value === undefined) return undefined;
  const blank = value.indexOf(' ');
  if (blank === -1) return { scheme: value.toLowerCase(), parameters: '' };
  return { scheme: value.slice(0, blank).toLowerCase(), parameters: value.slice(blank + 1) };
}

/** The refusal that a request earns by its form alone. */
export function refuseForm(
  request: ReceivedRequest,
  hosts: readonly string[],
  methods: readonly string[],
): Answer | undefined {
  const host = headerOf(request, 'host') ?? '';
  if (!hosts.includes(host)) return errorAnswer(421, 'UNSUPPORTED', `this is not ${host}`);
  if (!methods.includes(request.method)) {
    const headers: HeaderLine[] = [['Allow', methods.join(', ')]];
    return errorAnswer(405, 'UNSUPPORTED', `no ${request.method} here`, { headers });
  }
  for (const name of ['host', 'authorization', 'range', 'content-type', 'user-agent']) {
    if (headersOf(request, name).length > 1) return errorAnswer(400, 'UNSUPPORTED', `two lines of ${name}`);
  }
  if (request.method !== 'POST' && request.body !== '') {
    return errorAnswer(400, 'UNSUPPORTED', `${request.method} with a body`);
  }
  for (const name of ['proxy-authorization', 'cookie']) {
    if (headerOf(request, name) !== undefined) return errorAnswer(400, 'UNSUPPORTED', `${name} is not for an origin`);
  }
  return undefined;
}
