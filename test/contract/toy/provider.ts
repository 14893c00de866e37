/** Passwords from Toy's issuer. Its API: POST /v1/TENANT/passwords {account} answers {password, expiresIn} in seconds. */
import type { Credential } from '../../../src/credential.ts';
import { type ErrorCode, ProviderError } from '../../../src/errors.ts';
import { isJsonObject, type Json, parseJson } from '../../../src/json.ts';
import type { Plan, PlanRequest, Provider, ProviderContext } from '../../../src/provider.ts';

export interface ToyOptions {
  readonly account: string;
}

export const toyProvider: Provider<ToyOptions> = { plan, getCredentials };

function plan({ host, repository }: PlanRequest, { account }: ToyOptions): Plan | undefined {
  // The tenant becomes part of a URL, so it is taken from a name that matched as a whole.
  const tenant = /^([a-z0-9-]+)\.registry\.toy\.example$/.exec(host)?.[1];
  if (tenant === undefined) return undefined;
  const endpoint = `https://issuer.toy.example/v1/${tenant}/passwords`;
  const cacheIdentity = JSON.stringify(['toy', endpoint, account]);
  return { host, repository, identity: `account ${account}`, endpoint, scope: host, cacheIdentity };
}

async function getCredentials(
  { host, endpoint }: Plan,
  { account }: ToyOptions,
  { clock, fetch }: ProviderContext,
): Promise<readonly Credential[]> {
  const headers = { 'content-type': 'application/json' };
  const { status, body } = await fetch('api', {
    method: 'POST',
    url: endpoint,
    headers,
    body: JSON.stringify({ account }),
  });
  // The issuer knows no such tenant: nothing for us, and the next entry may have something.
  if (status === 404) return [];
  if (status === 401 || status === 403)
    throw failure(endpoint, 'REGISTRY_DENIED', `it refused the account (${status})`);
  if (status !== 200) throw failure(endpoint, 'REGISTRY_UNAVAILABLE', `it answered with ${status}`);
  const { password, expiresIn } = decodeAnswer(endpoint, body);
  const lifetime = typeof expiresIn === 'number' ? { expiresAt: clock.now() + expiresIn * 1000 } : {};
  return [{ username: account, password, scope: host, ...lifetime }];
}

/** The body holds a password, and a broken one may too: no message quotes it. */
function decodeAnswer(endpoint: string, body: string): { password: string; expiresIn: Json | undefined } {
  const answer = parseOrNothing(body);
  const { password, expiresIn } = isJsonObject(answer) ? answer : {};
  if (typeof password === 'string' && password !== '') return { password, expiresIn };
  throw failure(endpoint, 'UPSTREAM_FORMAT', 'its answer holds no password');
}

function parseOrNothing(text: string): Json | undefined {
  try {
    return parseJson(text);
  } catch {
    // Why it is no JSON helps nobody who cannot see it.
    return undefined;
  }
}

function failure(endpoint: string, code: ErrorCode, found: string): ProviderError {
  return new ProviderError(code, 'toy', { doing: `asking ${endpoint}`, found, todo: 'see the status page of Toy' });
}
