/**
 * How containerd asks for a token with what a kubelet gives it: by a form first, then by GET where services were known
 * not to take the form; scopes as an exact list. core/remotes/docker/authorizer.go and auth/fetch.go of
 * https://github.com/containerd/containerd (301026e).
 */

import { pullScope } from '../registry/scope.ts';
import { encodeForm, type Pairs, type TokenAttempt, type TokenHabit, withQuery } from '../registry/token-request.ts';

export const containerdTokenRequest: TokenHabit = ({ realm, service = '', scope, repository, credential }) => {
  const scopes = containerdScopes([pullScope(repository)], scope === undefined ? [] : scope.split(' '));
  const query: Pairs = [
    ...(service === '' ? [] : [['service', service] as const]),
    ...scopes.map((item) => ['scope', item] as const),
  ];
  const get: TokenAttempt = {
    method: 'GET',
    url: withQuery(realm, query),
    basic: credential !== undefined,
    fallbackOn: [],
  };
  if (credential === undefined) return [get];
  const form: Pairs = [
    ['grant_type', 'password'],
    ['service', service],
    ['client_id', 'containerd-client'],
    ['username', credential.username],
    ['password', credential.password],
    ['scope', scopes.join(' ')],
  ];
  const post: TokenAttempt = {
    method: 'POST',
    url: realm,
    basic: false,
    form: encodeForm(form),
    // 404 of Google's first registry, 401 of Artifactory, 400 of Azure's, 405 of Harbor.
    fallbackOn: [400, 401, 404, 405],
    onlyAccessToken: true,
  };
  return [post, get];
};

/** What is needed and what the challenge lists: equal texts are one, and what they mean is not looked at. */
export function containerdScopes(wanted: readonly string[], challenge: readonly string[]): string[] {
  return [...new Set([...wanted, ...challenge])].sort();
}
