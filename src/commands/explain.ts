/** explain: what a kubelet and purser would do with an image, and by which rules; nothing is asked of anybody. */
import type { Edge } from '../edge.ts';
import { exitCode, InputError, printable, quote } from '../errors.ts';
import {
  type Asked,
  type EntryExplanation,
  type Explanation,
  explainImage,
  type KubeletProviderExplanation,
  type PatternExplanation,
  type TokenExplanation,
} from '../explain.ts';
import { checkProviderConfigFiles } from '../kubelet/provider-config-files.ts';
import type { ProviderEntry } from '../kubelet/provider-entry.ts';
import type { ProviderDefinition } from '../provider.ts';
import { absolutePath, loadAskedConfig } from './ask.ts';
import { readConfigLocation, readKubeletVersion } from './kubelet-config.ts';

export interface ExplainOptions {
  readonly config?: string;
  readonly credentialProviderConfig?: string;
  readonly kubeletVersion?: string;
  readonly output: 'text' | 'json';
}

export async function explain(
  image: string,
  options: ExplainOptions,
  edge: Edge,
  providers: readonly ProviderDefinition[],
): Promise<number> {
  const config = await loadAskedConfig(options, edge, providers);
  const explanation = await explainImage(image, config, readKubeletProviders(options, edge));
  edge.writeOut(options.output === 'json' ? `${JSON.stringify(explanation)}\n` : describeExplanation(explanation));
  return exitCode.ok;
}

function readKubeletProviders(options: ExplainOptions, edge: Edge): readonly ProviderEntry[] | undefined {
  const { credentialProviderConfig, kubeletVersion } = options;
  if (credentialProviderConfig === undefined) return undefined;
  const path = absolutePath(credentialProviderConfig, edge);
  const check = checkProviderConfigFiles(readConfigLocation(path), readKubeletVersion(kubeletVersion));
  if (check.accepted) return check.configs.flatMap((config) => config.providers);
  throw new InputError('CONFIG_INVALID', {
    doing: `reading the kubelet's config ${quote(path)}`,
    found: `a kubelet does not start with it: ${check.shown ?? ''}`,
    todo: 'see where with purser lint',
  });
}

function describeExplanation({ image, normalised, kubelet, entries, asked }: Explanation): string {
  const lines = [
    printable(image),
    `  a kubelet matches and sends  ${printable(normalised)}`,
    ...(kubelet === undefined ? [] : ['', 'The kubelet', ...kubelet.flatMap(kubeletLines), ...kubeletEnd(kubelet)]),
    '',
    'purser',
    ...(entries.length === 0 ? ['  the config has no entries'] : entries.flatMap(entryLines)),
    '',
    ...(asked.length === 0
      ? ['  nothing serves this image: purser answers without a credential, and that is success']
      : asked.flatMap(askedLines)),
  ];
  return `${lines.join('\n')}\n`;
}

function kubeletLines({ name, matches, patterns, request, cacheKeys, token }: KubeletProviderExplanation): string[] {
  return [
    `  ${matches ? 'runs' : 'does not run'} ${printable(name)}`,
    ...patterns.map(patternLine),
    ...(request === undefined ? [] : [`      stdin       ${printable(request.trimEnd())}`]),
    ...(cacheKeys === undefined
      ? []
      : [`      unless kept under  ${cacheKeys.map((key) => printable(key)).join(', or ')}`]),
    ...(token === undefined ? [] : tokenLines(token)),
  ];
}

function tokenLines({ audience, cacheType, rule, ...token }: TokenExplanation): string[] {
  const keeper = cacheType === 'Token' ? 'this token' : 'this service account and its annotations';
  const silent = [
    ...(token.runsWithoutAccount ? [] : ['a pod without a service account']),
    ...token.requiredAnnotations.map((key) => `an account without the annotation ${key}`),
  ];
  return [
    `      ... each of them for ${keeper} only`,
    `      token       for the audience ${printable(audience)}`,
    '      needs       a ClusterRole, bound to the group system:nodes, with the rule',
    `                  ${printable(JSON.stringify(rule))}`,
    `      without     it is not run, and the kubelet logs: ${token.refusals.map((text) => printable(text)).join('; or: ')}`,
    ...(silent.length === 0 ? [] : [`      not run     and nothing logged, for ${printable(silent.join(', or '))}`]),
  ];
}

function kubeletEnd(providers: readonly KubeletProviderExplanation[]): string[] {
  if (providers.some(({ matches }) => matches)) return [];
  return ['  no provider matches: the kubelet logs nothing and pulls with what else it has, or without a credential'];
}

function entryLines({ index, provider, matches, patterns }: EntryExplanation): string[] {
  return [
    `  registries[${index}] (${provider}) ${matches ? 'matches' : 'does not match'}`,
    ...patterns.map(patternLine),
  ];
}

function patternLine({ pattern, reason, advice }: PatternExplanation): string {
  if (reason === undefined) return `      matches     ${printable(pattern)}`;
  const sentence = advice === undefined ? reason : `${reason} (${advice})`;
  return `      no match    ${printable(pattern)}: ${printable(sentence)}`;
}

function askedLines({ provider, entry, plan, cache }: Asked, position: number): string[] {
  const who = entry === undefined ? `${provider}, which knows the host` : `registries[${entry}] (${provider})`;
  const lines = [`  ${position === 0 ? 'asked first' : 'asked if those have nothing'}: ${who}`];
  if (plan === undefined || cache === undefined) return [...lines, '      says at once that the image is not its own'];
  const { cacheKeyTypes, keys, standing, limit } = cache;
  const life = limit === undefined ? 'a token as long as it lives' : `a token at most ${limit}`;
  return [
    ...lines,
    `      identity    ${printable(plan.identity)}`,
    `      asks        ${printable(plan.endpoint)}`,
    `      kept under  ${cacheKeyTypes.map((type, at) => `${type} ${printable(keys[at] ?? '')}`).join(', or ')}`,
    `      kept for    ${standing} for a password, ${life}, less a margin`,
  ];
}
