/**
 * The requests of one pull, with one credential or with none:
 * 1. Ask with what is known to be wanted, at first with nothing.
 * 2. A 401 of the registry says how to ask (challenge.ts). Basic: ask again with the credential.
 * 3. Bearer: get a token from the realm, if the realm may see the credential (realm.ts); ask again with the token.
 * 4. A second 401 is final, but for a token that has died or that is good for too little.
 * https://distribution.github.io/distribution/spec/auth/token/ and RFC 6750 section 3.1. What comes from where a redirect
 * led is not answered: nobody there has to know us.
 */
import type { Clock } from '../clock.ts';
import type { AuthConfig } from '../credential.ts';
import { PurserError } from '../errors.ts';
import { readBody } from '../http.ts';
import { redactUrl } from '../redact.ts';
import { type Challenge, chooseChallenge, parseChallenges } from './challenge.ts';
import { judgeRealm, type RealmOptions, type RealmReason } from './realm.ts';
import { createTokenSource, type TokenAnswer } from './token.ts';
import type { TokenAttempt, TokenHabit, TokenQuestion } from './token-request.ts';
import { maxTokenResponseBytes } from './token-response.ts';
import type { Trace } from './trace.ts';
import type { Shown, Transport, WireAnswer } from './transport.ts';
import { parseWarning } from './warning.ts';
import { watched } from './watchdog.ts';

export interface Handshake {
  /** Resolves with the last answer, whatever its status; its body is the caller's. Throws PurserError. */
  send(request: RegistryRequest): Promise<RegistryAnswer>;
}

export interface RegistryRequest {
  readonly purpose: 'manifest' | 'blob';
  readonly method: 'GET' | 'HEAD';
  /** Below the repository: `manifests/latest`. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

export interface RegistryAnswer extends WireAnswer {
  readonly challenges: readonly Challenge[];
  /** It came from another origin than the registry's. */
  readonly redirected: boolean;
}

export interface HandshakeOptions {
  readonly transport: Transport;
  readonly clock: Clock;
  readonly trace: Trace;
  /** Of the registry's API: `https://host[:port]`. */
  readonly origin: string;
  readonly repository: string;
  readonly credential?: AuthConfig;
  readonly habit: TokenHabit;
  readonly realms: RealmOptions;
}

type Proof = Shown & { readonly question?: TokenQuestion };

/** The answer to a challenge, and one more for a token that died or is good for too little. */
const maxRounds = 2;

