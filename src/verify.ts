/**
 * verify: what each credential that a kubelet would get for an image is worth, by pulling with it. The answer comes from the
 * function that serve runs, the order from the kubelet's keyring, the manner of asking from containerd. Then the same
 * without a credential, to know whether one was needed. Left out: other runtimes' manners, mirrors, and keeping anything.
 */
import { type Attempt, type AttemptOptions, attemptPull, isShown, type Step } from './attempt.ts';
import type { Clock } from './clock.ts';
import { type Entry, type PurserConfig, selectEntries } from './config.ts';
import type { Credential } from './credential.ts';
import { InputError, quote, type RequestFacts } from './errors.ts';
import type { HttpClient } from './http.ts';
import {
  type ImageReference,
  ImageReferenceError,
  imageName,
  parseImageReference,
  withDefaultTag,
} from './image-reference.ts';
import type { CredentialProviderRequest } from './kubelet/api.ts';
import { createKeyring } from './kubelet/keyring.ts';
import { type Machine, respond } from './plugin.ts';
import { parseDigest } from './registry/digest.ts';
import type { Platform } from './registry/manifest.ts';
import type { Trace } from './registry/trace.ts';
import { containerdSchemes } from './runtime/containerd-scheme.ts';
import { formatPlatform } from './runtime/platform.ts';
import type { PullLevel } from './runtime/pull.ts';
import {
  type Judgement,
  judgeAnonymous,
  judgeCredential,
  judgeSequence,
  type Verdict,
  verdictOfError,
} from './verdict.ts';

export interface VerifyReport extends Judgement {
  readonly image: string;
  /** Absent where nothing was found. */
  readonly digest?: string;
  readonly platform?: string;
  /** In the order in which a kubelet tries them. */
  readonly credentials: readonly CredentialReport[];
  /** Keys of credentials that were not tried, because nothing that happens to them could change the verdict. */
  readonly notAsked: readonly string[];
  readonly anonymous: AnonymousReport;
  /** Distinct config and layers that the registry gave, and how many of their bytes were checked. */
  readonly blobs: number;
  readonly bytes: number;
  readonly notices: readonly string[];
  readonly warnings: readonly string[];
}

export interface CredentialReport extends Judgement {
  readonly provider: string;
  readonly key: string;
  readonly decidedBy: RequestFacts;
  readonly steps: readonly Step[];
}

export interface AnonymousReport {
  readonly verdict: Verdict;
  readonly decidedBy: RequestFacts;
  readonly steps: readonly Step[];
}

export interface VerifyOptions {
  readonly config: PurserConfig;
  /** As a kubelet would ask for the image. */
  request(image: string): CredentialProviderRequest;
  machine(): Machine;
  /** Opens connections that trust whom the entry trusts. */
  connect(entry: Entry | undefined): Promise<HttpClient>;
  readonly clock: Clock;
  /** What the node is. */
  readonly platform: Platform;
  readonly level: PullLevel;
  /** Refuse token services on other hosts instead of giving notice. */
  readonly strict: boolean;
  readonly trace: Trace;
}

/** Throws what serve would fail with for this image, and InputError for what is no image. */
export async function verifyPull(image: string, options: VerifyOptions): Promise<VerifyReport> {
  const { config, clock, level } = options;
  const reference = parseReference(image);
  const name = imageName(reference);
  const answer = await respond(options.request(name), config, options.machine());
  const matches = createKeyring([answer.response.auth ?? {}]).matches(name);
  const entry = answer.source?.entry ?? selectEntries(config, reference.host, reference.repository)[0]?.entry;
  const findings = createFindings(options.trace);
  const http = await options.connect(entry);
  const attempts: Attempt[] = [];
  let anonymous: Attempt | undefined;
  try {
    const shownBefore = matches.map(({ authConfig }) => authConfig);
    const shared = { ...(await attemptOptions(reference, entry, http, findings, options)), shownBefore };
    for (const { authConfig } of matches) {
      const attempt = await attemptPull(authConfig, { ...shared, level });
      attempts.push(attempt);
      if (endsSequence(attempt)) break;
    }
    // A credential that was never shown changed nothing, and a registry that is gone has nothing more to say.
    anonymous = attempts.find((attempt) => !attempt.credentialSent || isGone(attempt));
    const rest = attempts.length === 0 ? level : 'access';
    anonymous ??= await attemptPull(undefined, { ...shared, level: rest });
  } finally {
    await http.close();
  }

  const credentials: CredentialReport[] = [];
  for (const [index, { key }] of matches.entries()) {
    const attempt = attempts[index];
    if (attempt === undefined) break;
    const { credential } = answer.keys.find((served) => served.key === key) ?? {};
    const judgement = judge(attempt, anonymous, credential, clock.now());
    const { decidedBy, steps } = attempt;
    credentials.push({ provider: answer.source?.provider ?? '', key, ...judgement, decidedBy, steps });
  }
  // A conversation in which the credential was shown is told with the credential, and is nobody's.
  const { decidedBy, steps } = anonymous.credentialSent ? { ...anonymous, steps: [] } : anonymous;
  return {
    image,
    ...findings.found(),
    ...(credentials.length === 0 ? judgeAnonymous(anonymous) : judgeSequence(credentials)),
    credentials,
    notAsked: matches.slice(attempts.length).map(({ key }) => key),
    anonymous: { verdict: anonymousVerdict(anonymous), decidedBy, steps },
    blobs: Math.max(0, ...[...attempts, anonymous].map(({ pulled }) => pulled?.blobs ?? 0)),
    bytes: [...findings.checked.values()].reduce((sum, size) => sum + size, 0),
    notices: [...findings.notices],
    warnings: [...findings.warnings, ...schemeWarnings(reference.host, entry, anonymous)],
  };
}

