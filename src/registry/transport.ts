/**
 * Requests over the wire with what they show of who asks, and the redirects they meet. The one place that attaches
 * Authorization: to the registry's own origin, and to a realm that was judged before (realm.ts). Along a redirect it
 * stays only within an origin (redirect.ts); once dropped it never comes back. RFC 9110 sections 11.6.2 and 15.4.
 * Left out: what to show (handshake.ts), and what an answer means (error.ts).
 */
import type { AuthConfig } from '../credential.ts';
import { PurserError, type RequestFacts } from '../errors.ts';
import type { HttpClient, HttpResponse } from '../http.ts';
import { maskEchoes, redactUrl } from '../redact.ts';
import { judgeRedirect, maxRedirects, type RedirectPurpose, type RedirectRefusal } from './redirect.ts';
import type { Sent, Trace } from './trace.ts';

export interface Transport {
  /** Resolves with the first answer that is no redirect; its body is the caller's. Throws PurserError NET_*, POLICY. */
  send(request: WireRequest): Promise<WireAnswer>;
  /** Whether the credential was ever shown to anybody. */
  readonly credentialSent: boolean;
}

export interface WireRequest {
  readonly purpose: RedirectPurpose;
  readonly method: 'GET' | 'HEAD' | 'POST';
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Body of a POST that holds the credential. */
  readonly form?: string;
  readonly shows?: Shown;
  readonly signal: AbortSignal;
}

/** The credential as Basic, or a token that was got with it. */
export type Shown = { readonly scheme: 'basic' } | { readonly scheme: 'bearer'; readonly token: string };

export interface WireAnswer extends HttpResponse {
  /** Where it came from; of a redirected request, the last address. */
  readonly url: string;
  readonly request: RequestFacts;
  /** What the last request showed. */
  readonly sent: Sent;
  /** What it says, fit to be printed: without what was shown to anybody along this pull. */
  mask(text: string): string;
}

export interface TransportOptions {
  readonly http: HttpClient;
  readonly trace: Trace;
  /** Speak without TLS to the registry, and to where it sends us. */
  readonly plainHTTP: boolean;
  readonly credential?: AuthConfig;
  /** Whatever else a server may know from us already. */
  readonly shownBefore?: readonly AuthConfig[];
}

export function createTransport(options: TransportOptions): Transport {
  const { http, trace, plainHTTP, credential, shownBefore = [] } = options;
  let credentialSent = false;
  const owners = credential === undefined ? shownBefore : [credential, ...shownBefore];
  const secrets = new Set(owners.flatMap((owner) => [owner.password, basicText(owner)]));
  const mask = (text: string): string => maskEchoes(text, secrets);

  const sendOnce = async ({ method, url, headers, form, signal }: WireRequest, shows: Shown | undefined) => {
    const sent = form !== undefined ? 'form' : (shows?.scheme ?? 'nothing');
    if (sent === 'form' || sent === 'basic') credentialSent = true;
    if (shows?.scheme === 'bearer') secrets.add(shows.token);
    // A redirect may have led to an address that was made of what we showed.
    const request = { method, url: mask(redactUrl(url)) };
    let facts: RequestFacts = request;
    try {
      const response = await http.send({
        method,
        url,
        printableUrl: request.url,
        headers: { ...headers, ...(shows !== undefined && { authorization: authorizationOf(shows, credential) }) },
        ...(form !== undefined && { body: form }),
        signal,
        plainHTTP,
      });
      facts = { ...request, status: response.status };
      return { ...response, url, request: facts, sent, mask } satisfies WireAnswer;
    } finally {
      trace({ kind: 'request', request: facts, sent });
    }
  };

  return {
    get credentialSent() {
      return credentialSent;
    },
    async send(request) {
      let { url, shows } = request;
      for (let hops = 0; ; hops++) {
        const answer = await sendOnce({ ...request, url }, shows);
        const location = redirects.has(answer.status) ? answer.headers.get('location') : null;
        if (location === null) return answer;
        answer.cancel();
        const judgement = judgeRedirect(request.purpose, request.method, url, location);
        if (!judgement.follow) throw refused(answer, location, refusals[judgement.reason]);
        if (hops === maxRedirects) throw refused(answer, location, `it is redirect ${hops + 1} of one request`);
        if (!judgement.keepAuthorization) shows = undefined;
        url = judgement.url;
      }
    },
  };
}

const redirects: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

function authorizationOf(shows: Shown, credential: AuthConfig | undefined): string {
  if (shows.scheme === 'bearer') return `Bearer ${shows.token}`;
  if (credential === undefined) throw new TypeError('there is no credential to show');
  return `Basic ${basicText(credential)}`;
}

function basicText({ username, password }: AuthConfig): string {
  return Buffer.from(`${username}:${password}`, 'utf8').toString('base64');
}

const refusals: Readonly<Record<RedirectRefusal, string>> = {
  'invalid-location': 'which is no address',
  'unsupported-scheme': 'which is neither https nor http',
  userinfo: 'which holds user information',
  'tls-downgrade': 'which is not protected by TLS',
  'token-post-redirect': 'and a question that holds the credential is never sent on',
  'token-cross-origin': 'and a question for a token is not sent on to another host',
  'special-address': 'which is inside a network that a registry has no business to send us to',
};

function refused({ url, request, mask }: WireAnswer, location: string, why: string): PurserError {
  const target = URL.canParse(location, url) ? mask(redactUrl(new URL(location, url).href)) : '(no address)';
  return new PurserError('POLICY', {
    doing: `asking ${request.url}`,
    found: `it redirects to ${target}, ${why}`,
    todo: 'correct the configuration of the registry; a node would follow',
    request,
  });
}
