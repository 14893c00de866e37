/**
 * A kubelet's --image-credential-provider-config as it is found on disk: one file, or from 1.34 on a directory of files
 * that are decoded one by one and joined. Gives what the kubelet prints when it stops, and the hash that it shows in
 * kubelet_credential_provider_config_info. Reading is the caller's: which names, in which order, says selectConfigFiles.
 * https://kubernetes.io/docs/tasks/administer-cluster/kubelet-credential-provider/
 */
import { createHash } from 'node:crypto';
import { type Finding, type Problem, placeProblems } from '../finding.ts';
import { compareBytes } from './api.ts';
import { decodeBytes } from './go-bytes.ts';
import { goQuote, toBytes } from './go-text.ts';
import { findDuplicateNames, type ProviderConfigOptions, rulesOf } from './provider-config.ts';
import { type DecodedConfig, decodeProviderConfig, type RefusedConfig } from './provider-config-decode.ts';
import { joinErrors, type Validation, validateProviders } from './provider-config-validate.ts';
import type { ProviderConfigRules } from './provider-entry.ts';

/** The names in a directory that a kubelet reads, in its order. Directories are told apart by the caller. */
export function selectConfigFiles(names: readonly string[]): readonly string[] {
  return names.filter((name) => /\.(?:json|yaml|yml)$/.test(name)).sort(compareBytes);
}

export interface ConfigFile {
  /** As the kubelet would print it: the path as configured, in a directory with a slash and the name. */
  readonly path: string;
  /** The content, or the system's name for why there is none, such as ENOENT. */
  readonly bytes: Uint8Array | string;
}

export type ConfigLocation =
  | { readonly kind: 'file'; readonly file: ConfigFile }
  | {
      readonly kind: 'directory';
      readonly path: string;
      readonly files: readonly ConfigFile[];
      /** Names of files that a kubelet does not read. */
      readonly ignored: readonly string[];
    };

export interface FileFinding extends Finding {
  readonly file: string;
}

/** A file that was decoded. */
export interface ConfigInFile extends DecodedConfig {
  readonly path: string;
  readonly text: string;
}

export interface ProviderConfigFilesCheck {
  readonly accepted: boolean;
  readonly failsAt?: 'load' | 'decode' | 'validate';
  /** What the kubelet prints after `Failed to register CRI auth plugins`, word for word. It may quote a whole file. */
  readonly error?: string;
  /** The same without values that could be secret. */
  readonly shown?: string;
  readonly findings: readonly FileFinding[];
  /** `sha256:` and hex; only of what is accepted, and only from 1.34 on. */
  readonly hash?: string;
  /** What was decoded, in the order in which the kubelet asks the providers. */
  readonly configs: readonly ConfigInFile[];
}

type Failure = Required<Pick<ProviderConfigFilesCheck, 'failsAt' | 'error' | 'shown'>>;

/** What a kubelet does with the whole location. */
export function checkProviderConfigFiles(
  location: ConfigLocation,
  options: ProviderConfigOptions,
): ProviderConfigFilesCheck {
  const rules = rulesOf(options);
  const files = location.kind === 'file' ? [location.file] : location.files;
  const refusal = location.kind === 'directory' ? refuseDirectory(location.path, files, rules) : undefined;
  if (refusal !== undefined) return refusal;
  const results = files.map((file) => loadFile(file, location.kind, rules));
  const configs = results.flatMap(({ config }) => config ?? []);
  const judgements = judge(configs, rules);
  const findings = results.flatMap(({ config, findings }) => {
    const index = config === undefined ? -1 : configs.indexOf(config);
    const problems = [...(judgements[index]?.duplicates ?? []), ...(judgements[index]?.problems ?? [])];
    return [...findings, ...placeIn(config?.path ?? '', config?.text ?? '', problems)];
  });
  // Files are read and decoded in turn, then joined, then validated together.
  const failure = results.find((result) => result.failure)?.failure ?? failureOf(judgements);
  if (failure !== undefined) return { accepted: false, ...failure, findings, configs };
  return { accepted: true, findings, configs, ...(rules.minor >= 34 ? { hash: hashOf(files) } : {}) };
}

function refuseDirectory(
  path: string,
  files: readonly ConfigFile[],
  { minor }: ProviderConfigRules,
): ProviderConfigFilesCheck | undefined {
  if (minor < 34) {
    const error = `${unreadableOld(path)}: read ${path}: is a directory`;
    return refuse(path, error, 'name a file; directories are read from Kubernetes 1.34 on');
  }
  if (files.length > 0) return undefined;
  const error = `no configuration files found in directory ${quote(path)}`;
  return refuse(path, error, 'add a file whose name ends in .yaml, .yml or .json');
}

