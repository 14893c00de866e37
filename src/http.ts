/**
 * One HTTP client for everyone, and the only file that knows the runtime and undici. Bun's own fetch and undici want
 * different options for the same decisions: nothing is followed, decoded, proxied or trusted unless decided here
 * (docs/runtime.md). Other files see one shape and one set of errors.
 */
import { PurserError, type RequestFacts } from './errors.ts';
import { brokenError, networkError } from './network-error.ts';
import { redactUrl } from './redact.ts';
import { checkServerIdentity } from './trust.ts';

export interface HttpClient {
  /** Sends one request. The body of the answer is read by the caller, or cancelled. Throws PurserError NET_*. */
  send(request: HttpRequest): Promise<HttpResponse>;
  close(): Promise<void>;
}

export interface HttpRequest {
  readonly method: string;
  readonly url: string;
  /** The URL as errors may name it; without it, `redactUrl` decides. */
  readonly printableUrl?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Its reason, where that is a PurserError, is what ends the request. */
  readonly signal: AbortSignal;
  /** May go without TLS. */
  readonly plainHTTP?: boolean;
}

export interface HttpResponse {
  readonly status: number;
  readonly headers: Headers;
  /** In pieces as they come; to be read once. Throws PurserError NET_*. */
  readonly body: AsyncIterable<Uint8Array>;
  /** Lets go of a body that nobody is going to read, and of its connection. */
  cancel(): void;
}

export interface HttpClientOptions {
  /** PEM texts; nothing else is trusted. */
  readonly ca: readonly string[];
}

/** More is no answer of a registry or token service. */
const maxHeaderBytes = 32 * 1024;

export async function createHttpClient(options: HttpClientOptions): Promise<HttpClient> {
  const tls = { ca: [...options.ca], rejectUnauthorized: true, checkServerIdentity };
  const dispatch = 'bun' in globalThis.process.versions ? bunDispatch(tls) : await undiciDispatch(tls);
  return {
    close: dispatch.close,
    async send(request) {
      const facts = { method: request.method, url: request.printableUrl ?? redactUrl(request.url) };
      refuseUrl(request, facts);
      const headers = { 'accept-encoding': 'identity', 'user-agent': 'purser', ...request.headers };
      const raw = await withSignal(request, facts, dispatch.send({ ...request, headers }));
      const answered = { ...facts, status: raw.status };
      checkHeaders(raw, answered);
      const { status, headers: lines, cancel } = raw;
      return { status, headers: lines, body: piecesOf(raw, answered, request.signal), cancel };
    },
  };
}

interface Dispatch {
  send(request: HttpRequest): Promise<RawResponse>;
  close(): Promise<void>;
}

/** As a runtime gives it, with its errors. */
interface RawResponse extends Pick<HttpResponse, 'status' | 'headers' | 'cancel'> {
  /** The next piece of the body; `undefined` at its end. */
  read(): Promise<Uint8Array | undefined>;
}

interface TlsOptions {
  readonly ca: string[];
  readonly rejectUnauthorized: boolean;
  readonly checkServerIdentity: typeof checkServerIdentity;
}

/** `proxy: false` is the one value that keeps Bun from proxies named in the environment. */
function bunDispatch(tls: TlsOptions): Dispatch {
  return {
    close: async () => undefined,
    async send({ method, url, headers = {}, body, signal }) {
      const init = {
        method,
        headers,
        signal,
        redirect: 'manual' as const,
        ...(body === undefined ? {} : { body }),
        proxy: false,
        verbose: false,
        decompress: false,
        // Not for nothing: it is some 200 KiB of authorities, taken apart for each request.
        ...(url.startsWith('https:') ? { tls: { ...tls, minVersion: 771 } } : {}),
      };
      const response = await fetch(url, init);
      const reader = response.body?.getReader();
      return {
        status: response.status,
        headers: response.headers,
        read: async () => (await reader?.read())?.value,
        // What breaks later breaks for whoever reads.
        cancel: () => void reader?.cancel().catch(() => undefined),
      };
    },
  };
}

/** HTTP/1.1 only: undici's HTTP/2 shares one small window among all streams of a pull. */
async function undiciDispatch(tls: TlsOptions): Promise<Dispatch> {
  const { Agent, request: ask } = await import('undici');
  const dispatcher = new Agent({
    allowH2: false,
    keepAliveTimeout: 30_000,
    maxHeaderSize: maxHeaderBytes,
    headersTimeout: 0,
    bodyTimeout: 0,
    connect: { ...tls, minVersion: 'TLSv1.2' },
  });
  return {
    close: () => dispatcher.destroy(),
    async send({ method, url, headers: sent = {}, body: form = null, signal }) {
      const {
        statusCode: status,
        headers: lines,
        body,
      } = await ask(url, {
        method,
        headers: sent,
        body: form,
        signal,
        dispatcher,
      });
      // A body that nobody reads must not end the program when its connection breaks.
      body.on('error', () => undefined);
      const headers = new Headers();
      for (const [name, values = []] of Object.entries(lines)) {
        for (const value of [values].flat()) headers.append(name, value);
      }
      const pieces = body[Symbol.asyncIterator]();
      return {
        status,
        headers,
        read: async () => {
          const { done, value } = await pieces.next();
          return done ? undefined : value;
        },
        cancel: () => void body.destroy(),
      };
    },
  };
}

