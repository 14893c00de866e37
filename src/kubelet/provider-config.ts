/**
 * CredentialProviderConfig, the file behind a kubelet's --image-credential-provider-config: would this kubelet start
 * with it, and if not, what does it print and which line is to blame? The same accept or refuse and the same text as
 * pkg/credentialprovider/plugin/config.go of Kubernetes 1.30 to 1.36, because a node with a bad config does not come up.
 * https://kubernetes.io/docs/reference/config-api/kubelet-config.v1/#kubelet-config-k8s-io-v1-CredentialProviderConfig
 * Leaves out the files themselves (provider-config-files.ts), the executables (plugin-executable.ts) and what is accepted
 * though useless (provider-config-lint.ts).
 */
import { type Finding, type Problem, placeProblems } from '../finding.ts';
import { goQuote, toBytes } from './go-text.ts';
import { decodeProviderConfig } from './provider-config-decode.ts';
import { joinErrors, validateProviders } from './provider-config-validate.ts';
import type { Placed, ProviderConfigRules, ProviderEntry } from './provider-entry.ts';

export interface ProviderConfigOptions {
  /** KubeletServiceAccountTokenForCredentialProviders; without it, as the kubelet has it by default. */
  readonly featureGate?: boolean;
  /** Such as `1.33` or `v1.33.4`; without it, the newest that we know. */
  readonly kubeletVersion?: string;
}

export interface ProviderConfigCheck {
  readonly accepted: boolean;
  readonly failsAt?: 'decode' | 'validate';
  /** What the kubelet prints, word for word. It may quote the whole file. */
  readonly error?: string;
  /** The same without values that could be secret. */
  readonly shown?: string;
  /** The same with places, and all of it: a kubelet stops at the first stage that finds something. */
  readonly findings: readonly Finding[];
  /** The config's own version; absent if it was not decoded. */
  readonly apiVersion?: Placed<string>;
  /** What was decoded; empty if that failed. */
  readonly providers: readonly ProviderEntry[];
  /** Offset of text that the kubelet does not read, such as a second YAML document. */
  readonly unread: number | undefined;
}

/** What a kubelet does with one text. */
export function checkProviderConfig(text: string, options: ProviderConfigOptions): ProviderConfigCheck {
  const rules = rulesOf(options);
  const decoded = decodeProviderConfig(text, rules);
  if ('error' in decoded) {
    const { error, shown, problems } = decoded;
    const findings = placeProblems(text, problems, 'error');
    return { accepted: false, failsAt: 'decode', error, shown, findings, providers: [], unread: undefined };
  }
  const { providers } = decoded;
  const duplicates = rules.minor >= 34 ? findDuplicateNames(providers) : [];
  const invalid = validateProviders(providers, rules);
  const found = { ...decoded, findings: placeProblems(text, [...duplicates, ...invalid.problems], 'error') };
  const [duplicate] = duplicates;
  // Loading comes before validation, so this is the only thing that a kubelet of today says.
  const error = duplicate?.message ?? joinErrors(invalid.errors);
  if (error === undefined) return { accepted: true, ...found };
  return { accepted: false, failsAt: duplicate === undefined ? 'validate' : 'decode', error, shown: error, ...found };
}

/** The oldest and the newest implementation that this file was compared with. */
export const oldestMinor = 30;
export const newestMinor = 36;

export function rulesOf({ featureGate, kubeletVersion }: ProviderConfigOptions): ProviderConfigRules {
  const number = /^v?1\.([0-9]+)/.exec(kubeletVersion ?? '')?.[1];
  const minor = number === undefined ? newestMinor : Number(number);
  return { featureGate: featureGate ?? minor >= 34, minor };
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
