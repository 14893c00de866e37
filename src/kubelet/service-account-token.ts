/**
 * What a service account token says: a signed JWT (RFC 7519, in the compact form of RFC 7515) with the claims that an API
 * server writes, https://kubernetes.io/docs/reference/access-authn-authz/service-accounts-admin/#bound-service-account-tokens
 * Decoded, not verified: whoever gets the token has the keys of its issuer, and a plugin has not. No message quotes it.
 */
import { isJsonObject, type Json, JsonError, type JsonObject, parseJson } from '../json.ts';

export interface TokenClaims {
  readonly issuer: string;
  /** A kubelet asks for one; an issuer may write several. */
  readonly audiences: readonly string[];
  /** Milliseconds since the epoch, as the next is. */
  readonly expiresAt: number;
  readonly notBefore?: number;
  /** Absent where the subject is no service account. */
  readonly account?: { readonly namespace: string; readonly name: string };
}

/** Why a text is no such token; fit to follow "it". */
export interface TokenProblem {
  readonly problem: string;
}

export function decodeServiceAccountToken(token: string): TokenClaims | TokenProblem {
  const parts = /^([\w-]+)\.([\w-]+)\.[\w-]+$/.exec(token);
  if (parts === null) return { problem: 'is not three parts of base64url with dots between them' };
  const [header, claims] = [decodePart(parts[1]), decodePart(parts[2])];
  if (header === undefined || typeof header['alg'] !== 'string') return { problem: 'has no header that names its alg' };
  if (claims === undefined) return { problem: 'has no claims: its second part is not one JSON object' };
  const { iss, aud, exp, nbf, sub } = claims;
  const audiences = typeof aud === 'string' ? [aud] : aud;
  if (typeof iss !== 'string' || iss === '') return { problem: 'names no issuer (iss)' };
  if (!isTextList(audiences)) return { problem: 'names no audience (aud)' };
  if (!isDate(exp)) return { problem: 'has no time of expiry (exp)' };
  if (nbf !== undefined && !isDate(nbf)) return { problem: 'has a begin (nbf) that is no time' };
  const account = accountOf(sub);
  return {
    issuer: iss,
    audiences,
    expiresAt: exp * 1000,
    ...(nbf !== undefined && { notBefore: nbf * 1000 }),
    ...(account !== undefined && { account }),
  };
}

function decodePart(part = ''): JsonObject | undefined {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(part, 'base64url'));
    const value = parseJson(text);
    return isJsonObject(value) ? value : undefined;
  } catch (error) {
    // No UTF-8, or no JSON: the decoder's own message would quote what it read.
    if (error instanceof JsonError || error instanceof TypeError) return undefined;
    throw error;
  }
}

function isTextList(value: Json | undefined): value is readonly string[] {
  return Array.isArray(value) && value.length > 0 && value.every((item) => typeof item === 'string');
}

/** A NumericDate: seconds, perhaps with a fraction, within what a Date can hold. */
function isDate(value: Json | undefined): value is number {
  return typeof value === 'number' && value >= 0 && value * 1000 <= 8.64e15;
}

/** Names that an API server lets nobody have are not shown: whoever made this up may want something of a terminal. */
function accountOf(subject: Json | undefined): TokenClaims['account'] {
  const match = typeof subject === 'string' ? /^system:serviceaccount:([^:]+):([^:]+)$/.exec(subject) : null;
  const [, namespace = '', name = ''] = match ?? [];
  return label.test(namespace) && subdomain.test(name) ? { namespace, name } : undefined;
}

/** https://kubernetes.io/docs/concepts/overview/working-with-objects/names/ */
const label = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;
const subdomain = /^(?=.{1,253}$)[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*$/;