/** Looks at the text of the address before any client does: Bun's fetch reads file: and s3: addresses too. */
function refuseUrl({ url, plainHTTP = false }: HttpRequest, request: RequestFacts): void {
  const parsed = new URL(url);
  const isBare = parsed.protocol === 'http:' && !plainHTTP;
  const found = urlFault(parsed, isBare);
  if (found === undefined) return;
  const todo = isBare ? 'use https, or allow plainHTTP in the entry of this registry' : 'correct the address';
  throw new PurserError('POLICY', { doing: `asking ${request.url}`, found, todo, request });
}

function urlFault({ username, password, protocol }: URL, isBare: boolean): string | undefined {
  if (username !== '' || password !== '') return 'it holds user information';
  if (isBare) return 'it is not protected by TLS';
  const isKnown = protocol === 'https:' || protocol === 'http:';
  return isKnown ? undefined : `${protocol} is not a protocol of registries`;
}

/** Some clients do not heed the signal while they connect, so it also ends the waiting. */
async function withSignal(
  { signal }: HttpRequest,
  facts: RequestFacts,
  answer: Promise<RawResponse>,
): Promise<RawResponse> {
  let stop: () => void = () => undefined;
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(signal.reason);
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop, { once: true });
  });
  try {
    return await Promise.race([answer, aborted]);
  } catch (error) {
    answer.then(({ cancel }) => cancel()).catch(() => undefined);
    throw networkError(error, facts, signal);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

/** Runtimes differ in what they let pass, so the strictest of them is written down here. */
function checkHeaders(response: RawResponse, request: RequestFacts): void {
  const found = headerFault(response.headers);
  if (found === undefined) return;
  response.cancel();
  throw upstreamError(found, request);
}

function headerFault(headers: Headers): string | undefined {
  let bytes = 0;
  for (const [name, value] of headers) bytes += name.length + value.length + 4;
  if (bytes > maxHeaderBytes) return 'its headers are too large';
  const encoding = headers.get('content-encoding') ?? '';
  if (encoding !== '' && encoding !== 'identity') return 'its body is encoded, unasked';
  const length = headers.get('content-length');
  if (length === null || (!headers.has('transfer-encoding') && /^[0-9]+$/.test(length))) return undefined;
  return 'it says in two ways how long its body is';
}

function upstreamError(found: string, request: RequestFacts): PurserError {
  const todo = 'look at what answers there';
  return new PurserError('UPSTREAM_FORMAT', { doing: `asking ${request.url}`, found, todo, request });
}

/** By hand: with thousands of pieces a second, each layer of generators would be felt. */
function piecesOf(raw: RawResponse, request: RequestFacts, signal: AbortSignal): AsyncIterable<Uint8Array> {
  const end = { done: true, value: undefined } as const;
  return {
    [Symbol.asyncIterator]: () => ({
      async next() {
        try {
          const value = await raw.read();
          return value === undefined ? end : { done: false, value };
        } catch (error) {
          throw networkError(error, request, signal);
        }
      },
      // Whoever leaves early leaves the connection too.
      async return() {
        raw.cancel();
        return end;
      },
    }),
  };
}

export interface ReadBodyOptions {
  readonly maxBytes: number;
  /** What asked for it, for messages. */
  readonly request: RequestFacts;
  /** Refuse a body whose end only the end of the connection shows: nobody could tell whether it was cut. */
  readonly framed?: boolean;
  /** What to throw beyond the limit, where that is not the server's mistake; given what was found. */
  readonly tooLarge?: (found: string) => PurserError;
}

/** A whole body; throws UPSTREAM_FORMAT beyond the limit, NET_BROKEN where it ends early. */
export async function readBody(response: HttpResponse, options: ReadBodyOptions): Promise<Uint8Array> {
  const { maxBytes, request, framed = false, tooLarge = (found) => upstreamError(found, request) } = options;
  const declared = response.headers.get('content-length');
  if (framed && declared === null && !response.headers.has('transfer-encoding')) {
    response.cancel();
    throw upstreamError('it does not say how long its body is', request);
  }
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of response.body) {
    length += chunk.length;
    if (length > maxBytes) throw tooLarge(`its body holds more than ${maxBytes} bytes`);
    chunks.push(chunk);
  }
  if (declared !== null && Number(declared) !== length) throw brokenError(request);
  return Buffer.concat(chunks);
}
