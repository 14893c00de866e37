/**
 * The section token_request of auth-challenge.json, through the whole handshake: the registry and the token service are a
 * script, what they were asked is compared.
 */
import assert from 'node:assert/strict';
import type { AuthConfig } from '../../src/credential.ts';
import { PurserError } from '../../src/errors.ts';
import type { HttpClient, HttpRequest, HttpResponse } from '../../src/http.ts';
import { createHandshake } from '../../src/registry/handshake.ts';
import { registrableDomain } from '../../src/registry/site.ts';
import { specifiedTokenRequest } from '../../src/registry/token-request.ts';
import { createTransport } from '../../src/registry/transport.ts';
import { containerdTokenRequest } from '../../src/runtime/containerd-token.ts';
import { createTestClock } from '../registry/test-clock.ts';
import { listOf, objectOf, textOf, type Vector } from './table.ts';

/** The engine, or why its case is not for us. */
export function kindOfTokenRequest(vector: Vector): string {
  const engine = textOf(vector, 'engine');
  const { identityToken, registryToken } = objectOf(vector['credential']);
  if (engine === 'cri-o') return 'token_request of CRI-O';
  if (identityToken !== undefined || registryToken !== undefined)
    return 'token_request with what a kubelet never gives';
  const [first = ''] = listOf(vector, 'headers').map(String);
  // HTTP clients join equal headers, so which one stood first on which line cannot be known.
  if (engine === 'containerd' && /^Basic .*, Bearer /.test(first)) return 'token_request by the order of a line';
  return 'token_request';
}

export async function checkTokenRequest(vector: Vector): Promise<void> {
  const script = createScript(vector);
  const { username, password } = objectOf(vector['credential']);
  const credential: AuthConfig | undefined =
    typeof username === 'string' && typeof password === 'string' ? { username, password } : undefined;
  const owner = credential === undefined ? {} : { credential };
  const trace = (): undefined => undefined;
  const handshake = createHandshake({
    transport: createTransport({ http: script.http, trace, plainHTTP: false, ...owner }),
    clock: createTestClock(),
    trace,
    origin: script.origin,
    repository: textOf(vector, 'repository'),
    habit: vector['engine'] === 'own' ? specifiedTokenRequest : containerdTokenRequest,
    realms: { registrableDomain },
    ...owner,
  });
  const { signal } = new AbortController();
  const final = objectOf(vector['final']);
  try {
    await handshake.send({ purpose: 'manifest', method: 'GET', path: 'manifests/v1', signal });
    assert.equal(final['error'], undefined, 'it should have failed');
  } catch (error) {
    if (!(error instanceof PurserError)) throw error;
    assert.equal(nameOf(error), final['error'], error.message);
  }
  script.assertDone(final['authorization']);
}

/** As the table calls failures. */
function nameOf({ code, facts }: PurserError): string {
  if (code === 'POLICY') return 'realm-denied';
  return code === 'UPSTREAM_FORMAT' ? 'no-token' : `token-endpoint-${facts.request?.status}`;
}

function createScript(vector: Vector) {
  const steps = listOf(vector, 'steps').map(objectOf);
  const expected = steps.map(({ request }) => objectOf(request));
  const realm = expected[0] === undefined ? 'https://registry.example.com/' : textOf(expected[0], 'url');
  // Where no address is given, the registry is beside its token service: the table is not about realms then.
  const { origin } = new URL(vector['responseUrl'] === undefined ? realm : textOf(vector, 'responseUrl'));
  const shown: string[] = [];
  let next = 0;

  const send = async (request: HttpRequest): Promise<HttpResponse> => {
    const { authorization } = request.headers ?? {};
    if (new URL(request.url).pathname.startsWith('/v2/') && request.url.endsWith('/manifests/v1')) {
      if (authorization !== undefined) shown.push(authorization);
      const challenges = listOf(vector, 'headers').map((line): [string, string] => ['www-authenticate', String(line)]);
      return answer(shown.length > 0 ? 200 : 401, '', shown.length > 0 ? [] : challenges);
    }
    const step = steps[next++];
    assert(step !== undefined, `one request too many: ${request.method} ${request.url}`);
    compare(request, objectOf(step['request']));
    const response = objectOf(step['response']);
    const { status, json } = response;
    assert(typeof status === 'number');
    return answer(status, json === undefined ? '' : JSON.stringify(json), []);
  };

  const http: HttpClient = { send, close: async () => undefined };
  return {
    http,
    origin,
    assertDone(authorization: unknown): void {
      assert.equal(next, steps.length, 'all steps were made');
      assert.deepEqual(shown, typeof authorization === 'string' ? [authorization] : []);
    },
  };
}

function answer(status: number, body: string, headers: [string, string][]): HttpResponse {
  const bytes = Buffer.from(body);
  return {
    status,
    headers: new Headers([...headers, ['content-length', `${bytes.length}`]]),
    body: (async function* () {
      yield bytes;
    })(),
    cancel: () => undefined,
  };
}

function compare(request: HttpRequest, expected: Vector): void {
  assert.equal(request.method, expected['method']);
  const [url, wanted] = [request.url, textOf(expected, 'url')].map((text) => new URL(text));
  assert.equal(`${url?.origin}${url?.pathname}`, `${wanted?.origin}${wanted?.pathname}`);
  assert.deepEqual(sorted([...(url?.searchParams ?? [])], expected['query']), expected['query'] ?? []);
  const form = request.body === undefined ? undefined : [...new URLSearchParams(request.body)];
  assert.deepEqual(form && sorted(form, expected['form']), expected['form']);
  assert.equal(request.headers?.['authorization'], expected['authorization']);
}

/** The table sorts pairs, and writes `*` for our name, which is nobody's business. */
function sorted(pairs: [string, string][], expected: unknown): [string, string][] {
  const isOwn = JSON.stringify(expected).includes('["client_id","*"]');
  const shown = pairs.map(([name, value]): [string, string] => [name, isOwn && name === 'client_id' ? '*' : value]);
  return shown.sort(([a, x], [b, y]) => (a === b ? (x < y ? -1 : 1) : a < b ? -1 : 1));
}
