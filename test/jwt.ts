/** Service account tokens as an API server writes them. Nobody here has its key, so the signature is one in form only. */

export interface TokenParts {
  /** Beside those of a token that is right; `undefined` leaves one out. */
  readonly claims?: Readonly<Record<string, unknown>>;
  readonly header?: unknown;
}

/** Seconds since the epoch at which the token was issued; it lives for an hour. */
export function tokenOf(
  issuedAt: number,
  { claims = {}, header = { alg: 'RS256', kid: 'k1' } }: TokenParts = {},
): string {
  const payload = {
    aud: ['registry.example'],
    exp: issuedAt + 3600,
    iat: issuedAt,
    iss: 'https://kubernetes.default.svc',
    nbf: issuedAt,
    sub: 'system:serviceaccount:team:puller',
    ...claims,
  };
  return [...[header, payload].map(encodePart), 'c2lnbmF0dXJl'].join('.');
}

export function encodePart(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}
