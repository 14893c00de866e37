/**
 * What a registry that trusts a cluster does with a service account token: it takes the issuer's public keys (RFC 7517),
 * checks the signature (RFC 7515), issuer, audience and time, and knows the caller by the subject. Nothing of purser's own
 * is used: this is the judge of what purser hands on.
 */
import { createPublicKey, type JsonWebKey, verify } from 'node:crypto';

export interface TokenVerifierOptions {
  /** As the API server serves them at /openid/v1/jwks. */
  readonly keys: readonly (JsonWebKey & { readonly kid: string })[];
  readonly issuer: string;
  readonly audience: string;
}

/** Whose token it is, as `namespace/name`; undefined where it is good for nobody here. */
export type TokenVerifier = (token: string) => string | undefined;

export function createTokenVerifier({ keys, issuer, audience }: TokenVerifierOptions): TokenVerifier {
  return (token) => {
    const [header = '', payload = '', signature = '', ...more] = token.split('.');
    if (more.length > 0) return undefined;
    const { alg, kid } = decode(header);
    const key = keys.find((candidate) => candidate.kid === kid);
    if (alg !== 'RS256' || key === undefined) return undefined;
    const publicKey = createPublicKey({ key, format: 'jwk' });
    const isSigned = verify(
      'sha256',
      Buffer.from(`${header}.${payload}`),
      publicKey,
      Buffer.from(signature, 'base64url'),
    );
    if (!isSigned) return undefined;
    const { iss, aud, exp, nbf, sub } = decode(payload);
    const now = Date.now() / 1000;
    if (iss !== issuer || !Array.isArray(aud) || !aud.includes(audience)) return undefined;
    if (typeof exp !== 'number' || exp <= now || typeof nbf !== 'number' || nbf > now) return undefined;
    return /^system:serviceaccount:([^:]+:[^:]+)$/.exec(String(sub))?.[1]?.replace(':', '/');
  };
}

function decode(part: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString());
    return typeof value === 'object' && value !== null ? { ...value } : {};
  } catch {
    // No token at all: the caller finds nothing in it.
    return {};
  }
}
