/**
 * The realm: tokens by GET with Basic (distribution, spec/auth/token.md) and by POST with a form (spec/auth/oauth.md, RFC
 * 6749). Strict: unknown, missing or doubled parameters, a wrong service or a scope outside the grammar are 400.
 */
import { checkBasic, findUser, type Users } from './accounts.ts';
import { type Answer, errorAnswer, type HeaderLine, jsonAnswer, type TokenChange } from './answer.ts';
import type { Repositories } from './repositories.ts';
import { authorizationOf, headerOf, type ReceivedRequest } from './request.ts';
import { parseScope, type Scope } from './scope.ts';
import type { ServerIdentity } from './tls.ts';
import type { Tokens } from './tokens.ts';

export interface TokenServiceOptions {
  readonly users: Users;
  /** Default `fake-registry`. */
  readonly service?: string;
  /** Seconds a token lives; default 300, as at Docker Hub. */
  readonly life?: number;
  /** Default: 401. Harbor gives a token without rights instead. */
  readonly wrongPassword?: 'refuse' | 'empty-token';
  /** Whether nobody gets a token, which is then good for public repositories; default true. */
  readonly anonymousTokens?: boolean;
  /** What challenges ask for instead of `repository:NAME:pull`: `*`, `aws`, nothing. It stands for all rights. */
  readonly scope?: string;
  /** Part of the realm's address that a client must keep, such as `tenant=a%20b`. */
  readonly realmQuery?: string;
  /** Signs the tokens for another registry; default: they are good at this one only. */
  readonly signer?: ServerIdentity;
}

export interface TokenServiceParts {
  readonly tokens: Tokens;
  readonly repositories: Repositories;
  readonly service: string;
  readonly now: () => number;
}

export type TokenService = (request: ReceivedRequest) => Answer;

