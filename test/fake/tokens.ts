/**
 * The tokens the fake gives out: signed like any JWT (RFC 7519, claims of distribution's token specification), good only
 * if this very registry issued them and they are still alive. To a client they are opaque.
 */
import { createHmac, randomBytes } from 'node:crypto';
import type { Scope } from './scope.ts';

export interface Tokens {
  issue(grant: Grant): string;
  /** The grant of a token that is good now. */
  check(token: string): Grant | undefined;
  /** All tokens issued until now are bad from now on; refresh tokens stay. */
  revoke(): void;
  issueRefreshToken(user: string): string;
  userOf(refreshToken: string): string | undefined;
}

export interface Grant {
  /** Undefined for nobody in particular. */
  readonly user: string | undefined;
  readonly access: readonly Scope[];
  /** Milliseconds since the epoch. */
  readonly issuedAt: number;
  readonly expiresAt: number;
}

export interface TokensOptions {
  readonly service: string;
  readonly now: () => number;
}

export function createTokens({ service, now }: TokensOptions): Tokens {
  // Random, so that no token of one run is good in another.
  const key = randomBytes(32);
  const grants = new Map<string, Grant>();
  const users = new Map<string, string>();
  let serial = 0;
  const jwt = (claims: object): string => {
    const text = [{ alg: 'HS256', typ: 'JWT' }, claims].map((part) => base64url(JSON.stringify(part))).join('.');
    return `${text}.${createHmac('sha256', key).update(text).digest('base64url')}`;
  };
  return {
    issue(grant) {
      const [iat, exp] = [grant.issuedAt, grant.expiresAt].map((at) => Math.floor(at / 1000));
      const { user = '', access } = grant;
      const token = jwt({ iss: 'fake', sub: user, aud: service, iat, nbf: iat, exp, jti: `${++serial}`, access });
      grants.set(token, grant);
      return token;
    },
    check(token) {
      const grant = grants.get(token);
      return grant !== undefined && now() < grant.expiresAt ? grant : undefined;
    },
    revoke: () => grants.clear(),
    issueRefreshToken(user) {
      const token = base64url(createHmac('sha256', key).update(`refresh ${++serial}`).digest());
      users.set(token, user);
      return token;
    },
    userOf: (refreshToken) => users.get(refreshToken),
  };
}

function base64url(bytes: string | Uint8Array): string {
  return Buffer.from(bytes).toString('base64url');
}
