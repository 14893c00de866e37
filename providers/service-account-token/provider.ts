/**
 * The pod's own service account token as the password, for registries that take OIDC tokens: they know the caller by it.
 * https://kubernetes.io/docs/tasks/administer-cluster/kubelet-credential-provider/#service-account-token-for-credential-providers
 * Before it is handed on it is looked at, not verified: the registry has the keys for that. What is wrong is found here
 * because here it can be said; a registry would say 401. Leaves out every fall-back to what the node itself could use.
 */
import { createHash } from 'node:crypto';
import type { Credential } from '../../src/credential.ts';
import { type ErrorCode, ProviderError, quote } from '../../src/errors.ts';
import { decodeServiceAccountToken, type TokenClaims } from '../../src/kubelet/service-account-token.ts';
import type { Plan, PlanRequest, Provider, ProviderContext } from '../../src/provider.ts';

export interface ServiceAccountTokenOptions {
  readonly audience: string;
  readonly username: string;
  readonly issuer?: string;
}

export const serviceAccountTokenProvider: Provider<ServiceAccountTokenOptions> = { plan, getCredentials };

function plan({ host, repository, serviceAccountToken }: PlanRequest, options: ServiceAccountTokenOptions): Plan {
  const hash =
    serviceAccountToken === undefined ? 'none' : createHash('sha256').update(serviceAccountToken).digest('hex');
  return {
    host,
    repository,
    identity: identityOf(serviceAccountToken),
    endpoint: `the token for ${options.audience} in the request`,
    scope: host,
    cacheIdentity: JSON.stringify(['service-account-token', host, options, hash]),
  };
}

/** As the token says, which nobody has verified yet: for people to read, and for nothing to be decided by. */
function identityOf(token = ''): string {
  const claims = decodeServiceAccountToken(token);
  if ('problem' in claims || claims.account === undefined) return "the pod's service account";
  return `service account ${claims.account.namespace}/${claims.account.name}`;
}

async function getCredentials(
  { host }: Plan,
  options: ServiceAccountTokenOptions,
  { clock }: ProviderContext,
  { serviceAccountToken }: PlanRequest,
): Promise<readonly Credential[]> {
  const { audience, username } = options;
  if (serviceAccountToken === undefined) {
    const todo = `give the kubelet's provider tokenAttributes with audience ${quote(audience)}; static pods have no token`;
    throw failure('TOKEN_MISSING', 'the request carries none', todo);
  }
  const claims = decodeServiceAccountToken(serviceAccountToken);
  if ('problem' in claims) throw failure('TOKEN_INVALID', `it ${claims.problem}`, 'hand on what the kubelet sends');
  checkParties(claims, options);
  checkTimes(claims, clock.now());
  return [{ username, password: serviceAccountToken, scope: host, expiresAt: claims.expiresAt }];
}

/** What the token says itself is not shown: nobody has verified that it may be. */
function checkParties(claims: TokenClaims, { audience, issuer }: ServiceAccountTokenOptions): void {
  if (!claims.audiences.includes(audience)) {
    const todo = "make serviceAccountTokenAudience of the kubelet's config and audience of this entry the same";
    throw failure('TOKEN_AUDIENCE', `its audience (aud) is not ${quote(audience)}`, todo);
  }
  if (issuer !== undefined && claims.issuer !== issuer) {
    const todo = 'correct issuer of this entry: it is the --service-account-issuer of the API server';
    throw failure('TOKEN_ISSUER', `its issuer (iss) is not ${quote(issuer)}`, todo);
  }
}

/** Milliseconds by which two clocks may differ; API servers allow as much when they check a token. */
const clockSkew = 60_000;

function checkTimes({ expiresAt, notBefore = 0 }: TokenClaims, now: number): void {
  const todo = `compare the clock of this node, which says ${utc(now)}, with the API server's`;
  if (expiresAt + clockSkew <= now) throw failure('TOKEN_EXPIRED', `it expired (exp) at ${utc(expiresAt)}`, todo);
  if (notBefore - clockSkew > now) throw failure('TOKEN_EARLY', `it begins (nbf) at ${utc(notBefore)}`, todo);
}

function utc(time: number): string {
  return new Date(time).toISOString();
}

function failure(code: ErrorCode, found: string, todo: string): ProviderError {
  const doing = "handing on the pod's service account token";
  return new ProviderError(code, 'service-account-token', { doing, found, todo });
}
