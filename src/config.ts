/**
 * PurserConfig: what it holds, and which entries an image selects. This is the way of every answer, so a strict
 * hand-written decoder reads; what is wrong with a document that it refuses, config-schema.ts says. Both accept the
 * same documents; a property test holds them together. The fields are explained in docs/configuration.md.
 */
import { compareSpecificity, type EntryPattern, matchesHost, matchesPath, parseEntryPattern } from './entry-pattern.ts';
import { isJsonObject, type Json, type JsonObject } from './json.ts';
import { parseDuration } from './kubelet/duration.ts';
import type { ProviderDefinition } from './provider.ts';

export const configApiVersion = 'purser/v1';
export const configKind = 'PurserConfig';

export interface PurserConfig {
  readonly entries: readonly Entry[];
  /** Providers that serve the hosts they recognise without an entry. */
  readonly automatic: readonly ProviderDefinition[];
  /** Absolute path of the log, when one is kept. */
  readonly log?: string;
}

/** One item of `registries`. */
export interface Entry {
  readonly index: number;
  readonly patterns: readonly EntryPattern[];
  readonly provider: ProviderDefinition;
  /** What the provider's own `decode` made of its members. */
  readonly options: unknown;
  /** Milliseconds; an upper limit. */
  readonly cacheDuration?: number;
  readonly caFile?: string;
  readonly plainHTTP: boolean;
  readonly allowReadable: boolean;
}

/** How sentences name an entry. */
export function entryName({ index, provider }: Pick<Entry, 'index' | 'provider'>): string {
  return `registries[${index}] (${provider.name})`;
}

/** Silent and strict: `undefined` where the schema would find a problem. */
export function decodeConfig(document: Json, providers: readonly ProviderDefinition[]): PurserConfig | undefined {
  if (!isJsonObject(document)) return undefined;
  const { $schema = '', apiVersion, kind, registries = [], log, automatic = true, ...others } = document;
  if (apiVersion !== configApiVersion || kind !== configKind || !isEmpty(others)) return undefined;
  if (!Array.isArray(registries) || typeof automatic !== 'boolean' || typeof $schema !== 'string') return undefined;
  if (log !== undefined && !isAbsolutePath(log)) return undefined;
  const entries: Entry[] = [];
  for (const [index, item] of registries.entries()) {
    const entry = isJsonObject(item) ? decodeEntry(item, index, providers) : undefined;
    if (entry === undefined) return undefined;
    entries.push(entry);
  }
  return { entries, automatic: automatic ? providers : [], ...(log === undefined ? {} : { log }) };
}

function decodeEntry(item: JsonObject, index: number, providers: readonly ProviderDefinition[]): Entry | undefined {
  const { matchImages, provider: name, cacheDuration, caFile, plainHTTP = false, allowReadable = false, ...own } = item;
  const provider = providers.find((definition) => definition.name === name);
  const patterns = decodePatterns(matchImages);
  if (provider === undefined || patterns === undefined) return undefined;
  if (typeof plainHTTP !== 'boolean' || typeof allowReadable !== 'boolean') return undefined;
  if (caFile !== undefined && !isAbsolutePath(caFile)) return undefined;
  const limit = cacheDuration === undefined ? undefined : decodeCacheDuration(cacheDuration);
  if (limit === null) return undefined;
  const options = provider.decode(own);
  if (options === undefined) return undefined;
  return {
    index,
    patterns,
    provider,
    options,
    plainHTTP,
    allowReadable,
    ...(limit === undefined ? {} : { cacheDuration: limit }),
    ...(caFile === undefined ? {} : { caFile }),
  };
}

function decodePatterns(matchImages: Json | undefined): EntryPattern[] | undefined {
  if (!Array.isArray(matchImages) || matchImages.length === 0) return undefined;
  const patterns: EntryPattern[] = [];
  for (const text of matchImages) {
    const pattern = typeof text === 'string' ? parseEntryPattern(text) : undefined;
    if (pattern === undefined || 'problem' in pattern) return undefined;
    patterns.push(pattern);
  }
  return patterns;
}

/** Go duration text to milliseconds; null where it is no duration or negative. */
export function decodeCacheDuration(text: Json): number | null {
  const nanoseconds = typeof text === 'string' ? parseDuration(text) : undefined;
  return nanoseconds === undefined || nanoseconds < 0n ? null : Number(nanoseconds / 1_000_000n);
}

export function isAbsolutePath(path: Json): path is string {
  return typeof path === 'string' && path.startsWith('/') && !path.includes('\0');
}

function isEmpty(members: JsonObject): boolean {
  for (const _ in members) return false;
  return true;
}

/** An entry and the pattern by which it was chosen. */
export interface Selected {
  readonly entry: Entry;
  readonly pattern: EntryPattern;
}

/** The entries for a repository, most specific first; each with its most specific pattern. */
export function selectEntries(config: PurserConfig, host: string, repository: string): readonly Selected[] {
  return rank(config, (pattern) => matchesHost(pattern, host) && matchesPath(pattern, repository));
}

function rank(config: PurserConfig, matches: (pattern: EntryPattern) => boolean): readonly Selected[] {
  const selected: Selected[] = [];
  for (const entry of config.entries) {
    const [pattern] = entry.patterns.filter(matches).sort(compareSpecificity);
    if (pattern !== undefined) selected.push({ entry, pattern });
  }
  return selected.sort(compareSelected);
}

function compareSelected(a: Selected, b: Selected): number {
  return compareSpecificity(a.pattern, b.pattern) || a.entry.index - b.entry.index;
}

/** Whether this entry is the first choice for every repository of the host, whatever its path. */
export function isFirstForWholeHost(config: PurserConfig, entry: Entry, host: string): boolean {
  const own = entry.patterns.filter((pattern) => matchesHost(pattern, host)).map((pattern) => ({ entry, pattern }));
  if (!own.some(({ pattern }) => pattern.segments.length === 0)) return false;
  // Another entry's pattern does no harm where one of ours covers all that it covers and comes before it.
  return config.entries
    .filter((other) => other !== entry)
    .flatMap((other) => other.patterns.map((pattern) => ({ entry: other, pattern })))
    .filter(({ pattern }) => matchesHost(pattern, host))
    .every((rival) => own.some((mine) => covers(mine.pattern, rival.pattern) && compareSelected(mine, rival) < 0));
}

function covers(wide: EntryPattern, narrow: EntryPattern): boolean {
  return wide.segments.every((segment, index) => narrow.segments[index] === segment);
}
