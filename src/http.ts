/**
 * One HTTP client for everyone, and the only file that knows the runtime and undici. Bun's own fetch and undici's want
 * different options for the same decisions: nothing is followed, decoded, proxied or trusted unless decided here
 * (docs/runtime.md). Other files see one shape and one set of errors.
 */
import { X509Certificate } from 'node:crypto';
import { rootCertificates, checkServerIdentity as stockCheck } from 'node:tls';
import type { Deadline } from './clock.ts';
import { type ErrorCode, InputError, PurserError, quote } from './errors.ts';
import { errnoOf, readTrustedFile } from './file.ts';
import { redactUrl } from './redact.ts';

export interface HttpClient {
  /** Sends one request. The body of the answer is read by the caller, or cancelled. Throws PurserError NET_*. */
  send(request: HttpRequest): Promise<HttpResponse>;
  close(): Promise<void>;
}

export interface HttpRequest {
  readonly method: string;
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly signal: AbortSignal;
}

export interface HttpResponse {
  readonly status: number;
  readonly headers: Headers;
  readonly body: ReadableStream<Uint8Array> | null;
}

export interface HttpClientOptions {
  /** PEM texts; nothing else is trusted. */
  readonly ca: readonly string[];
  /** Hosts (`host[:port]`) that may be spoken to without TLS. */
  readonly plainHosts: ReadonlySet<string>;
}

/** More is no answer of a registry or token service; Node's own limit is half of it. */
const maxHeaderBytes = 32 * 1024;

export async function createHttpClient(options: HttpClientOptions): Promise<HttpClient> {
  const tls = { ca: [...options.ca], rejectUnauthorized: true, checkServerIdentity };
  const dispatch = 'bun' in globalThis.process.versions ? bunDispatch(tls) : await undiciDispatch(tls);
  return {
    close: dispatch.close,
    async send(request) {
      refuseUrl(request.url, options.plainHosts);
      const headers = { 'accept-encoding': 'identity', 'user-agent': 'purser', ...request.headers };
      const response = await withSignal(request, dispatch.fetch({ ...request, headers }));
      checkHeaders(response, request.url);
      return response;
    },
  };
}

interface Dispatch {
  fetch(request: HttpRequest): Promise<HttpResponse>;
  close(): Promise<void>;
}

interface TlsOptions {
  readonly ca: string[];
  readonly rejectUnauthorized: boolean;
  readonly checkServerIdentity: typeof checkServerIdentity;
}

/** `proxy: false` is the one value that keeps Bun from proxies named in the environment. */
function bunDispatch(tls: TlsOptions): Dispatch {
  return {
    fetch: ({ method, url, headers = {}, body, signal }) => {
      const init = {
        method,
        headers,
        signal,
        redirect: 'manual' as const,
        ...(body === undefined ? {} : { body }),
        proxy: false,
        verbose: false,
        decompress: false,
        tls: { ...tls, minVersion: 771 },
      };
      return fetch(url, init);
    },
    close: async () => undefined,
  };
}

/** HTTP/1.1 only: undici's HTTP/2 shares one small window among all streams of a pull. */
async function undiciDispatch(tls: TlsOptions): Promise<Dispatch> {
  const undici = await import('undici');
  const dispatcher = new undici.Agent({
    allowH2: false,
    keepAliveTimeout: 30_000,
    bodyTimeout: 0,
    connect: { ...tls, minVersion: 'TLSv1.2' },
  });
  return {
    fetch: async ({ method, url, headers = {}, body, signal }) => {
      const init = { method, headers, signal, redirect: 'manual' as const, dispatcher };
      const response = await undici.fetch(url, body === undefined ? init : { ...init, body });
      return { status: response.status, headers: new Headers([...response.headers]), body: response.body };
    },
    close: () => dispatcher.destroy(),
  };
}

/** The stock check of the name, and what Bun's TLS leaves out: SHA-1 signatures and short RSA keys. */
function checkServerIdentity(host: string, certificate: Parameters<typeof stockCheck>[1]): Error | undefined {
  const wrongName = stockCheck(host, certificate);
  if (wrongName !== undefined) return wrongName;
  const parsed = new X509Certificate(certificate.raw);
  const { asymmetricKeyType, asymmetricKeyDetails } = parsed.publicKey;
  const bits = asymmetricKeyDetails?.modulusLength ?? Number.POSITIVE_INFINITY;
  if (asymmetricKeyType === 'rsa' && bits < 2048) return weak('CERT_WEAK_KEY');
  return /sha1|md5/i.test(parsed.signatureAlgorithm ?? '') ? weak('CERT_WEAK_SIGNATURE') : undefined;
}

