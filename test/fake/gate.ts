/**
 * Who may ask the registry what, and how it says no: WWW-Authenticate of RFC 9110, Basic of RFC 7617, Bearer of RFC 6750
 * and of distribution's token specification. Odd challenges are faults (faults.ts), not modes.
 */
import { checkBasic, type Users } from './accounts.ts';
import { type Answer, errorAnswer, type HeaderLine } from './answer.ts';
import type { Repositories } from './repositories.ts';
import { authorizationOf, type ReceivedRequest } from './request.ts';
import type { TokenServiceOptions } from './token-service.ts';
import type { Tokens } from './tokens.ts';

export type AuthOptions = NoAuth | BasicAuth | BearerAuth;

/** Credentials are not looked at. */
export interface NoAuth {
  readonly mode: 'none';
}

export interface BasicAuth {
  readonly mode: 'basic';
  readonly users: Users;
  readonly realm?: string;
  /** What a user without rights to a repository hears; default `denied`. */
  readonly withoutRights?: 'denied' | 'not-found';
}

export interface BearerAuth extends TokenServiceOptions {
  readonly mode: 'bearer';
  /** What a good token without rights to a repository hears; default `challenge`, as Docker Hub. */
  readonly withoutRights?: 'challenge' | 'denied' | 'not-found';
  /** Whether a public repository answers without any token, as Quay; default: it asks for one, as Docker Hub. */
  readonly openPublic?: boolean;
}

export interface Gate {
  /** Undefined lets the request in; without a name it is a ping. */
  refuse(request: ReceivedRequest, name: string | undefined): Answer | undefined;
  /** What a dead token hears; undefined where there are no tokens. */
  refuseDead(name: string | undefined): Answer | undefined;
}

export function createOpenGate(): Gate {
  return { refuse: () => undefined, refuseDead: () => undefined };
}

export function createBasicGate(options: BasicAuth, repositories: Repositories): Gate {
  const { users, realm = 'fake', withoutRights = 'denied' } = options;
  const challenge = (): Answer => unauthorized(`Basic realm="${realm}"`);
  return {
    refuse(request, name) {
      const authorization = authorizationOf(request);
      const isPublic = name !== undefined && repositories.isPublic(name);
      if (authorization === undefined) return isPublic ? undefined : challenge();
      if (authorization.scheme !== 'basic') return challenge();
      const result = checkBasic(users, authorization.parameters);
      if (result === 'malformed') return errorAnswer(400, 'UNAUTHORIZED', 'no Basic credentials');
      if (result === 'wrong') return challenge();
      if (name === undefined || repositories.mayPull(name, result.user)) return undefined;
      return withoutRights === 'denied' ? denied() : notFound(name);
    },
    refuseDead: challenge,
  };
}

export interface BearerGateParts {
  readonly repositories: Repositories;
  readonly tokens: Tokens;
  /** Known only once the servers listen. */
  readonly realm: () => string;
  readonly service: string;
}

export function createBearerGate(options: BearerAuth, parts: BearerGateParts): Gate {
  const { withoutRights = 'challenge', openPublic = false, scope } = options;
  const { repositories, tokens, realm, service } = parts;
  const challenge = (name: string | undefined, error?: string): Answer => {
    const wanted = name === undefined ? undefined : (scope ?? `repository:${name}:pull`);
    const rest = [
      ...(wanted === undefined ? [] : [`scope="${wanted}"`]),
      ...(error === undefined ? [] : [`error="${error}"`]),
    ];
    return unauthorized([`Bearer realm="${realm()}"`, `service="${service}"`, ...rest].join(','));
  };
  return {
    refuse(request, name) {
      const authorization = authorizationOf(request);
      const open = openPublic && name !== undefined && repositories.isPublic(name);
      if (authorization === undefined) return open ? undefined : challenge(name);
      if (authorization.scheme !== 'bearer') return challenge(name);
      const grant = tokens.check(authorization.parameters);
      if (grant === undefined) return challenge(name, 'invalid_token');
      if (name === undefined) return undefined;
      const granted = grant.access.some(({ type, name: other, actions }) => {
        return type === 'repository' && (other === name || other === '*') && actions.includes('pull');
      });
      if (granted && repositories.mayPull(name, grant.user)) return undefined;
      if (withoutRights === 'challenge') return challenge(name, 'insufficient_scope');
      return withoutRights === 'denied' ? denied() : notFound(name);
    },
    refuseDead: (name) => challenge(name, 'invalid_token'),
  };
}

function unauthorized(challenge: string): Answer {
  const headers: HeaderLine[] = [['WWW-Authenticate', challenge]];
  return errorAnswer(401, 'UNAUTHORIZED', 'authentication required', { headers });
}

function denied(): Answer {
  return errorAnswer(403, 'DENIED', 'requested access to the resource is denied');
}

function notFound(name: string): Answer {
  return errorAnswer(404, 'NAME_UNKNOWN', 'repository unknown', { detail: { name } });
}
