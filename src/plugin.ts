/**
 * The heart: a request and a config to the answer a kubelet gets. Which entry, which credentials, under which keys,
 * for how long: the last two are decided here only. The rules of keys and cache are in docs/answers.md.
 */
import type { Clock, Deadline } from './clock.ts';
import { type Entry, entryName, isFirstForWholeHost, type PurserConfig, selectEntries } from './config.ts';
import type { AuthConfig, Credential } from './credential.ts';
import { matchesHost } from './entry-pattern.ts';
import { InputError, ProviderError, PurserError, quote } from './errors.ts';
import { readTrustedFile, secretText } from './file.ts';
import { hostFault } from './image-host.ts';
import { ImageReferenceError, parseImageReference } from './image-reference.ts';
import type { CacheKeyType, CredentialProviderRequest, CredentialProviderResponse } from './kubelet/api.ts';
import { formatSeconds } from './kubelet/duration.ts';
import type { Plan, PlanRequest, ProviderContext, ProviderDefinition } from './provider.ts';
import type { ProviderFetch } from './provider-fetch.ts';

/** What an answer needs from the machine. */
export interface Machine {
  readonly clock: Clock;
  readonly deadline: Deadline;
  readonly env: ProviderContext['env'];
  readonly uid: number | undefined;
  log(fact: string): void;
  fetch(entry: Pick<Entry, 'caFile' | 'plainHTTP'>): ProviderFetch;
}

/** A response, and how it came about: for verify, get, explain and the log. */
export interface Answer {
  readonly response: CredentialProviderResponse;
  /** What was asked and answered; absent when nothing serves the image. */
  readonly source?: Source;
  /** One for each key of the response, in the order in which a kubelet tries them. */
  readonly keys: readonly AnswerKey[];
}

export interface Source {
  readonly provider: string;
  /** Absent when the host was recognised without an entry. */
  readonly entry?: Entry;
  readonly plan: Plan;
}

export interface AnswerKey {
  readonly key: string;
  readonly credential: Credential;
}

/** Answers one request; throws a PurserError where there should be a credential and none can be had. */
export async function respond(
  request: CredentialProviderRequest,
  config: PurserConfig,
  machine: Machine,
): Promise<Answer> {
  const planRequest = toPlanRequest(request);
  for (const candidate of candidates(config, planRequest)) {
    const found = await ask(candidate, planRequest, machine);
    if (found === undefined) continue;
    const { provider, entry } = candidate;
    const source = { provider: provider.name, plan: found.plan, ...(entry === undefined ? {} : { entry }) };
    return answerWith(request, planRequest, config, source, found.credentials, machine);
  }
  return { response: emptyResponse(request), keys: [] };
}

/** The image, normalised as a kubelet does before it asks; a tag or a digest is dropped. */
export function toPlanRequest(request: Omit<CredentialProviderRequest, 'apiVersion'>): PlanRequest {
  const { image, serviceAccountToken, serviceAccountAnnotations } = request;
  const { host, repository } = parseImage(image);
  return {
    image: `${host}/${repository}`,
    host,
    repository,
    ...(serviceAccountToken === undefined ? {} : { serviceAccountToken }),
    ...(serviceAccountAnnotations === undefined ? {} : { serviceAccountAnnotations }),
  };
}

function parseImage(image: string): { host: string; repository: string } {
  const { host, repository } = parseName(image);
  const fault = hostFault(host);
  if (fault !== undefined) throw imageError(image, fault);
  return { host, repository };
}

function parseName(image: string): { host: string; repository: string } {
  try {
    return parseImageReference(image);
  } catch (error) {
    if (!(error instanceof ImageReferenceError)) throw error;
    throw imageError(image, error.message);
  }
}

function imageError(image: string, found: string): InputError {
  const todo = 'name it host/path or host:port/path, in lower case, without scheme or user';
  return new InputError('REQ_IMAGE', { doing: `reading the image ${quote(image)}`, found, todo });
}

/** Whoever may serve an image, in order: matching entries, then providers that recognise the host by themselves. */
export interface Candidate {
  readonly provider: ProviderDefinition;
  readonly options: unknown;
  readonly entry?: Entry;
}

export function candidates(config: PurserConfig, { host, repository }: PlanRequest): readonly Candidate[] {
  const entries = selectEntries(config, host, repository).map(({ entry }) => {
    return { provider: entry.provider, options: entry.options, entry };
  });
  const automatic = config.automatic
    .filter((provider) => provider.recognises(host))
    .map((provider) => {
      return { provider, options: provider.decode({}) };
    });
  return [...entries, ...automatic];
}

/** What a candidate has for the image; `undefined` passes on to the next one. A failure never does. */
async function ask(
  { provider, options, entry }: Candidate,
  request: PlanRequest,
  machine: Machine,
): Promise<{ readonly plan: Plan; readonly credentials: readonly Credential[] } | undefined> {
  try {
    const loaded = await provider.load();
    const plan = loaded.plan(request, options);
    if (plan === undefined) return undefined;
    const credentials = await loaded.getCredentials(plan, options, contextFor(entry, machine), request);
    return credentials.length === 0 ? undefined : { plan, credentials };
  } catch (error) {
    if (!(error instanceof PurserError)) throw error;
    // A kubelet's log shows one line, and a config has many entries: say which one it is about.
    const asked = entry === undefined ? provider.name : entryName(entry);
    const facts = { ...error.facts, doing: `${error.facts.doing} for ${asked}`, cause: error };
    throw new ProviderError(error.code, provider.name, facts);
  }
}

