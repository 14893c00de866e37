/**
 * What a token service answered, as a value. https://distribution.github.io/distribution/spec/auth/token/ names the
 * members, https://www.rfc-editor.org/rfc/rfc6750 the characters of a token. A token is no proof that the credential is
 * good: some services hand out an empty one for a wrong password. Left out: asking (token.ts), keeping.
 */
import { isJsonObject, type Json, JsonError, parseJson } from '../json.ts';

export interface RegistryToken {
  readonly token: string;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
  readonly refreshToken?: string;
}

export type TokenFault =
  | 'invalid-json'
  | 'invalid-token-response'
  | 'no-token'
  | 'credential-refused'
  | 'bad-request'
  | 'rate-limited'
  | 'token-endpoint-unavailable'
  | 'unexpected-status';

/** A JWT with many scopes is a few KiB; peers allow from 64 KiB to 1 MiB. */
export const maxTokenResponseBytes = 64 * 1024;

/** Tokens that say less are not believed: the specification promises a minute. */
const minLifeSeconds = 60;
/** A longer life is one that never ends within a run; keeps the sum a date. */
const maxLifeSeconds = 10 * 365 * 24 * 3600;

/**
 * `now` is the clock at the end of the exchange, in milliseconds since the epoch. `onlyAccessToken`: some readers look at
 * no other member.
 */
export function decodeTokenResponse(
  status: number,
  body: string,
  now: number,
  { onlyAccessToken = false }: { readonly onlyAccessToken?: boolean } = {},
): RegistryToken | { readonly error: TokenFault } {
  if (status !== 200) return { error: statusFault(status) };
  let document: Json;
  try {
    document = parseJson(body, { duplicates: 'last' });
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    return { error: 'invalid-json' };
  }
  if (!isJsonObject(document)) return { error: 'invalid-token-response' };
  const { token, access_token, refresh_token, expires_in = null, issued_at } = document;
  if (![token, access_token, refresh_token].every(isAbsentOrText)) return { error: 'invalid-token-response' };
  if (expires_in !== null && (typeof expires_in !== 'number' || !Number.isFinite(expires_in)))
    return { error: 'invalid-token-response' };
  const chosen = textOf(access_token) || (onlyAccessToken ? '' : textOf(token));
  const refreshToken = textOf(refresh_token);
  if (chosen === '') return { error: 'no-token' };
  // Anything else could end the header line that the token is going to stand in.
  if (![chosen, refreshToken].every((text) => /^[\x21-\x7e]*$/.test(text))) return { error: 'invalid-token-response' };
  return {
    token: chosen,
    expiresAt: expiry(expires_in ?? minLifeSeconds, textOf(issued_at), now),
    ...(refreshToken !== '' && { refreshToken }),
  };
}

function statusFault(status: number): TokenFault {
  if (status === 401 || status === 403) return 'credential-refused';
  if (status === 400) return 'bad-request';
  if (status === 429) return 'rate-limited';
  return status >= 500 ? 'token-endpoint-unavailable' : 'unexpected-status';
}

function isAbsentOrText(value: Json | undefined): boolean {
  return value === undefined || value === null || typeof value === 'string';
}

function textOf(value: Json | undefined): string {
  return typeof value === 'string' ? value : '';
}

/** Clocks are wrong in both directions: an issue time that makes no sense counts as now. */
function expiry(expiresIn: number, issuedAt: string, now: number): number {
  const life = Math.min(Math.max(expiresIn, minLifeSeconds), maxLifeSeconds) * 1000;
  const issued = parseTime(issuedAt);
  if (issued === undefined || issued > now || issued + life <= now) return now + life;
  return issued + life;
}

const rfc3339 = /^(\d{4}-\d\d-\d\d)[Tt](\d\d:\d\d:\d\d)(\.\d+)?([Zz]|[+-]\d\d:\d\d)$/;

/** Runtimes disagree about more than three digits of a fraction, and about lower case. */
function parseTime(text: string): number | undefined {
  const [, day, time, fraction = '', zone = ''] = rfc3339.exec(text) ?? [];
  const parsed = Date.parse(`${day}T${time}${fraction.slice(0, 4)}${zone.toUpperCase()}`);
  return Number.isNaN(parsed) ? undefined : parsed;
}