/** With a tag or a digest, as containerd takes it. Throws InputError REQ_IMAGE. */
export function parseReference(image: string): ImageReference {
  let fault: string;
  try {
    const reference = withDefaultTag(parseImageReference(image));
    if (reference.host !== '') return reference;
    fault = 'its host is no host name';
  } catch (error) {
    if (!(error instanceof ImageReferenceError)) throw error;
    fault = error.message;
  }
  const todo = 'name it as host/path:tag, without scheme or user';
  throw new InputError('REQ_IMAGE', { doing: `reading the image ${quote(image)}`, found: fault, todo });
}

/** What all attempts found out together, each thing once. */
interface Findings {
  found(): { readonly digest?: string; readonly platform?: string };
  readonly checked: Map<string, number>;
  readonly notices: ReadonlySet<string>;
  readonly warnings: ReadonlySet<string>;
  readonly trace: Trace;
}

function createFindings(tell: Trace): Findings {
  let digest: string | undefined;
  let platform: string | undefined;
  const notices = new Set<string>();
  const warnings = new Set<string>();
  return {
    checked: new Map(),
    notices,
    warnings,
    found: () => ({ ...(digest !== undefined && { digest }), ...(platform !== undefined && { platform }) }),
    trace(event) {
      if (event.kind === 'resolved') digest ??= event.digest;
      if (event.kind === 'platform') platform ??= formatPlatform(event.platform);
      const told = event.kind === 'notice' ? notices : event.kind === 'warning' ? warnings : undefined;
      if (told !== undefined && 'text' in event) {
        if (told.has(event.text)) return;
        told.add(event.text);
      }
      tell(event);
    },
  };
}

async function attemptOptions(
  reference: ImageReference,
  entry: Entry | undefined,
  http: HttpClient,
  { trace, checked }: Findings,
  { clock, platform, strict }: VerifyOptions,
): Promise<Omit<AttemptOptions, 'level'>> {
  const { host, repository, tag = '' } = reference;
  const digest = parseDigest(reference.digest ?? '');
  // The list of public suffixes is large, and only here realms are judged.
  const { registrableDomain } = await import('./registry/site.ts');
  return {
    http,
    clock,
    trace,
    checked,
    platform,
    host,
    repository,
    reference: digest === undefined ? { tag } : { digest },
    plainHTTP: entry?.plainHTTP ?? false,
    realms: { registrableDomain, strict },
  };
}

/** Whether no other credential could change anything. */
function endsSequence({ error }: Attempt): boolean {
  const verdict = error && verdictOfError(error);
  return verdict === 'unreachable' || verdict === 'bad-image' || verdict === 'refused-by-policy';
}

/** Nobody would get an answer now. */
function isGone({ error }: Attempt): boolean {
  return error?.code === 'REGISTRY_UNAVAILABLE' || error?.code.startsWith('NET_') === true;
}

function judge(attempt: Attempt, anonymous: Attempt, credential: Credential | undefined, now: number): Judgement {
  const judgement = judgeCredential(attempt, anonymous);
  const { expiresAt } = credential ?? {};
  if (judgement.verdict === 'denied' && typeof expiresAt === 'number' && expiresAt <= now)
    return { verdict: 'expired', reason: `its time was over before it was tried; ${judgement.reason}` };
  if (isShown(credential)) return judgement;
  return { ...judgement, reason: `a node shows no credential that lacks user name or password; ${judgement.reason}` };
}

function anonymousVerdict({ error }: Attempt): Verdict {
  return error === undefined ? 'good' : (verdictOfError(error) ?? 'unreachable');
}

/** Where a node, as containerd is without a hosts.toml, would speak otherwise than we did. */
function schemeWarnings(host: string, entry: Entry | undefined, anonymous: Attempt): string[] {
  const isPlain = entry?.plainHTTP ?? false;
  const alsoPlain = containerdSchemes(host).includes('http');
  if (isPlain && !alsoPlain) return [`a node speaks only https to ${host}, unless its hosts.toml says otherwise`];
  if (isPlain || !alsoPlain || !isGone(anonymous)) return [];
  return [`a node would also try plain http on ${host}; say plainHTTP: true in its entry to do so here`];
}