/** "Nothing for this image" is success. A kubelet caches it like any answer, hence the narrowest key and no time. */
function emptyResponse({ apiVersion }: CredentialProviderRequest): CredentialProviderResponse {
  return { apiVersion, cacheKeyType: 'Image', cacheDuration: '0s', auth: null };
}

function answerWith(
  request: CredentialProviderRequest,
  planRequest: PlanRequest,
  config: PurserConfig,
  source: Source,
  credentials: readonly Credential[],
  machine: Machine,
): Answer {
  const cacheKeyType = cacheKeyTypeFor(planRequest, config, source, credentials);
  const keys = cacheKeyType === 'Registry' ? [planRequest.host] : imageKeys(planRequest, credentials.length);
  const dropped = credentials.length - keys.length;
  if (dropped > 0) machine.log(`dropped ${dropped} credentials: the path of ${planRequest.image} has no more keys`);
  const auth: Record<string, AuthConfig> = {};
  const answerKeys: AnswerKey[] = [];
  for (const [index, key] of keys.entries()) {
    const credential = credentials[index];
    if (credential === undefined) break;
    auth[key] = { username: credential.username, password: credential.password };
    answerKeys.push({ key, credential });
  }
  const lifetime = cacheLifetime(credentials, source.entry?.cacheDuration, machine.clock.now());
  const response = { apiVersion: request.apiVersion, cacheKeyType, cacheDuration: formatSeconds(lifetime), auth };
  return { response, source, keys: answerKeys };
}

/**
 * `Registry` only if every image of the host gets this very credential: the entry comes first for the whole host and
 * the provider would choose nothing else there. Anything wider than the truth would hand a cached credential to an
 * image that should get another one.
 */
function cacheKeyTypeFor(
  { host }: PlanRequest,
  config: PurserConfig,
  { entry }: Source,
  credentials: readonly Credential[],
): CacheKeyType {
  if (credentials.length !== 1 || credentials[0]?.scope !== host) return 'Image';
  return servesWholeHost(config, entry, host) ? 'Registry' : 'Image';
}

/** Whether this entry, or a provider without one, is asked first for every image of the host. */
export function servesWholeHost(config: PurserConfig, entry: Entry | undefined, host: string): boolean {
  return entry === undefined ? selectsNothing(config, host) : isFirstForWholeHost(config, entry, host);
}

function selectsNothing(config: PurserConfig, host: string): boolean {
  return config.entries.every((entry) => entry.patterns.every((pattern) => !matchesHost(pattern, host)));
}

/**
 * Keys that all match the image and that a kubelet, which tries them in reverse byte order, tries in ours: the
 * repository, then a segment less each time, down to the host.
 */
export function imageKeys({ host, repository }: PlanRequest, count: number): string[] {
  const segments = repository.split('/');
  const keys: string[] = [];
  for (let length = segments.length; length >= 0 && keys.length < count; length--) {
    const path = segments.slice(0, length).join('/');
    // A kubelet strips one leading /v1/ or /v2/ from the path of a key, so we give it one to strip.
    const strippable = path.startsWith('v1/') || path.startsWith('v2/');
    keys.push(path === '' ? host : `${host}/${strippable ? 'v2/' : ''}${path}`);
  }
  return keys;
}

/** A password that somebody changes by hand is asked for again after this long, unless the entry says otherwise. */
export const standingLifetime = 5 * 60_000;

/** Milliseconds for which the whole answer holds: the shortest of its credentials, at most what the entry allows. */
function cacheLifetime(credentials: readonly Credential[], limit: number | undefined, now: number): number {
  const lifetimes = credentials.map(({ expiresAt }) => {
    if (expiresAt === undefined) return 0;
    return expiresAt === 'never' ? (limit ?? standingLifetime) : withMargin(expiresAt - now);
  });
  return Math.max(0, Math.min(limit ?? Number.POSITIVE_INFINITY, ...lifetimes));
}

/** A pull that starts at the end of the cache time must still find the token alive: max(60 s, 10 % of its life). */
function withMargin(remaining: number): number {
  return remaining - Math.max(60_000, remaining / 10);
}

/** What a provider may use on behalf of an entry. */
export function contextFor(entry: Entry | undefined, machine: Machine): ProviderContext {
  const { clock, deadline, env, uid } = machine;
  return {
    clock,
    deadline,
    env,
    fetch: machine.fetch(entry ?? { plainHTTP: false }),
    log: (fact) => machine.log(fact),
    readFile: async (path, kind) => {
      const privateMode = kind !== 'public' && !(entry?.allowReadable ?? false);
      const keepByteOrderMark = kind === 'document';
      const { text } = readTrustedFile(path, { uid, maxBytes: maxFileBytes, privateMode, keepByteOrderMark });
      return kind === 'document' ? text : secretText(path, text);
    },
  };
}

/** Key files, tokens and docker configs are kilobytes. */
const maxFileBytes = 1024 * 1024;
