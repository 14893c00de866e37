/** One request to a fake, by nothing but what Node brings, so that its tests depend on no client of ours. */
import { type Agent, type IncomingMessage, request as plainRequest } from 'node:http';
import { request as tlsRequest } from 'node:https';
import { connect } from 'node:net';

export interface AskOptions {
  readonly method?: string;
  /** Names and values in turn, when one is to come twice. */
  readonly headers?: Readonly<Record<string, string>> | readonly string[];
  readonly body?: string;
  readonly ca?: string;
  /** To keep connections; default: one for each request. */
  readonly agent?: Agent;
}

export interface Asked {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
  /** The code of the error that broke the body, in place of its end. */
  readonly broken: string | undefined;
}

/** Rejects when there is no status line, and resolves with what came when the body breaks. No redirect is followed. */
export function ask(url: string, options: AskOptions = {}): Promise<Asked> {
  const { method = 'GET', headers = {}, body, ca, agent = false } = options;
  const send = url.startsWith('https:') ? tlsRequest : plainRequest;
  const tls = { ALPNProtocols: ['http/1.1'], ...(ca === undefined ? {} : { ca }) };
  return new Promise((resolve, reject) => {
    const request = send(url, { method, headers: mutable(headers), agent, ...tls });
    request.on('error', reject);
    request.on('response', (response) => {
      const chunks: Buffer[] = [];
      const settle = (broken?: string): void => {
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks), broken });
      };
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => settle());
      response.on('error', (error) => settle('code' in error ? String(error.code) : error.message));
    });
    request.end(body);
  });
}

function mutable(headers: NonNullable<AskOptions['headers']>): Record<string, string> | string[] {
  return isList(headers) ? [...headers] : { ...headers };
}

/** Array.isArray knows no readonly arrays. */
function isList(headers: NonNullable<AskOptions['headers']>): headers is readonly string[] {
  return Array.isArray(headers);
}

export interface AskedRaw {
  /** All that came, in Latin-1, up to the end of the connection. */
  readonly text: string;
  readonly end: 'end' | 'reset';
}

/** What is really on the wire, for answers that no HTTP client would hand on. */
export function askRaw(url: string, method = 'GET'): Promise<AskedRaw> {
  const { hostname, port, host, pathname, search } = new URL(url);
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    const settle = (end: AskedRaw['end']): void => resolve({ text: Buffer.concat(chunks).toString('latin1'), end });
    connect(Number(port), hostname)
      .on('data', (chunk: Buffer) => chunks.push(chunk))
      .on('end', () => settle('end'))
      .on('error', () => settle('reset'))
      .end(`${method} ${pathname}${search} HTTP/1.1\r\nHost: ${host}\r\nAccept: */*\r\nConnection: close\r\n\r\n`);
  });
}

export function basic(user: string, password: string): Record<string, string> {
  return { authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}` };
}

export function bearer(token: string): Record<string, string> {
  return { authorization: `Bearer ${token}` };
}

export function jsonOf(asked: Asked): Readonly<Record<string, unknown>> {
  const value: unknown = JSON.parse(asked.body.toString());
  if (typeof value !== 'object' || value === null) throw new TypeError('the body is no object');
  return { ...value };
}