function weak(code: string): Error {
  return Object.assign(new Error(code), { code });
}

/** Looks at the text of the address before any client does: Bun's fetch reads file: and s3: addresses too. */
function refuseUrl(url: string, plainHosts: ReadonlySet<string>): void {
  const parsed = new URL(url);
  const todo = 'correct the address, or allow plainHTTP in the entry of this registry';
  if (parsed.username !== '' || parsed.password !== '') throw refused(url, 'it holds user information', todo);
  if (parsed.protocol === 'https:') return;
  if (parsed.protocol !== 'http:') throw refused(url, `${parsed.protocol} is not a protocol of registries`, todo);
  if (!plainHosts.has(parsed.host)) throw refused(url, 'it is not protected by TLS', todo);
}

function refused(url: string, found: string, todo: string): PurserError {
  return new PurserError('POLICY', { doing: `asking ${redactUrl(url)}`, found, todo });
}

/** Some clients do not heed the signal while they connect, so it also ends the waiting. */
async function withSignal(request: HttpRequest, answer: Promise<HttpResponse>): Promise<HttpResponse> {
  const { signal } = request;
  let stop: () => void = () => undefined;
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(signal.reason);
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop, { once: true });
  });
  try {
    return await Promise.race([answer, aborted]);
  } catch (error) {
    answer.catch(() => undefined);
    throw networkError(error, request.url, signal.aborted);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

function checkHeaders(response: HttpResponse, url: string): void {
  let bytes = 0;
  for (const [name, value] of response.headers) bytes += name.length + value.length + 4;
  const encoding = response.headers.get('content-encoding') ?? 'identity';
  if (bytes <= maxHeaderBytes && (encoding === 'identity' || encoding === '')) return;
  void response.body?.cancel();
  const found = bytes > maxHeaderBytes ? `its headers exceed ${maxHeaderBytes} bytes` : 'its body is encoded, unasked';
  throw new PurserError('UPSTREAM_FORMAT', {
    doing: `asking ${redactUrl(url)}`,
    found,
    todo: 'look at what answers there',
  });
}

/** A body up to a size; throws UPSTREAM_FORMAT beyond it and NET_BROKEN when it ends early. */
export async function readBody(response: HttpResponse, url: string, maxBytes: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  try {
    for await (const chunk of response.body ?? []) {
      length += chunk.length;
      if (length > maxBytes) break;
      chunks.push(chunk);
    }
  } catch (error) {
    throw networkError(error, url, false);
  }
  if (length <= maxBytes) return Buffer.concat(chunks);
  const facts = { doing: `reading the answer of ${redactUrl(url)}`, found: `it holds more than ${maxBytes} bytes` };
  throw new PurserError('UPSTREAM_FORMAT', { ...facts, todo: 'look at what answers there' });
}

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
  [/CERT_WEAK/, 'NET_TLS', 'its certificate uses SHA-1 or a short key', 'give the server a current certificate'],
  [/CERT|ISSUER|SIGNATURE|SELF_SIGNED/, 'NET_TLS', 'its certificate is not trusted', 'name its authority with caFile'],
  [/SSL|TLS|EPROTO/i, 'NET_TLS', 'the TLS handshake failed', 'does it speak TLS, and 1.2 or newer?'],
  [/REFUSED|FailedToOpenSocket/i, 'NET_CONNECT', 'the connection was refused', 'is it running, and is the port right?'],
  [/UNREACH|ENETDOWN|EADDRNOTAVAIL/, 'NET_CONNECT', 'there is no way to it', 'check the routes of this machine'],
  [/EPERM|EACCES/, 'NET_CONNECT', 'the system forbids it', 'check seccomp and firewall rules'],
  [/TIMEOUT|ETIMEDOUT/i, 'NET_TIMEOUT', 'it did not answer in time', 'check the network between'],
];

