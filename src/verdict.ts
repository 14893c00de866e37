/**
 * What a credential is worth, from what the registry says to it and to nobody; and what an image is worth, from what a
 * kubelet's own sequence would end with: it takes the credentials in order, goes on after any error, and never tries
 * without one when it has some. docs/verify.md has the table. Pure: who asks is verify.ts.
 */
import { type ErrorCode, type ExitCode, exitCode, type PurserError } from './errors.ts';

export type Verdict =
  | 'good'
  | 'not-needed'
  | 'ignored'
  | 'denied'
  | 'expired'
  | 'not-found'
  | 'limited'
  | 'unreachable'
  | 'bad-image'
  | 'refused-by-policy';

/** How a pull ended. */
export interface Outcome {
  /** Absent: everything was there and right. */
  readonly error?: PurserError;
  /** The credential was shown to somebody, the registry or its token service. */
  readonly credentialSent: boolean;
}

/** `undefined` for an error that says nothing about a pull: it is the caller's to throw. */
export function verdictOfError({ code }: PurserError): Verdict | undefined {
  return verdicts[code];
}

const verdicts: Readonly<Partial<Record<ErrorCode, Verdict>>> = {
  REGISTRY_DENIED: 'denied',
  REGISTRY_EXPIRED: 'expired',
  REGISTRY_NOT_FOUND: 'not-found',
  REGISTRY_LIMITED: 'limited',
  REGISTRY_UNAVAILABLE: 'unreachable',
  REGISTRY_PROTOCOL: 'unreachable',
  UPSTREAM_FORMAT: 'unreachable',
  NET_CONNECT: 'unreachable',
  NET_DNS: 'unreachable',
  NET_TLS: 'unreachable',
  NET_TIMEOUT: 'unreachable',
  NET_BROKEN: 'unreachable',
  VERIFY_DIGEST: 'bad-image',
  VERIFY_SIZE: 'bad-image',
  VERIFY_MANIFEST: 'bad-image',
  VERIFY_PLATFORM: 'bad-image',
  POLICY: 'refused-by-policy',
};

/** The verdict on one credential, and why, for people who have never seen a kubelet. */
export interface Judgement {
  readonly verdict: Verdict;
  readonly reason: string;
}

/** `anonymous` is the same pull without any credential. */
export function judgeCredential(own: Outcome, anonymous: Outcome): Judgement {
  const { error, credentialSent } = own;
  const isPublic = anonymous.error === undefined;
  if (error === undefined) {
    if (!credentialSent) {
      const reason = 'the registry gave everything without asking who we are; the credential was never sent';
      return { verdict: 'ignored', reason };
    }
    if (isPublic) return { verdict: 'not-needed', reason: 'the registry takes it, but gives the image to anybody' };
    const without = isRefusal(anonymous.error)
      ? 'does not give the image without one'
      : `could not be asked for the image without one: ${reasonOf(anonymous.error)}`;
    return { verdict: 'good', reason: `the registry takes it, and ${without}` };
  }
  const verdict = verdictOfError(error) ?? 'unreachable';
  if (!isPublic || !isRefusal(error)) return { verdict, reason: reasonOf(error) };
  const harm =
    'it breaks a public pull: anybody may have the image, but a kubelet with a credential never tries without';
  return { verdict: verdict === 'expired' ? verdict : 'denied', reason: `${harm}; ${reasonOf(error)}` };
}

/** Without the request, which is told beside it; content is named by its digest. */
function reasonOf({ code, message, facts: { found, todo } }: PurserError): string {
  return code.startsWith('VERIFY_') ? message : `${found}; ${todo}`;
}

/** A 404 too: some registries hide what somebody may not see. */
function isRefusal(error: PurserError): boolean {
  const verdict = verdictOfError(error);
  return verdict === 'denied' || verdict === 'expired' || verdict === 'not-found';
}

/** The verdict where no credential is served. */
export function judgeAnonymous({ error }: Outcome): Judgement {
  if (error === undefined)
    return { verdict: 'not-needed', reason: 'no entry matches, and the registry gives the image to anybody' };
  const verdict = verdictOfError(error) ?? 'unreachable';
  return { verdict, reason: verdict === 'denied' ? `no entry matches; ${reasonOf(error)}` : reasonOf(error) };
}

/** What the kubelet's sequence ends with; `credentials` in its order, at least one. */
export function judgeSequence(credentials: readonly Judgement[]): Judgement {
  const first = credentials.find(({ verdict }) => verdictExitCode(verdict) === exitCode.ok);
  // All failed: the kubelet reports all of it, and we what weighs most.
  const worst = severity.flatMap((code) => credentials.filter(({ verdict }) => verdictExitCode(verdict) === code))[0];
  const judgement = first ?? worst;
  if (judgement === undefined) throw new RangeError('a sequence has at least one credential');
  return judgement;
}

/** What weighs more than what, among images as among credentials. */
const severity: readonly ExitCode[] = [
  exitCode.content,
  exitCode.policy,
  exitCode.refused,
  exitCode.notFound,
  exitCode.temporary,
];

export function verdictExitCode(verdict: Verdict): ExitCode {
  switch (verdict) {
    case 'good':
    case 'not-needed':
    case 'ignored':
      return exitCode.ok;
    case 'denied':
    case 'expired':
      return exitCode.refused;
    case 'not-found':
      return exitCode.notFound;
    case 'limited':
    case 'unreachable':
      return exitCode.temporary;
    case 'bad-image':
      return exitCode.content;
    case 'refused-by-policy':
      return exitCode.policy;
  }
}

/** Of several images. */
export function combinedExitCode(verdicts: readonly Verdict[]): ExitCode {
  const codes = new Set(verdicts.map(verdictExitCode));
  return severity.find((code) => codes.has(code)) ?? exitCode.ok;
}
