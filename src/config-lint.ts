/**
 * What is to be said about a PurserConfig: all that the schema refuses, and what it accepts although it is probably not
 * meant. Each rule is explained in docs/lint.md. Files that entries name are looked at elsewhere (entry-trial.ts).
 */
import { decodeConfig, type Entry, type PurserConfig } from './config.ts';
import { findConfigProblems, parseConfigText } from './config-schema.ts';
import { compareSpecificity, coversPattern, type EntryPattern } from './entry-pattern.ts';
import { type Finding, type Problem, placeProblems } from './finding.ts';
import { isJsonObject, type Json, lineAndColumn, memberPath } from './json.ts';
import { lintMatchImage } from './kubelet/match-image-lint.ts';
import { isApiServerAudience } from './kubelet/token-audience.ts';
import type { ProviderDefinition } from './provider.ts';

export interface ConfigLint {
  readonly findings: readonly Finding[];
  /** Absent where the schema refuses, as is the next. */
  readonly config?: PurserConfig;
  /** Where an entry has this value, or where it begins. */
  readonly locate?: (entry: Entry, value: string | undefined) => Pick<Finding, 'path' | 'line' | 'column'>;
}

export function lintConfig(text: string, providers: readonly ProviderDefinition[]): ConfigLint {
  const problems = findConfigProblems(text, providers);
  const parsed = parseConfigText(text);
  const config = 'problems' in parsed ? undefined : decodeConfig(parsed.value, providers);
  if ('problems' in parsed || config === undefined) {
    return { findings: problems.map((problem) => ({ severity: 'error', ...problem })) };
  }
  const offsetOf = (path: string): number => parsed.positions.get(path) ?? 0;
  const advice = [...lintFrame(config), ...config.entries.flatMap((entry) => lintEntry(entry, config))];
  const placed = advice.map((item) => ({ ...item, offset: offsetOf(item.path) }));
  const findings = placeProblems(
    text,
    placed.sort((a, b) => a.offset - b.offset),
    'warning',
  );
  const locate: ConfigLint['locate'] = (entry, value) => {
    const path = memberWith(parsed.value, entry, value);
    return { path, ...lineAndColumn(text, offsetOf(path)) };
  };
  return { findings, config, locate };
}

function memberWith(document: Json, { index }: Entry, value: string | undefined): string {
  const registries = isJsonObject(document) ? document['registries'] : undefined;
  const item = Array.isArray(registries) ? registries[index] : undefined;
  const found = isJsonObject(item) ? Object.entries(item).find(([, member]) => member === value) : undefined;
  return found === undefined ? `registries[${index}]` : memberPath(`registries[${index}]`, found[0]);
}

type Unplaced = Omit<Problem, 'offset'>;

function lintFrame({ entries, automatic }: PurserConfig): readonly Unplaced[] {
  if (entries.length > 0 || automatic.length > 0) return [];
  const message = 'there is no entry, and no host is served without one: every answer is empty';
  return [{ rule: 'serves-nothing', path: '', message, todo: 'add registries, or leave automatic out' }];
}

function lintEntry(entry: Entry, config: PurserConfig): readonly Unplaced[] {
  const path = `registries[${entry.index}]`;
  const problems: Unplaced[] = [];
  if (entry.plainHTTP && !entry.patterns.every(isLoopback)) {
    const message = 'the password goes over the network in the clear, for everybody on the way to read';
    const todo = 'use TLS; for an authority of your own, name it as caFile';
    problems.push({ rule: 'plain-http', path: `${path}.plainHTTP`, message, todo });
  }
  if (entry.allowReadable) {
    const message = 'secrets that other users of the node can read are accepted';
    const todo = 'chmod 600 the files, and leave it out';
    problems.push({ rule: 'allow-readable', path: `${path}.allowReadable`, message, todo });
  }
  const audience = entry.provider.kubeletToken?.(entry.options).audience;
  if (audience !== undefined && isApiServerAudience(audience)) {
    const message = 'an API server takes a token for this audience too: the registry could act as the pod there';
    const todo = 'ask for an audience that only the registry accepts';
    problems.push({ rule: 'api-audience', path, message, todo });
  }
  const rivals = entry.patterns.map((pattern) => findRival(pattern, entry, config));
  if (rivals.every((rival) => rival !== undefined)) problems.push({ path, ...shadowed(rivals[0]) });
  entry.patterns.forEach((pattern, index) => {
    const place = { path: `${path}.matchImages[${index}]` };
    const rival = rivals[index];
    const repeats = entry.patterns.findIndex((other) => isSame(other, pattern));
    if (repeats < index) {
      const message = `it says the same as matchImages[${repeats}]`;
      problems.push({ ...place, rule: 'repeated-pattern', message, todo: 'remove it' });
    } else if (rival !== undefined && rivals.includes(undefined)) problems.push({ ...place, ...shadowed(rival) });
    problems.push(...lintPattern(pattern, entry).map((advice) => ({ ...place, ...advice })));
  });
  return problems;
}

function isLoopback({ labels }: EntryPattern): boolean {
  const host = labels.join('.');
  return host === 'localhost' || host === '[::1]' || /^127(?:\.[0-9]+){3}$/.test(host);
}

/** An entry before this one that covers all that the pattern covers, and comes first there. */
function findRival(pattern: EntryPattern, entry: Entry, { entries }: PurserConfig): Entry | undefined {
  return entries.find(({ index, patterns }) => {
    if (index === entry.index) return false;
    return patterns.some((other) => {
      const order = compareSpecificity(other, pattern) || index - entry.index;
      return order < 0 && coversPattern(other, pattern);
    });
  });
}

function isSame(one: EntryPattern, other: EntryPattern): boolean {
  return coversPattern(one, other) && coversPattern(other, one);
}

function shadowed(rival: Entry | undefined): Pick<Unplaced, 'rule' | 'message' | 'todo'> {
  const first = `registries[${rival?.index ?? 0}]`;
  const message = `${first} comes first for all that it covers; it is asked only when that has nothing`;
  return { rule: 'shadowed', message, todo: 'put it before, make it narrower, or remove it' };
}

/** What surprises in a kubelet's patterns surprises here too; only the end of a path is another matter. */
function lintPattern(
  pattern: EntryPattern,
  { provider }: Entry,
): readonly Pick<Unplaced, 'rule' | 'message' | 'todo'>[] {
  const { text, segments, labels } = pattern;
  const advice = lintMatchImage(text).filter(({ rule }) => rule !== 'open-end');
  if (segments.length > 0 && !text.endsWith('/')) {
    const message = `here it ends with the segment, but in a kubelet's matchImages it also covers ${text}mate`;
    return [...advice, { rule: 'open-end', message, todo: `write ${text}/ in both files` }];
  }
  if (!labels.some((label) => label.includes('*')) || advice.some(({ rule }) => rule === 'wide-host')) return advice;
  // Where the entry itself is the login, nothing else binds it to hosts.
  if (provider.holdsSecret === undefined) return advice;
  const message = 'every host that fits is offered this login';
  return [...advice, { rule: 'wildcard-host', message, todo: 'write the hosts out where they are known' }];
}
