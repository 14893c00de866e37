/** lint of a kubelet's CredentialProviderConfig: would this kubelet start, and would it do what was meant? */
import { findExecutable } from '../file.ts';
import { type Problem, placeProblems, type Severity } from '../finding.ts';
import { executableError, executableProblem, folderError } from '../kubelet/plugin-executable.ts';
import { newestMinor, oldestMinor, type ProviderConfigOptions, rulesOf } from '../kubelet/provider-config.ts';
import {
  type ConfigInFile,
  type ConfigLocation,
  checkProviderConfigFiles,
  type FileFinding,
} from '../kubelet/provider-config-files.ts';
import { lintProviderConfig } from '../kubelet/provider-config-lint.ts';
import { readKubeletVersion } from './kubelet-config.ts';

export interface KubeletOptions {
  /** Such as `1.33` or `v1.33.4`. */
  readonly kubeletVersion?: string;
  /** As a kubelet's option of this name. */
  readonly featureGates?: string;
  /** A kubelet's --image-credential-provider-bin-dir. */
  readonly binDir?: string;
}

export interface KubeletVerdict {
  /** Major and minor version. */
  readonly version: string;
  /** The version whose rules were applied, where that is another: not all are known. */
  readonly rules?: string;
  /** Where the executables were not looked at, as far as the config goes. */
  readonly starts: boolean;
  /** Whether they were. */
  readonly executables: boolean;
  /** What it prints otherwise, word for word but for values that could be secret. */
  readonly error?: string;
  /** As its metric kubelet_credential_provider_config_info shows it. */
  readonly hash?: string;
}

export interface KubeletLint {
  readonly kubelet: KubeletVerdict;
  readonly findings: readonly FileFinding[];
  /** What was read, for who looks at other files beside it. */
  readonly configs: readonly ConfigInFile[];
}

/** `binDir` is absolute. Throws InputError where an option cannot be read. */
export function lintKubeletConfig(location: ConfigLocation, options: KubeletOptions): KubeletLint {
  const config = readOptions(options);
  const rules = rulesOf(config);
  const check = checkProviderConfigFiles(location, config);
  const executables = check.configs.flatMap((found) => checkExecutables(found, options.binDir));
  const findings = [
    ...check.findings,
    ...check.configs.flatMap((found) => place(found, lintProviderConfig(found, rules), 'warning')),
    ...executables.flatMap(({ findings }) => findings),
    ...oddNames(location),
  ];
  const missingFolder = options.binDir !== undefined && findExecutable(options.binDir) === 'missing';
  const error = missingFolder ? folderError(options.binDir) : (check.shown ?? executables[0]?.error);
  const starts = error === undefined;
  const known = Math.min(Math.max(rules.minor, oldestMinor), newestMinor);
  const kubelet = {
    version: `1.${rules.minor}`,
    ...(known !== rules.minor && { rules: `1.${known}` }),
    starts,
    executables: options.binDir !== undefined,
    ...(error !== undefined && { error }),
    ...(starts && check.hash !== undefined && { hash: check.hash }),
  };
  return { kubelet, findings, configs: check.configs };
}

const gate = 'KubeletServiceAccountTokenForCredentialProviders';

function readOptions({ kubeletVersion, featureGates = '' }: KubeletOptions): ProviderConfigOptions {
  const state = new RegExp(`(?:^|,)${gate}=(true|false)(?:,|$)`).exec(featureGates)?.[1];
  return {
    ...readKubeletVersion(kubeletVersion),
    ...(state !== undefined && { featureGate: state === 'true' }),
  };
}

function place({ path: file, text }: ConfigInFile, problems: readonly Problem[], severity: Severity): FileFinding[] {
  return placeProblems(text, problems, severity).map((finding) => ({ file, ...finding }));
}

/** A provider without a name is looked for as the folder itself, so that is known without a look. */
function checkExecutables(
  config: ConfigInFile,
  binDir: string | undefined,
): { error: string; findings: FileFinding[] }[] {
  return config.providers.flatMap((provider) => {
    const name = provider.name.value;
    if (binDir === undefined && name !== '') return [];
    const file = name === '' ? (binDir ?? '…') : `${binDir}/${name}`;
    const found = name === '' ? 'directory' : findExecutable(file);
    const error = executableError(file, found);
    if (error === undefined) return [];
    return [{ error, findings: place(config, [executableProblem(provider, file, found)], 'error') }];
  });
}

/** In a directory: what looks like a config and is not read, and what is read and does not look so. */
function oddNames(location: ConfigLocation): readonly FileFinding[] {
  if (location.kind === 'file') return [];
  const place = { severity: 'warning', path: '', line: 1, column: 1 } as const;
  const ignored = location.ignored
    .filter((name) => /\.(?:json|ya?ml)\b/i.test(name))
    .map((name) => ({
      ...place,
      file: `${location.path}/${name}`,
      rule: 'ignored-file',
      message: 'a kubelet reads only names that end in .json, .yaml or .yml, in lower case',
      todo: 'rename it, or move it away',
    }));
  const hidden = location.files
    .filter(({ path }) => /\/\.[^/]*$/.test(path))
    .map(({ path }) => ({
      ...place,
      file: path,
      rule: 'hidden-file',
      message: 'a kubelet reads hidden files too',
      todo: 'move it away, if an editor or a sync left it here',
    }));
  return [...hidden, ...ignored];
}
