/** One pull with one credential, or with none: how it ended, which request decided, and what was said on the way. */
import type { Clock } from './clock.ts';
import type { AuthConfig } from './credential.ts';
import { PurserError, type RequestFacts } from './errors.ts';
import type { HttpClient } from './http.ts';
import type { Reference } from './registry/client.ts';
import type { Platform } from './registry/manifest.ts';
import type { RealmOptions } from './registry/realm.ts';
import { createSession } from './registry/session.ts';
import { specifiedTokenRequest, type TokenHabit } from './registry/token-request.ts';
import type { Sent, Trace, TraceEvent } from './registry/trace.ts';
import { containerdTokenRequest } from './runtime/containerd-token.ts';
import { type Pulled, type PullLevel, pullImage } from './runtime/pull.ts';
import { type Outcome, verdictOfError } from './verdict.ts';

export interface Attempt extends Outcome {
  readonly pulled?: Pulled;
  readonly decidedBy: RequestFacts;
  /** The conversation up to the manifest, and what decided after it. */
  readonly steps: readonly Step[];
}

export interface Step {
  readonly request: RequestFacts;
  readonly sent: Sent;
}

export interface AttemptOptions {
  readonly http: HttpClient;
  readonly clock: Clock;
  readonly host: string;
  readonly repository: string;
  readonly reference: Reference;
  readonly plainHTTP: boolean;
  /** All credentials of this verification: a registry may give back what an earlier attempt showed. */
  readonly shownBefore?: readonly AuthConfig[];
  readonly realms: RealmOptions;
  readonly platform: Platform;
  readonly level: PullLevel;
  /** Digests and sizes of the blobs that some attempt has checked. */
  readonly checked: Map<string, number>;
  readonly trace: Trace;
}

/** Throws only what says nothing about the pull. */
export async function attemptPull(credential: AuthConfig | undefined, options: AttemptOptions): Promise<Attempt> {
  const attempt = await pullOnce(credential, containerdTokenRequest, options);
  if (!isRefusedForm(attempt)) return attempt;
  // Containerd gives up where somebody else would have asked by GET: is it the credential, or the manner of asking?
  const other = await pullOnce(credential, specifiedTokenRequest, { ...options, level: 'access' });
  if (other.error === undefined) {
    const text = 'the credential is good when a token is asked for by GET; containerd asks by POST and gives up';
    options.trace({ kind: 'warning', text });
  }
  return attempt;
}

/** A token service had an answer to a form with the credential, and no token. */
function isRefusedForm({ error }: Attempt): boolean {
  if (error?.facts.request?.method !== 'POST') return false;
  return error.code === 'REGISTRY_DENIED' || error.code === 'REGISTRY_PROTOCOL' || error.code === 'UPSTREAM_FORMAT';
}

async function pullOnce(
  credential: AuthConfig | undefined,
  habit: TokenHabit,
  options: AttemptOptions,
): Promise<Attempt> {
  const { platform, trace: tell, ...rest } = options;
  const steps: Step[] = [];
  let isTalking = true;
  const trace = (event: TraceEvent): void => {
    if (event.kind === 'request' && isTalking) steps.push({ request: event.request, sent: event.sent });
    // From here on there are as many requests as blobs.
    if (event.kind === 'blobs') isTalking = false;
    tell(event);
  };
  const owner = isShown(credential) ? { credential } : {};
  const session = createSession({ ...rest, ...owner, habit, trace });
  try {
    const pulled = await pullImage(session, { ...rest, host: platform, trace });
    return { pulled, credentialSent: session.credentialSent, decidedBy: pulled.request, steps };
  } catch (error) {
    if (!(error instanceof PurserError) || verdictOfError(error) === undefined) throw error;
    const decidedBy = error.facts.request ?? steps.at(-1)?.request ?? nobody;
    return { error, credentialSent: session.credentialSent, decidedBy, steps };
  }
}

/** Without a user name or a password, containerd shows nothing (ParseAuth in its internal/cri, and authorizer.go). */
export function isShown(credential: AuthConfig | undefined): credential is AuthConfig {
  return credential !== undefined && credential.username !== '' && credential.password !== '';
}

/** Nothing was asked. */
const nobody: RequestFacts = { method: 'GET', url: '' };
