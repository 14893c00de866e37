/**
 * Tokens for one credential, or for nobody: asked for when a challenge wants one, shared by all who wait for the same,
 * kept in memory until shortly before their end, and never anywhere else. How they are asked for is a habit
 * (token-request.ts); who sends is the transport. A token proves nothing: only the registry's next answer does.
 */
import type { Clock } from '../clock.ts';
import type { AuthConfig } from '../credential.ts';
import { type ErrorCode, RegistryError, type RequestFacts } from '../errors.ts';
import { parseRetryAfter } from './retry-after.ts';
import type { TokenAttempt, TokenHabit, TokenQuestion } from './token-request.ts';
import { decodeTokenResponse, type RegistryToken, type TokenFault } from './token-response.ts';

/** What a token service said, whole. */
export interface TokenAnswer {
  readonly status: number;
  readonly body: string;
  readonly retryAfter: string | null;
  readonly request: RequestFacts;
}

export interface TokenSource {
  /** A kept token or a new one; never `stale`, which the registry refused. Throws RegistryError, PurserError. */
  tokenFor(question: TokenQuestion, stale?: string): Promise<string>;
}

export interface TokenSourceOptions {
  /** A source serves one credential, so no key of its cache needs to name one. */
  readonly credential: AuthConfig | undefined;
  readonly habit: TokenHabit;
  readonly clock: Clock;
  send(attempt: TokenAttempt): Promise<TokenAnswer>;
}

interface KeptToken {
  readonly token: string;
  /** On the monotonic clock. */
  readonly freshUntil: number;
}

/** Milliseconds before its end at which a token is no longer used, or a quarter of its life if that is less. */
const maxMargin = 30_000;

export function createTokenSource({ credential, habit, clock, send }: TokenSourceOptions): TokenSource {
  const kept = new Map<string, Promise<KeptToken>>();

  const ask = async (question: TokenQuestion): Promise<KeptToken> => {
    const attempts = habit({ ...question, ...(credential === undefined ? {} : { credential }) });
    let answer: TokenAnswer | undefined;
    for (const attempt of attempts) {
      answer = await send(attempt);
      if (attempt.fallbackOn.includes(answer.status) && attempt !== attempts.at(-1)) continue;
      return keep(readToken(answer, attempt, clock.now(), credential === undefined), clock);
    }
    throw new RangeError('a habit makes at least one attempt');
  };

  return {
    async tokenFor(question, stale) {
      const key = JSON.stringify([question.realm, question.service, question.repository, question.scope]);
      for (let current = kept.get(key); current !== undefined; current = kept.get(key)) {
        const { token, freshUntil } = await current;
        if (token !== stale && clock.monotonic() < freshUntil) return token;
        // Of all who find it stale, the first one asks; the others find the question that it asked.
        if (kept.get(key) === current) kept.delete(key);
      }
      const asked = ask(question);
      kept.set(key, asked);
      try {
        return (await asked).token;
      } catch (error) {
        if (kept.get(key) === asked) kept.delete(key);
        throw error;
      }
    },
  };
}

function keep({ token, expiresAt }: RegistryToken, clock: Clock): KeptToken {
  const life = expiresAt - clock.now();
  return { token, freshUntil: clock.monotonic() + life - Math.min(maxMargin, life / 4) };
}

function readToken(answer: TokenAnswer, attempt: TokenAttempt, now: number, isAnonymous: boolean): RegistryToken {
  const { onlyAccessToken = false } = attempt;
  const { status, body, request, retryAfter } = answer;
  const decoded = decodeTokenResponse(status, body, now, { onlyAccessToken });
  if (!('error' in decoded)) return decoded;
  const [code, found, todo] = refusalOf(decoded.error, isAnonymous, onlyAccessToken);
  const facts = { doing: `asking ${request.url}`, found: `${status} from its token service, ${found}`, todo, request };
  throw new RegistryError(code, facts, parseRetryAfter(retryAfter, now));
}

type Refusal = readonly [code: ErrorCode, found: string, todo: string];

function refusalOf(fault: TokenFault, isAnonymous: boolean, onlyAccessToken: boolean): Refusal {
  const lookThere = 'look at what answers there; is it the token service of this registry?';
  switch (fault) {
    case 'credential-refused':
    case 'bad-request':
      return isAnonymous
        ? ['REGISTRY_DENIED', 'there is no token without a credential', 'give the registry an entry with a credential']
        : ['REGISTRY_DENIED', 'the credential is refused', 'check user name and password'];
    case 'rate-limited':
      return ['REGISTRY_LIMITED', 'too many requests', 'wait, or ask with an account that may ask more often'];
    case 'token-endpoint-unavailable':
      return ['REGISTRY_UNAVAILABLE', 'the service is in trouble', 'try again later'];
    case 'unexpected-status':
      return ['REGISTRY_PROTOCOL', 'which is no answer to this question', lookThere];
    case 'no-token':
      return ['UPSTREAM_FORMAT', `without ${onlyAccessToken ? 'an access_token' : 'a token'}`, lookThere];
    case 'invalid-json':
      return ['UPSTREAM_FORMAT', 'with a body that is not JSON', lookThere];
    case 'invalid-token-response':
      return ['UPSTREAM_FORMAT', 'with a body that holds no usable token', lookThere];
  }
}