export function createTokenService(options: TokenServiceOptions, parts: TokenServiceParts): TokenService {
  const { users, life: usualLife = 300, wrongPassword = 'refuse', anonymousTokens = true } = options;
  const { tokens, repositories, service, now } = parts;

  const byGet = (request: ReceivedRequest): Answer => {
    const query = new URLSearchParams(request.query);
    const problem = findProblem(query, ['service'], ['scope', 'account', 'client_id', 'offline_token'], ['scope']);
    if (problem !== undefined) return invalid(problem);
    const scopes = query.getAll('scope');
    const offline = query.get('offline_token') === 'true';
    const authorization = authorizationOf(request);
    if (authorization === undefined) {
      return anonymousTokens ? answer(scopes, undefined, { offline: false, post: false }) : unauthorized();
    }
    if (authorization.scheme !== 'basic') return invalid(`the realm takes Basic, not ${authorization.scheme}`);
    const result = checkBasic(users, authorization.parameters);
    if (result === 'malformed') return invalid('no Basic credentials');
    if (result === 'wrong') return refuseOrEmpty(scopes, false);
    const account = query.get('account');
    if (account !== null && account !== result.user) return invalid('account is not the user');
    return answer(scopes, result.user, { offline, post: false });
  };

  const byPost = (request: ReceivedRequest): Answer => {
    const type = headerOf(request, 'content-type')?.split(';')[0]?.trim().toLowerCase();
    if (type !== 'application/x-www-form-urlencoded') return invalid('the body must be a form');
    if (headerOf(request, 'authorization') !== undefined) return invalid('a form and Authorization');
    const form = new URLSearchParams(request.body);
    const isPasswordGrant = form.get('grant_type') === 'password';
    if (!isPasswordGrant && form.get('grant_type') !== 'refresh_token') return invalid('unsupported_grant_type');
    const secrets = isPasswordGrant ? ['username', 'password'] : ['refresh_token'];
    const needed = ['grant_type', 'service', 'client_id', ...secrets];
    const problem = findProblem(form, needed, ['scope', 'access_type'], []);
    if (problem !== undefined) return invalid(problem);
    const scopes = (form.get('scope') ?? '').split(' ');
    const offline = form.get('access_type') === 'offline';
    if (!isPasswordGrant) {
      const user = tokens.userOf(form.get('refresh_token') ?? '');
      return user === undefined ? unauthorized() : answer(scopes, user, { offline, post: true });
    }
    const user = findUser(users, form.get('username') ?? '', form.get('password') ?? '');
    if (user === undefined) return refuseOrEmpty(scopes, true);
    return answer(scopes, user, { offline, post: true });
  };

  const findProblem = (
    given: URLSearchParams,
    needed: readonly string[],
    possible: readonly string[],
    repeatable: readonly string[],
  ): string | undefined => {
    for (const name of given.keys()) {
      const known = needed.includes(name) || possible.includes(name) || kept.has(name);
      if (!known) return `${name} is unknown`;
      if (given.getAll(name).length > 1 && !repeatable.includes(name)) return `${name} is doubled`;
    }
    const missing = needed.find((name) => !given.has(name));
    if (missing !== undefined) return `${missing} is missing`;
    return given.get('service') === service ? undefined : 'service is another one';
  };

  const kept = new URLSearchParams(options.realmQuery ?? '');

  const refuseOrEmpty = (scopes: readonly string[], post: boolean): Answer => {
    if (wrongPassword === 'refuse') return unauthorized();
    return answer(scopes, undefined, { offline: false, post, change: { access: 'empty' } });
  };

  interface Manner {
    readonly offline: boolean;
    readonly post: boolean;
    readonly change?: TokenChange;
  }

  const answer = (texts: readonly string[], user: string | undefined, manner: Manner): Answer => {
    const { offline, post, change = {} } = manner;
    const wanted = texts.filter((text) => text !== '').map((text) => (text === options.scope ? all : parseScope(text)));
    if (!wanted.every((scope) => scope !== undefined)) return invalid('invalid_scope');
    const access = change.access === 'empty' ? [] : wanted.flatMap((scope) => grantOf(scope, user));
    const life = change.life ?? usualLife;
    const issuedAt = now();
    const token = tokens.issue({ user, access, issuedAt, expiresAt: issuedAt + life * 1000 });
    const body = {
      access_token: token,
      ...(post ? { scope: access.map(textOf).join(' ') } : { token }),
      expires_in: life,
      issued_at: new Date(issuedAt).toISOString(),
      ...(offline && user !== undefined ? { refresh_token: tokens.issueRefreshToken(user) } : {}),
    };
    const again = (next: TokenChange): Answer => answer(texts, user, { offline, post, change: { ...change, ...next } });
    return { ...jsonAnswer(200, body, [['Cache-Control', 'no-store']]), variants: { token: again } };
  };

  // Fewer rights than asked for are no error: the token just has fewer.
  const grantOf = (scope: Scope, user: string | undefined): Scope[] => {
    if (scope === all) return [all];
    if (scope.type !== 'repository' || !(scope.actions.includes('pull') || scope.actions.includes('*'))) return [];
    return repositories.mayPull(scope.name, user) ? [{ ...scope, actions: ['pull'] }] : [];
  };

  return (request) => {
    const query = new URLSearchParams(request.query);
    for (const [name, value] of kept) {
      if (query.get(name) !== value) return invalid(`${name} of the realm was not kept`);
    }
    if (request.method === 'GET') return byGet(request);
    if ([...query.keys()].some((name) => !kept.has(name))) return invalid('parameters beside the form');
    return byPost(request);
  };
}

const all: Scope = { type: 'repository', name: '*', actions: ['pull'] };

function textOf({ type, name, actions }: Scope): string {
  return `${type}:${name}:${actions.join(',')}`;
}

function invalid(message: string): Answer {
  return errorAnswer(400, 'UNSUPPORTED', message);
}

function unauthorized(): Answer {
  const headers: HeaderLine[] = [['WWW-Authenticate', 'Basic realm="token"']];
  return errorAnswer(401, 'UNAUTHORIZED', 'incorrect username or password', { headers });
}
