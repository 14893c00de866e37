/**
 * explain: what would happen with an image, offline. Which providers of a kubelet's config it would run and which not, by
 * which rule; what it would write to them; which entries of ours match, who would be asked first, and under which key and
 * for how long a kubelet would keep the answer. Decides nothing itself: it asks the functions that serve and the kubelet's
 * rules are made of. Left out: whether the credential is any good (verify.ts).
 */
import type { Entry, PurserConfig } from './config.ts';
import { compareSpecificity, type EntryPattern, matchesHost, matchesPath, splitHost } from './entry-pattern.ts';
import { apiVersions, type CacheKeyType, encodeRequest } from './kubelet/api.ts';
import { registryCacheKey } from './kubelet/cache-key.ts';
import { formatSeconds } from './kubelet/duration.ts';
import { explainMismatch, parseMatchImage, portMismatch } from './kubelet/match-image.ts';
import { lintMiss } from './kubelet/match-image-lint.ts';
import type { ProviderEntry, TokenAttributes } from './kubelet/provider-entry.ts';
import { type AudienceRule, audienceRefusals, audienceRule } from './kubelet/token-audience.ts';
import { candidates, imageKeys, servesWholeHost, standingLifetime, toPlanRequest } from './plugin.ts';
import type { Plan, PlanRequest } from './provider.ts';

/** A pattern as written, and the rule by which it does not match; without a reason it matches. */
export interface PatternExplanation {
  readonly pattern: string;
  readonly reason?: string;
  /** What is wrong with a pattern of a kubelet's config that does not match, whatever the image. */
  readonly advice?: string;
}

/** One provider of a kubelet's config, for an image. */
export interface KubeletProviderExplanation {
  readonly name: string;
  /** Whether the kubelet runs it for the image. */
  readonly matches: boolean;
  readonly patterns: readonly PatternExplanation[];
  /** What the kubelet writes to its stdin; a token is not known offline and shown as `<token>`. */
  readonly request?: string;
  /** Keys under which the kubelet looks for an answer that it kept, before it runs anything. */
  readonly cacheKeys?: readonly string[];
  /** Only where the kubelet sends the pod's token along. */
  readonly token?: TokenExplanation;
}

/** What a kubelet needs before it runs a provider in token mode, and what it says or does not say without. */
export interface TokenExplanation {
  readonly audience: string;
  /** `Token` or `ServiceAccount`: what is added to each cache key. */
  readonly cacheType: string;
  /** What nodes must be allowed, as a rule of a ClusterRole for the group system:nodes. */
  readonly rule: AudienceRule;
  /** What the kubelet's log holds where they are not; the provider is not run then. */
  readonly refusals: readonly string[];
  /** Whether pods without a service account run it too, without a token; otherwise they do not, and nothing is logged. */
  readonly runsWithoutAccount: boolean;
  /** Annotations that the service account must have; without one it is not run, and nothing is logged. */
  readonly requiredAnnotations: readonly string[];
}

export interface EntryExplanation {
  readonly index: number;
  readonly provider: string;
  readonly matches: boolean;
  readonly patterns: readonly PatternExplanation[];
}

/** One provider that would be asked, in order; the next one only where this one has nothing. */
export interface Asked {
  readonly provider: string;
  /** Absent where the provider recognises the host without an entry. */
  readonly entry?: number;
  /** Without a plan the provider says at once that the image is not its own. */
  readonly plan?: Pick<Plan, 'identity' | 'endpoint' | 'scope'>;
  readonly cache?: CacheForecast;
}

/** How a kubelet would keep the answer. */
export interface CacheForecast {
  /** What it may be; the credentials decide where there are two. */
  readonly cacheKeyTypes: readonly CacheKeyType[];
  /** The first credential's key, for each type in turn. */
  readonly keys: readonly string[];
  /** For a password that does not end by itself; `0s` keeps nothing. */
  readonly standing: string;
  /** Longest time for a token, whose own life, less a margin, is the other limit; absent where the entry sets none. */
  readonly limit?: string;
}

export interface Explanation {
  readonly image: string;
  /** What a kubelet matches and sends: no tag, no digest. */
  readonly normalised: string;
  readonly kubelet?: readonly KubeletProviderExplanation[];
  readonly entries: readonly EntryExplanation[];
  readonly asked: readonly Asked[];
}

