/**
 * The tokens the fake gives out: signed like any JWT (RFC 7519, claims of distribution's token specification), good only
 * if this very registry issued them and they are still alive. To a client they are opaque. With a signer, registries that
 * check signatures take them too.
 */
import { createHmac, randomBytes, sign } from 'node:crypto';
import type { Scope } from './scope.ts';
import type { ServerIdentity } from './tls.ts';

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
  /** A P-256 key, and the certificate by which others trust it; default: a random key that nobody else knows. */
  readonly signer?: ServerIdentity | undefined;
}

export const issuer = 'fake';

export function createTokens({ service, now, signer }: TokensOptions): Tokens {
  // Random, so that no token of one run is good in another.
  const key = randomBytes(32);
  const grants = new Map<string, Grant>();
  const users = new Map<string, string>();
  let serial = 0;
  const ownSeal: Seal = {
    header: { alg: 'HS256', typ: 'JWT' },
    sign: (text) => createHmac('sha256', key).update(text).digest(),
  };
  const seal = signer === undefined ? ownSeal : sealOf(signer);
  const jwt = (claims: object): string => {
    const text = [seal.header, claims].map((part) => base64url(JSON.stringify(part))).join('.');
    return `${text}.${base64url(seal.sign(text))}`;
  };
  return {
    issue(grant) {
      const [iat, exp] = [grant.issuedAt, grant.expiresAt].map((at) => Math.floor(at / 1000));
      const { user = '', access } = grant;
      const token = jwt({ iss: issuer, sub: user, aud: service, iat, nbf: iat, exp, jti: `${++serial}`, access });
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

interface Seal {
  readonly header: object;
  readonly sign: (text: string) => Uint8Array;
}

/** ES256 (RFC 7518 3.4), with the certificate in the header (RFC 7515 4.1.6). */
function sealOf({ key, cert }: ServerIdentity): Seal {
  const der = cert.replace(/-----[A-Z ]+-----|\s/g, '');
  return {
    header: { alg: 'ES256', typ: 'JWT', x5c: [der] },
    sign: (text) => sign('sha256', Buffer.from(text), { key, dsaEncoding: 'ieee-p1363' }),
  };
}

function base64url(bytes: string | Uint8Array): string {
  return Buffer.from(bytes).toString('base64url');
}
