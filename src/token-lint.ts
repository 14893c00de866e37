/**
 * A kubelet's config and a PurserConfig side by side, where pods' own tokens are concerned. Each file is right by itself,
 * and together they give no credential: purser sees only what the kubelet sends, and never how it was configured to.
 * Each rule is explained in docs/lint.md.
 */
import { type Entry, entryName, type PurserConfig } from './config.ts';
import { quote } from './errors.ts';
import type { Advice, Problem, Severity } from './finding.ts';
import type { ProviderEntry } from './kubelet/provider-entry.ts';
import { overlaps } from './pattern-overlap.ts';
import type { KubeletToken } from './provider.ts';

export interface TokenLint {
  readonly providers: readonly ProviderFinding[];
  readonly entries: readonly { readonly entry: Entry; readonly advice: Advice }[];
}

export interface ProviderFinding {
  readonly provider: ProviderEntry;
  readonly severity: Severity;
  readonly problem: Problem;
}

/** `providers` are those that start purser with this config. */
export function lintTokens({ entries }: PurserConfig, providers: readonly ProviderEntry[]): TokenLint {
  const needs = entries.flatMap((entry) => {
    const token = entry.provider.kubeletToken?.(entry.options);
    return token === undefined ? [] : [{ entry, token, served: providers.filter((item) => serves(item, entry)) }];
  });
  return {
    providers: [...needs.flatMap(lintServed), ...providers.flatMap((provider) => lintCacheType(provider, needs))],
    entries: needs.flatMap(lintAsked),
  };
}

/** An entry that needs a token, and the kubelet's providers that could bring it one. */
interface Need {
  readonly entry: Entry;
  readonly token: KubeletToken;
  readonly served: readonly ProviderEntry[];
}

function serves({ matchImages }: ProviderEntry, { patterns }: Entry): boolean {
  return matchImages.some(({ value }) => patterns.some((pattern) => overlaps(value, pattern)));
}

/** One provider that brings the token is enough; others that run for the same images then only fail in vain. */
function lintServed({ entry, token, served }: Need): readonly ProviderFinding[] {
  const wrong = served.map((provider) => ({ provider, problem: mismatch(provider, entry, token) }));
  const isServed = wrong.some(({ problem }) => problem === undefined);
  const mismatches = wrong.flatMap(({ provider, problem }): ProviderFinding[] => {
    if (problem === undefined) return [];
    if (!isServed) return [{ provider, severity: 'error', problem }];
    return [{ provider, severity: 'warning', problem: { ...problem, rule: 'token-elsewhere' } }];
  });
  const optional = wrong
    .filter(({ problem }) => problem === undefined)
    .flatMap(({ provider }) => lintOptional(provider, entry));
  return [...mismatches, ...optional];
}

/** The first thing that keeps the token from the entry, or the kubelet from using the answer. */
function mismatch(
  { tokenAttributes, path, name }: ProviderEntry,
  entry: Entry,
  token: KubeletToken,
): Problem | undefined {
  const { audience, cacheType } = token;
  const who = entryName(entry);
  if (tokenAttributes === undefined) {
    const todo = `add tokenAttributes with serviceAccountTokenAudience: ${audience}${cacheType === undefined ? '' : `, cacheType: ${cacheType}`} and requireServiceAccount: true`;
    return { path, offset: name.offset, message: `${who} needs the pod's token, and no token is asked for here`, todo };
  }
  const { serviceAccountTokenAudience: asked, cacheType: kept } = tokenAttributes;
  if (asked.value !== audience) {
    const place = { path: `${path}.tokenAttributes.serviceAccountTokenAudience`, offset: asked.offset };
    const message = `the token is for ${quote(asked.value)}, and ${who} needs one for ${quote(audience)}`;
    return { ...place, message, todo: 'make them the same' };
  }
  if (cacheType === undefined || kept.value === cacheType) return undefined;
  const place = { path: `${path}.tokenAttributes.cacheType`, offset: kept.offset };
  const message = `${who} answers with the token itself, which a kubelet refuses with this cacheType`;
  return { ...place, message, todo: `write ${cacheType}` };
}

/** Pods without an account, static ones above all, then start purser only for it to fail. */
function lintOptional(provider: ProviderEntry, entry: Entry): readonly ProviderFinding[] {
  const required = provider.tokenAttributes?.requireServiceAccount;
  if (required === undefined || required.value) return [];
  const path = `${provider.path}.tokenAttributes.requireServiceAccount`;
  const message = `a pod without a service account starts purser too, and ${entryName(entry)} then fails`;
  const problem = { path, offset: required.offset, rule: 'token-optional', message, todo: 'write true' };
  return [{ provider, severity: 'warning', problem }];
}

function lintCacheType(provider: ProviderEntry, needs: readonly Need[]): readonly ProviderFinding[] {
  const kept = provider.tokenAttributes?.cacheType;
  if (kept?.value !== 'Token') return [];
  if (needs.some(({ token, served }) => token.cacheType === 'Token' && served.includes(provider))) return [];
  const path = `${provider.path}.tokenAttributes.cacheType`;
  const message = 'each new token starts the program again, and none of its answers here holds the token itself';
  const problem = { path, offset: kept.offset, rule: 'cache-per-token', message, todo: 'write ServiceAccount' };
  return [{ provider, severity: 'warning', problem }];
}

function lintAsked({ entry, served }: Need): TokenLint['entries'] {
  if (served.length > 0) return [];
  const message = "no provider of the kubelet's config starts purser for an image of this entry";
  return [{ entry, advice: { rule: 'never-asked', message, todo: 'add its hosts to the matchImages there' } }];
}