/** Throws InputError for what is no image name. `kubeletProviders` are in the order of the kubelet's config. */
export async function explainImage(
  image: string,
  config: PurserConfig,
  kubeletProviders?: readonly ProviderEntry[],
): Promise<Explanation> {
  const request = toPlanRequest({ image });
  const asked: Asked[] = [];
  for (const { provider, options, entry } of candidates(config, request)) {
    const plan = (await provider.load()).plan(request, options);
    asked.push({
      provider: provider.name,
      ...(entry !== undefined && { entry: entry.index }),
      ...(plan !== undefined && { plan: publicPlan(plan), cache: forecast(request, config, entry, plan) }),
    });
  }
  return {
    image,
    normalised: request.image,
    ...(kubeletProviders !== undefined && {
      kubelet: kubeletProviders.map((provider) => explainProvider(provider, request.image)),
    }),
    entries: config.entries.map((entry) => explainEntry(entry, request)),
    asked,
  };
}

function publicPlan({ identity, endpoint, scope }: Plan): NonNullable<Asked['plan']> {
  return { identity, endpoint, scope };
}

function forecast(request: PlanRequest, config: PurserConfig, entry: Entry | undefined, plan: Plan): CacheForecast {
  const { host, image } = request;
  const limit = entry?.cacheDuration;
  const types = cacheKeyTypes(servesWholeHost(config, entry, host), plan.scope === host);
  const [first = image] = imageKeys(request, 1);
  return {
    cacheKeyTypes: types,
    keys: types.map((type) => (type === 'Registry' ? host : first)),
    standing: formatSeconds(limit ?? standingLifetime),
    ...(limit !== undefined && { limit: formatSeconds(limit) }),
  };
}

/** A plan for the image alone may still find one credential that is good for the whole host. */
function cacheKeyTypes(wholeHost: boolean, planIsForHost: boolean): readonly CacheKeyType[] {
  if (!wholeHost) return ['Image'];
  return planIsForHost ? ['Registry'] : ['Image', 'Registry'];
}

function explainProvider(provider: ProviderEntry, image: string): KubeletProviderExplanation {
  const patterns = provider.matchImages.map(({ value }) => explainMatchImage(value, image));
  const matches = patterns.some(({ reason }) => reason === undefined);
  const version = apiVersions.find((known) => known === provider.apiVersion.value);
  const explanation = { name: provider.name.value, matches, patterns };
  if (!matches || version === undefined) return explanation;
  const token = provider.tokenAttributes === undefined ? {} : { serviceAccountToken: '<token>' };
  return {
    ...explanation,
    // Without Go's escapes for HTML, which would hide what stands for the token.
    request: encodeRequest({ apiVersion: version, image, ...token }).replace('\\u003ctoken\\u003e', '<token>'),
    cacheKeys: [image, registryCacheKey(image), '<global>'],
    ...(provider.tokenAttributes !== undefined && { token: explainToken(provider.tokenAttributes) }),
  };
}

function explainToken(attributes: TokenAttributes): TokenExplanation {
  const audience = attributes.serviceAccountTokenAudience.value;
  return {
    audience,
    cacheType: attributes.cacheType.value,
    rule: audienceRule(audience),
    refusals: audienceRefusals(audience),
    runsWithoutAccount: attributes.requireServiceAccount?.value === false,
    requiredAnnotations: attributes.requiredServiceAccountAnnotationKeys.map(({ value }) => value),
  };
}

function explainMatchImage(pattern: string, image: string): PatternExplanation {
  // The config was accepted, by a kubelet that may be older than the stricter rule.
  const [parsed, target] = [parseMatchImage(pattern, { strictColons: false }), parseMatchImage(image)];
  if ('problem' in parsed) return { pattern, reason: 'a kubelet cannot read it and does not start' };
  if ('problem' in target) return { pattern, reason: 'a kubelet cannot read the image as an address' };
  const reason = explainMismatch(parsed, target);
  if (reason === undefined) return { pattern };
  const advice = lintMiss(pattern);
  return { pattern, reason, ...(advice !== undefined && { advice: `${advice.message}; ${advice.todo}` }) };
}

function explainEntry(entry: Entry, request: PlanRequest): EntryExplanation {
  const patterns = entry.patterns.toSorted(compareSpecificity).map((pattern) => {
    const reason = explainPattern(pattern, request);
    return reason === undefined ? { pattern: pattern.text } : { pattern: pattern.text, reason };
  });
  const matches = patterns.some(({ reason }) => reason === undefined);
  return { index: entry.index, provider: entry.provider.name, matches, patterns };
}

function explainPattern(pattern: EntryPattern, { host, repository }: PlanRequest): string | undefined {
  if (matchesHost(pattern, host)) {
    if (matchesPath(pattern, repository)) return undefined;
    return `the image is neither ${pattern.segments.join('/')} nor below it`;
  }
  // The host's rules are the kubelet's, so it can say which of them it is.
  const { labels, port } = splitHost(host);
  const own = { labels: pattern.labels, port: pattern.port, path: '' };
  return portMismatch(pattern.port, port) ?? explainMismatch(own, { labels, port, path: '' });
}
