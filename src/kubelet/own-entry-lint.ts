/**
 * The entry of a CredentialProviderConfig that starts purser itself: whether its environment leaves the program what it
 * is (docs/runtime.md), and whether serve will understand its arguments. Left out: what the PurserConfig asks of it
 * (../token-lint.ts).
 */
import type { Problem } from '../finding.ts';
import { isOwnEntry } from './own-entry.ts';
import type { ProviderEntry } from './provider-entry.ts';

/** Nothing for entries of other plugins. */
export function lintOwnEntry(provider: ProviderEntry): readonly Problem[] {
  if (!isOwnEntry(provider)) return [];
  return [...lintVariables(provider), ...lintArguments(provider), ...lintDuration(provider)];
}

/** What would change the executable, and can be disarmed by an empty value. */
export const disarmed: readonly string[] = [
  'BUN_BE_BUN',
  'BUN_OPTIONS',
  'BUN_INSPECT',
  'BUN_CONFIG_VERBOSE_FETCH',
  'NODE_OPTIONS',
  'NODE_DEBUG',
];

function lintVariables({ env, path, name }: ProviderEntry): readonly Problem[] {
  const problems = env.flatMap((variable, index): Problem[] => {
    const place = { path: `${path}.env[${index}]`, offset: variable.name.offset };
    if (/^(?:BUN_JSC_|MIMALLOC_)/.test(variable.name.value)) {
      const message = `${variable.name.value} breaks the program, even when it is empty`;
      return [{ ...place, rule: 'env-breaks', message, todo: 'remove it' }];
    }
    if (disarmed.includes(variable.name.value) && variable.value.value !== '') {
      const message = `${variable.name.value} changes what the program is, or makes it print what it sends`;
      return [{ ...place, rule: 'env-armed', message, todo: 'set it to ""' }];
    }
    if (!['PURSER_CONFIG', 'PURSER_LOG'].includes(variable.name.value) || /^(?:\/|$)/.test(variable.value.value))
      return [];
    return [{ ...place, ...relativePath }];
  });
  const missing = disarmed.filter((wanted) => !env.some((variable) => variable.name.value === wanted));
  if (missing.length === 0) return problems;
  const message = `the kubelet passes its own environment on, and these change what the program is: ${missing.join(', ')}`;
  const todo = 'add each to env, with value: ""';
  return [
    { path: `${path}.env`, offset: env[0]?.name.offset ?? name.offset, rule: 'env-missing', message, todo },
    ...problems,
  ];
}

const relativePath = {
  rule: 'relative-path',
  message: 'serve takes absolute paths only, so it answers no request',
  todo: 'name the file from / on',
};

/** A kubelet adds no arguments, and serve knows one option. */
function lintArguments({ args, path }: ProviderEntry): readonly Problem[] {
  const texts = args.map(({ value }) => value);
  const at = (index: number): { path: string; offset: number } => {
    return { path: `${path}.args[${index}]`, offset: args[index]?.offset ?? 0 };
  };
  const problems: Problem[] = [];
  for (let index = 0; index < texts.length; index++) {
    const text = texts[index] ?? '';
    const isPair = text === '--config';
    const file = isPair ? texts[index + 1] : /^--config=(.*)$/s.exec(text)?.[1];
    if (!isPair && file === undefined) {
      const message = 'serve knows no such argument, so each answer fails';
      problems.push({ ...at(index), rule: 'unknown-argument', message, todo: 'leave only --config and its file' });
    } else if (file === undefined) {
      problems.push({
        ...at(index),
        rule: 'unknown-argument',
        message: 'no file follows',
        todo: 'name it in the next item',
      });
    } else if (!file.startsWith('/')) problems.push({ ...at(isPair ? index + 1 : index), ...relativePath });
    if (isPair) index++;
  }
  return problems;
}

const hour = 3_600_000_000_000n;

function lintDuration({ defaultCacheDuration: duration, path }: ProviderEntry): readonly Problem[] {
  if (duration === undefined || duration.value < hour) return [];
  const place = { path: `${path}.defaultCacheDuration`, offset: duration.offset };
  const message = 'purser always says itself how long its answer holds, so this is never used';
  return [{ ...place, rule: 'unused-default', message, todo: 'write 0s' }];
}
