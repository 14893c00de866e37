/**
 * How a token is asked for: the requests that may be sent, in order, none of them sent yet. The specification knows a GET
 * with Basic, https://distribution.github.io/distribution/spec/auth/token/, and a POST of a form,
 * https://distribution.github.io/distribution/spec/auth/oauth/. Programs have habits of their own, so a habit is an
 * argument; the one here is the specification's. Left out: refresh tokens, which a kubelet has no way to pass on.
 */
import type { AuthConfig } from '../credential.ts';
import { mergeScopes, pullScope } from './scope.ts';

/** What a challenge asks for and who answers; values as the challenge gave them. */
export interface TokenQuestion {
  /** URL that was judged fit to see the credential. */
  readonly realm: string;
  readonly service?: string;
  readonly scope?: string;
  readonly repository: string;
  /** Absent: a token for nobody in particular. */
  readonly credential?: AuthConfig;
}

export interface TokenAttempt {
  readonly method: 'GET' | 'POST';
  readonly url: string;
  /** The credential goes along as Basic; the transport attaches it. */
  readonly basic: boolean;
  /** Body of a POST; holds the password. */
  readonly form?: string;
  /** Statuses after which the next attempt is made; any other refusal is final. */
  readonly fallbackOn: readonly number[];
  /** Nothing else in the answer counts as a token. */
  readonly onlyAccessToken?: true;
}

export type TokenHabit = (question: TokenQuestion) => readonly TokenAttempt[];

/** One GET, one `scope` parameter for each resource. */
export const specifiedTokenRequest: TokenHabit = ({ realm, service = '', scope = '', repository, credential }) => {
  const scopes = mergeScopes([pullScope(repository)], scope.split(/[ \t]+/));
  const pairs: Pairs = [
    ['client_id', 'purser'],
    ...(service === '' ? [] : [['service', service] as const]),
    ...scopes.map((item) => ['scope', item] as const),
  ];
  return [{ method: 'GET', url: withQuery(realm, pairs), basic: credential !== undefined, fallbackOn: [] }];
};

export type Pairs = readonly (readonly [name: string, value: string])[];

/** Appended as text: what a realm brings along must arrive as it was written. */
export function withQuery(realm: string, pairs: Pairs): string {
  if (pairs.length === 0) return realm;
  const joint = !realm.includes('?') ? '?' : /[?&]$/.test(realm) ? '' : '&';
  return `${realm}${joint}${encodeForm(pairs)}`;
}

/** application/x-www-form-urlencoded, UTF-8. */
export function encodeForm(pairs: Pairs): string {
  const form = new URLSearchParams();
  for (const [name, value] of pairs) form.append(name, value);
  return form.toString();
}