function unreadableOld(path: string): string {
  return `unable to read external registry credential provider configuration from ${quote(path)}`;
}

function quote(text: string): string {
  return goQuote(toBytes(text));
}

function refuse(path: string, error: string, todo: string): ProviderConfigFilesCheck {
  const findings = placeIn(path, '', [{ path: '', offset: 0, message: error, todo }]);
  return { accepted: false, failsAt: 'load', error, shown: error, findings, configs: [] };
}

function placeIn(file: string, text: string, problems: readonly Problem[]): readonly FileFinding[] {
  return placeProblems(text, problems, 'error').map((finding) => ({ file, ...finding }));
}

interface Loaded {
  readonly config?: ConfigInFile;
  readonly failure?: Failure;
  readonly findings: readonly FileFinding[];
}

function loadFile({ path, bytes }: ConfigFile, kind: ConfigLocation['kind'], rules: ProviderConfigRules): Loaded {
  if (typeof bytes === 'string') {
    const error = unreadable(path, bytes, { kind, rules });
    const todo = 'put a readable file there, or remove the name';
    return {
      failure: { failsAt: 'load', error, shown: error },
      findings: placeIn(path, '', [{ path: '', offset: 0, message: error, todo }]),
    };
  }
  const text = decodeBytes(bytes);
  const decoded = decodeProviderConfig(text, rules);
  if (!('error' in decoded)) return { config: { path, text, ...decoded }, findings: [] };
  return { failure: undecodable(path, decoded, rules), findings: placeIn(path, text, decoded.problems) };
}

function unreadable(
  path: string,
  errno: string,
  { kind, rules }: { kind: ConfigLocation['kind']; rules: ProviderConfigRules },
): string {
  const reason = systemTexts[errno] ?? errno;
  if (rules.minor < 34) return `${unreadableOld(path)}: ${errno === 'EISDIR' ? 'read' : 'open'} ${path}: ${reason}`;
  if (kind === 'file' && absences.includes(errno))
    return `unable to access path ${quote(path)}: stat ${path}: ${reason}`;
  return `unable to read file ${quote(path)}: ${errno === 'EISDIR' ? 'read' : 'open'} ${path}: ${reason}`;
}

/** Where already the look at the path fails. */
const absences = ['ENOENT', 'ENOTDIR', 'ELOOP'];

/** Texts of the Linux errors that a path can meet. */
const systemTexts: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EISDIR: 'is a directory',
  ELOOP: 'too many levels of symbolic links',
  ENOENT: 'no such file or directory',
  ENOTDIR: 'not a directory',
  EPERM: 'operation not permitted',
};

function undecodable(path: string, { error, shown }: RefusedConfig, { minor }: ProviderConfigRules): Failure {
  const prefix = `error decoding config ${minor >= 34 ? quote(path) : path}`;
  return { failsAt: 'decode', error: `${prefix}: ${error}`, shown: `${prefix}: ${shown}` };
}

interface Judgement extends Validation {
  /** Of this file's names, those that stood before, here or in an earlier file. */
  readonly duplicates: readonly Problem[];
}

function judge(configs: readonly ConfigInFile[], rules: ProviderConfigRules): readonly Judgement[] {
  const names = new Set<string>();
  const isEmpty = configs.every(({ providers }) => providers.length === 0);
  return configs.map(({ providers }, index) => {
    const duplicates = rules.minor >= 34 ? findDuplicateNames(providers, names) : [];
    // A file without providers is wrong only if all of them have none, and one complaint is enough.
    const isJudged = providers.length > 0 || (isEmpty && index === 0);
    return { duplicates, ...(isJudged ? validateProviders(providers, rules) : { errors: [], problems: [] }) };
  });
}

function failureOf(judgements: readonly Judgement[]): Failure | undefined {
  const duplicate = judgements.flatMap(({ duplicates }) => duplicates)[0]?.message;
  if (duplicate !== undefined) return { failsAt: 'load', error: duplicate, shown: duplicate };
  const invalid = joinErrors(judgements.flatMap(({ errors }) => errors));
  if (invalid === undefined) return undefined;
  const error = `failed to validate credential provider config: ${invalid}`;
  return { failsAt: 'validate', error, shown: error };
}

function hashOf(files: readonly ConfigFile[]): string {
  const hash = createHash('sha256');
  for (const { bytes } of files) {
    if (typeof bytes === 'string') continue;
    const length = Buffer.alloc(8);
    length.writeBigUInt64BE(BigInt(bytes.length));
    hash.update(length).update(bytes);
  }
  return `sha256:${hash.digest('hex')}`;
}