/** Foreign errors name addresses, headers and secrets; only the kind of failure is taken from them. */
export function networkError(error: unknown, url: string, aborted: boolean): PurserError {
  if (error instanceof PurserError) return error;
  const doing = `asking ${redactUrl(url)}`;
  if (aborted)
    return new PurserError('NET_TIMEOUT', {
      doing,
      found: 'it did not answer in time',
      todo: 'check the network between',
    });
  const names = errorNames(error);
  const known = causes.find(([pattern]) => names.some((name) => pattern.test(name)));
  if (known !== undefined) return new PurserError(known[1], { doing, found: known[2], todo: known[3] });
  return new PurserError('NET_BROKEN', {
    doing,
    found: 'the connection broke',
    todo: 'try again; look at what answers there',
  });
}

/** Codes of an error and of what caused it. */
function errorNames(error: unknown): string[] {
  const names: string[] = [];
  for (let current = error, depth = 0; current instanceof Error && depth < 5; current = current.cause, depth++) {
    if ('code' in current && typeof current.code === 'string') names.push(current.code);
  }
  return names;
}

/** Where Linux distributions keep the bundle of authorities, in the order in which Go looks. */
const systemBundles = [
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/pki/tls/certs/ca-bundle.crt',
  '/etc/ssl/ca-bundle.pem',
  '/etc/pki/tls/cacert.pem',
  '/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem',
  '/etc/ssl/cert.pem',
];

export interface TrustOptions {
  readonly caFile?: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly uid: number | undefined;
}

/** PEM texts: the system's store (the runtime's own where there is none), SSL_CERT_FILE, and the entry's caFile. */
export function loadTrust({ caFile, env, uid }: TrustOptions): readonly string[] {
  const texts: string[] = [];
  for (const path of systemBundles) {
    const text = optionalBundle(path, uid);
    if (text === undefined) continue;
    texts.push(text);
    break;
  }
  if (texts.length === 0) texts.push(...rootCertificates);
  const named = env['SSL_CERT_FILE'];
  const fromEnvironment = named === undefined || named === '' ? undefined : optionalBundle(named, uid);
  if (fromEnvironment !== undefined) texts.push(fromEnvironment);
  if (caFile !== undefined) texts.push(checkedBundle(caFile, uid));
  return texts;
}

/** The system's own bundle is 200 KiB; a private one is a few certificates. */
const maxBundleBytes = 4 * 1024 * 1024;

function optionalBundle(path: string, uid: number | undefined): string | undefined {
  try {
    return checkedBundle(path, uid);
  } catch (error) {
    if (error instanceof PurserError) return undefined;
    throw error;
  }
}

function checkedBundle(path: string, uid: number | undefined): string {
  const { text } = readTrustedFile(path, { uid, maxBytes: maxBundleBytes, privateMode: false });
  const [first] = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/.exec(text) ?? [];
  const facts = { doing: `reading the authorities in ${quote(path)}`, todo: 'write PEM certificates into it' };
  if (first === undefined) throw new InputError('CA_FILE', { ...facts, found: 'there is no PEM certificate in it' });
  try {
    new X509Certificate(first);
  } catch (error) {
    throw new InputError('CA_FILE', { ...facts, found: `its first certificate cannot be read (${errnoOf(error)})` });
  }
  return text;
}

/** `api` may go through a proxy and uses the entry's CA; `metadata` is link-local and never does. */
export type ProviderFetch = (route: 'api' | 'metadata', request: ProviderHttpRequest) => Promise<ProviderHttpResponse>;

export interface ProviderHttpRequest {
  readonly method: 'GET' | 'POST' | 'PUT';
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** A whole answer, bounded; redirects are not followed. */
export interface ProviderHttpResponse {
  readonly status: number;
  readonly headers: Headers;
  readonly body: string;
}

export interface ProviderFetchOptions extends TrustOptions {
  readonly plainHTTP: boolean;
  readonly deadline: Deadline;
}

/** Token services answer in kilobytes. */
const maxAnswerBytes = 64 * 1024;

/** One request of a provider, whole and bounded. Both routes connect directly. */
export async function providerFetch(
  _route: 'api' | 'metadata',
  request: ProviderHttpRequest,
  options: ProviderFetchOptions,
): Promise<ProviderHttpResponse> {
  const plainHosts = new Set(options.plainHTTP ? [new URL(request.url).host] : []);
  const client = await createHttpClient({ ca: loadTrust(options), plainHosts });
  try {
    const response = await client.send({ ...request, signal: options.deadline.signal });
    const body = await readBody(response, request.url, maxAnswerBytes);
    return { status: response.status, headers: response.headers, body: new TextDecoder().decode(body) };
  } finally {
    await client.close();
  }
}
