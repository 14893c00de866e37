/**
 * CredentialProviderConfig, the file behind a kubelet's --image-credential-provider-config: would this kubelet start
 * with it, and if not, what does it print and which line is to blame? The same accept or refuse and the same text as
 * pkg/credentialprovider/plugin/config.go of Kubernetes 1.30 to 1.36, because a node with a bad config does not come up.
 * https://kubernetes.io/docs/reference/config-api/kubelet-config.v1/#kubelet-config-k8s-io-v1-CredentialProviderConfig
 * Leaves out the executables (the kubelet looks for each in its bin directory) and what is accepted though useless
 * (provider-config-lint.ts).
 */
import { lineAndColumn } from '../json.ts';
import { goQuote, toBytes } from './go-text.ts';
import { decodeProviderConfig } from './provider-config-decode.ts';
import { validateProviders } from './provider-config-validate.ts';
import type { Problem, ProviderConfigRules, ProviderEntry } from './provider-entry.ts';

/** One thing to say about a place in a file; `message` is the fact, `todo` what to write instead. */
export interface Finding {
  readonly severity: 'error' | 'warning';
  readonly path: string;
  readonly line: number;
  readonly column: number;
  readonly message: string;
  readonly todo: string;
}

export interface ProviderConfigOptions {
  /** KubeletServiceAccountTokenForCredentialProviders: on by default from 1.34. */
  readonly featureGate: boolean;
  /** Such as `1.33` or `v1.33.4`; without it, the newest that we know. */
  readonly kubeletVersion?: string;
}

export interface ProviderConfigCheck {
  readonly accepted: boolean;
  readonly failsAt?: 'decode' | 'validate';
  /** What the kubelet prints, word for word. It may quote the whole file. */
  readonly error?: string;
  /** The same with places, and all of it: a kubelet stops at the first stage that finds something. */
  readonly findings: readonly Finding[];
  /** What was decoded; empty if that failed. */
  readonly providers: readonly ProviderEntry[];
  /** Offset of text that the kubelet does not read, such as a second YAML document. */
  readonly unread: number | undefined;
}

/** What a kubelet does with one file. Before 1.34 this was all; for directories see provider-config-files.ts. */
export function checkProviderConfig(text: string, options: ProviderConfigOptions): ProviderConfigCheck {
  const rules = rulesOf(options);
  const decoded = decodeProviderConfig(text, rules);
  if ('error' in decoded) {
    const { error, problems } = decoded;
    const findings = placeProblems(text, problems);
    return { accepted: false, failsAt: 'decode', error, findings, providers: [], unread: undefined };
  }
  const { providers } = decoded;
  const duplicates = rules.minor >= 34 ? findDuplicateNames(providers) : [];
  const invalid = validateProviders(providers, rules);
  const found = { ...decoded, findings: placeProblems(text, [...duplicates, ...invalid.problems]) };
  const [duplicate] = duplicates;
  // Loading comes before validation, so this is the only thing that a kubelet of today says.
  if (duplicate !== undefined) return { accepted: false, failsAt: 'decode', error: duplicate.message, ...found };
  if (invalid.error === undefined) return { accepted: true, ...found };
  return { accepted: false, failsAt: 'validate', error: invalid.error, ...found };
}

/** The newest implementation that this file was compared with. */
const newestMinor = 36;

export function rulesOf({ featureGate, kubeletVersion }: ProviderConfigOptions): ProviderConfigRules {
  const minor = /^v?1\.([0-9]+)/.exec(kubeletVersion ?? '')?.[1];
  return { featureGate, minor: minor === undefined ? newestMinor : Number(minor) };
}

/** Names that stood before, in the words of 1.34 and newer. */
export function findDuplicateNames(
  providers: readonly ProviderEntry[],
  seen: Set<string> = new Set(),
): readonly Problem[] {
  return providers.flatMap(({ name, path }) => {
    if (!seen.has(name.value)) {
      seen.add(name.value);
      return [];
    }
    const message = `duplicate provider name ${goQuote(toBytes(name.value))} found in configuration file(s)`;
    const todo = 'give each provider its own name, or put all patterns into one';
    return [{ path: `${path}.name`, offset: name.offset, message, todo }];
  });
}

export function placeProblems(
  text: string,
  problems: readonly Problem[],
  severity: Finding['severity'] = 'error',
): readonly Finding[] {
  return problems.map(({ path, offset, message, todo }) => {
    return { severity, path, ...lineAndColumn(text, offset), message, todo };
  });
}
