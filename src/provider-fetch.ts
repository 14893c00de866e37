/** What providers ask their clouds with: one request, whole and bounded, of which nothing is followed. */
import type { Deadline } from './clock.ts';
import { createHttpClient, readBody } from './http.ts';
import { redactUrl } from './redact.ts';
import { loadTrust, type TrustOptions } from './trust.ts';

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
  const { deadline, plainHTTP } = options;
  const client = await createHttpClient({ ca: loadTrust(options) });
  try {
    const response = await client.send({ ...request, plainHTTP, signal: deadline.signal });
    const { status, headers } = response;
    const facts = { method: request.method, url: redactUrl(request.url), status };
    const body = await readBody(response, { maxBytes: maxAnswerBytes, request: facts });
    return { status, headers, body: new TextDecoder().decode(body) };
  } finally {
    await client.close();
  }
}
