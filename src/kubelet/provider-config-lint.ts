/**
 * What a kubelet accepts in a CredentialProviderConfig although it is useless or dangerous: it says nothing then, and
 * pods fail later with an anonymous pull. Each rule is explained in docs/lint.md.
 * Left out: what only a cluster can tell, such as whether the API server lets nodes ask for an audience.
 */
import type { Problem } from '../finding.ts';
import { apiVersions } from './api.ts';
import { lintMatchImage } from './match-image-lint.ts';
import { lintOwnEntry } from './own-entry-lint.ts';
import type { DecodedConfig } from './provider-config-decode.ts';
import type { Placed, ProviderConfigRules, ProviderEntry } from './provider-entry.ts';

export function lintProviderConfig(config: DecodedConfig, rules: ProviderConfigRules): readonly Problem[] {
  return [
    ...lintDocument(config),
    ...config.providers.flatMap((provider) => [
      ...lintPatterns(provider),
      ...lintPluginVersion(provider),
      ...lintEnvironment(provider),
      ...lintTokens(provider, rules),
      ...lintOwnEntry(provider),
    ]),
  ];
}

function lintDocument({ apiVersion, unread }: DecodedConfig): readonly Problem[] {
  const problems: Problem[] = [];
  const version = apiVersion.value.split('/').at(-1);
  if (version !== 'v1') {
    const todo = 'write kubelet.config.k8s.io/v1, which every kubelet from 1.26 on reads';
    problems.push({
      rule: 'old-version',
      path: 'apiVersion',
      offset: apiVersion.offset,
      message: `${version} is old`,
      todo,
    });
  }
  if (unread !== undefined) {
    const message = 'a kubelet reads the first YAML document only; what follows is ignored';
    problems.push({
      rule: 'unread-document',
      path: '',
      offset: unread,
      message,
      todo: 'put all providers into one list',
    });
  }
  return problems;
}

function lintPatterns({ matchImages, path }: ProviderEntry): readonly Problem[] {
  const texts = matchImages.map(({ value }) => value);
  return matchImages.flatMap((image, index) => {
    const place = { path: `${path}.matchImages[${index}]`, offset: image.offset };
    const first = texts.indexOf(image.value);
    if (first < index) {
      const message = `it stands already in matchImages[${first}]`;
      return [{ ...place, rule: 'repeated-pattern', message, todo: 'remove it' }];
    }
    return lintMatchImage(image.value)
      .filter(({ rule }) => rule !== 'default-port' || !texts.includes(withoutPort(image.value)))
      .map((advice) => ({ ...place, ...advice }));
  });
}

/** Who lists a host with and without its port has thought of it. */
function withoutPort(pattern: string): string {
  return pattern.replace(/:[0-9]+(?=\/|$)/, '');
}

function lintPluginVersion({ apiVersion, path }: ProviderEntry): readonly Problem[] {
  const version = apiVersion.value.split('/').at(-1);
  if (!apiVersions.some((known) => known === apiVersion.value) || version === 'v1') return [];
  const place = { path: `${path}.apiVersion`, offset: apiVersion.offset };
  const message = `${version} is old, and has no service account tokens`;
  const todo = `write ${apiVersions[0]} if the plugin speaks it; purser does`;
  return [{ ...place, rule: 'old-version', message, todo }];
}

function lintEnvironment({ env, path }: ProviderEntry): readonly Problem[] {
  const names = env.map(({ name }) => name.value);
  return env.flatMap(({ name }, index) => {
    const place = { path: `${path}.env[${index}].name`, offset: name.offset };
    if (name.value === '') {
      return [{ ...place, rule: 'env-name', message: 'a variable without a name', todo: 'name it, or remove it' }];
    }
    if (/[=\0]/.test(name.value)) {
      const todo = 'write the name alone; the value has a member of its own';
      return [{ ...place, rule: 'env-name', message: 'a name with = is cut there by the system', todo }];
    }
    if (names.lastIndexOf(name.value) === index) return [];
    const message = `env[${names.lastIndexOf(name.value)}] sets the same variable, and the last one counts`;
    return [{ ...place, rule: 'repeated-env', message, todo: 'keep one of them' }];
  });
}

/** cacheType came with 1.34, and with it the duty to set it: no one file serves 1.33 and what came after. */
function lintTokens(
  { tokenAttributes: token, path }: ProviderEntry,
  { minor }: ProviderConfigRules,
): readonly Problem[] {
  if (token === undefined || minor !== 33) return [];
  const place: Placed<unknown> = token.serviceAccountTokenAudience;
  const message = 'a kubelet from 1.34 on will not start with this file, because cacheType is missing';
  const todo = 'add cacheType when the node is upgraded, in the same step: 1.33 does not start with it';
  return [{ path: `${path}.tokenAttributes`, offset: place.offset, rule: 'cache-type-later', message, todo }];
}