export function createHandshake(options: HandshakeOptions): Handshake {
  const { transport, clock, trace, origin, repository, credential, habit, realms } = options;
  const said = new Set<string>();
  /** What the registry wanted last: later requests bring it without being asked. */
  let wanted: 'nothing' | 'basic' | TokenQuestion = 'nothing';

  /** Once is enough. */
  const say = (kind: 'notice' | 'warning', text: string): void => {
    if (said.has(text)) return;
    said.add(text);
    trace({ kind, text });
  };

  const ask = async (request: RegistryRequest, shows: Shown | undefined): Promise<RegistryAnswer> => {
    const { path, ...rest } = request;
    const url = `${origin}/v2/${repository}/${path}`;
    const answer = await transport.send({ ...rest, url, ...(shows !== undefined && { shows }) });
    const lines = answer.headers.get('www-authenticate');
    const warning = parseWarning(answer.headers.get('warning') ?? '');
    if (warning !== undefined) say('warning', `the registry says: ${answer.mask(warning)}`);
    return {
      ...answer,
      challenges: parseChallenges(lines === null ? [] : [lines]).challenges,
      redirected: new URL(answer.url).origin !== origin,
    };
  };

  const askToken = ({ method, url, basic, form }: TokenAttempt): Promise<TokenAnswer> =>
    watched(clock, async (watchdog) => {
      const answer = await transport.send({
        purpose: method === 'POST' ? 'token-post' : 'token-get',
        method,
        url,
        signal: watchdog.signal,
        ...(basic && { shows: { scheme: 'basic' } }),
        ...(form !== undefined && { form, headers: { 'content-type': 'application/x-www-form-urlencoded' } }),
      });
      watchdog.began();
      const { request, status, headers } = answer;
      const body = await readBody(answer, { maxBytes: maxTokenResponseBytes, request, framed: status === 200 });
      return { status, body: new TextDecoder().decode(body), retryAfter: headers.get('retry-after'), request };
    });
  const tokens = createTokenSource({ credential, habit, clock, send: askToken });

  const proofFor = async (question: TokenQuestion, stale?: string): Promise<Proof> => {
    wanted = question;
    return { scheme: 'bearer', token: await tokens.tokenFor(question, stale), question };
  };

  /** The answer to a first challenge; `undefined`: there is none. */
  const introduce = async (answer: RegistryAnswer): Promise<Proof | undefined> => {
    const chosen = chooseChallenge(answer.challenges, (realm) => judgeRealm(answer.url, realm, realms));
    if (chosen.scheme === 'none') {
      if (chosen.denied !== undefined) throw realmRefused(chosen.denied.realm, chosen.denied.judgement.reason, answer);
      return undefined;
    }
    if (chosen.scheme === 'basic') {
      if (credential === undefined) return undefined;
      wanted = 'basic';
      return { scheme: 'basic' };
    }
    if (chosen.realm.verdict === 'notice') {
      const [registry, realm] = [origin, chosen.realm.url].map((url) => new URL(url).host);
      say('notice', `${registry} names ${realm} as its token service: credentials for it go there, as from a node`);
    }
    const { service, scope } = chosen.challenge.params;
    const named = { ...(service !== undefined && { service }), ...(scope !== undefined && { scope }) };
    return proofFor({ realm: chosen.realm.url, repository, ...named });
  };

  /** What to show after a 401; `undefined`: nothing better than what was shown. */
  const improve = async (
    answer: RegistryAnswer,
    shown: Proof | undefined,
    tried: Tried,
  ): Promise<Proof | undefined> => {
    if (shown === undefined) return introduce(answer);
    if (shown.scheme === 'basic' || shown.question === undefined) return undefined;
    const { error = '', scope } = answer.challenges.find(({ scheme }) => scheme === 'bearer')?.params ?? {};
    if (error.toLowerCase() === 'insufficient_scope') {
      const isNew = scope !== undefined && scope !== shown.question.scope && !tried.wider;
      tried.wider = true;
      return isNew ? proofFor({ ...shown.question, scope }) : undefined;
    }
    // Those who do not say why mostly mean that the time of a token that was good is over.
    const isDead = (error === '' ? tried.kept : error.toLowerCase() === 'invalid_token') && !tried.newer;
    tried.newer = true;
    return isDead ? proofFor(shown.question, shown.token) : undefined;
  };

  return {
    async send(request) {
      let shown: Proof | undefined;
      if (wanted === 'basic') shown = { scheme: 'basic' };
      else if (wanted !== 'nothing') shown = await proofFor(wanted);
      const tried: Tried = { kept: shown !== undefined, newer: false, wider: false };
      for (let round = 0; ; round++) {
        const answer = await ask(request, shown);
        if (answer.status !== 401 || answer.redirected || round === maxRounds) return answer;
        const better = await improve(answer, shown, tried).catch((error: unknown) => {
          answer.cancel();
          throw error;
        });
        if (better === undefined) return answer;
        answer.cancel();
        shown = better;
        tried.kept = false;
      }
    },
  };
}

/** What a request has been sent with: a token of an earlier request, a newer one, one that is good for more. */
interface Tried {
  kept: boolean;
  newer: boolean;
  wider: boolean;
}

const refusals: Readonly<Record<RealmReason, string>> = {
  'invalid-realm': 'which is no address',
  'unsupported-scheme': 'which is neither https nor http',
  userinfo: 'which holds user information',
  'tls-downgrade': 'which is not protected by TLS',
  'special-address': 'which is inside a network that a registry has no business to send us to',
  'same-host-other-port': 'which is on another port, and --strict refuses that',
  'cross-site': 'which belongs to somebody else, and --strict refuses that',
  'cross-host-ip': 'which is another address, and --strict refuses that',
  'same-host-port': 'which is itself',
  'same-site': 'which belongs to the same site',
  'relative-same-origin': 'which is itself',
};

function realmRefused(realm: string, reason: RealmReason, { request, mask }: WireAnswer): PurserError {
  return new PurserError('POLICY', {
    doing: `answering the challenge of ${request.url}`,
    found: `its token service is ${mask(redactUrl(realm))}, ${refusals[reason]}`,
    todo: 'no credential was sent; a node would send it: correct the configuration of the registry',
    request,
  });
}
