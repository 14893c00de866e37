/**
 * The bytes of a CredentialProviderConfig to its providers, as the codec of Kubernetes does it: JSON if the first
 * character is a brace, else YAML; kind and version looked at first, then the members, strictly from 1.32 on.
 * https://pkg.go.dev/k8s.io/apimachinery/pkg/runtime/serializer
 */
import type { Problem } from '../finding.ts';
import { parseDuration } from './duration.ts';
import { checkGoType, type GoProblem, type GoType } from './go-decode.ts';
import { GoJsonError, parseGoJson } from './go-json.ts';
import { goQuote, toBytes } from './go-text.ts';
import { type GoMember, type GoValue, resolveGoYaml } from './go-value.ts';
import { parseGoYaml } from './go-yaml.ts';
import { GoYamlError } from './go-yaml-text.ts';
import type { Placed, ProviderConfigRules, ProviderEntry, TokenAttributes } from './provider-entry.ts';

export interface DecodedConfig {
  /** The config's own version. */
  readonly apiVersion: Placed<string>;
  readonly providers: readonly ProviderEntry[];
  /** Where text begins that a kubelet does not read, such as a second YAML document. */
  readonly unread: number | undefined;
}

export interface RefusedConfig {
  /** In the kubelet's words, which may quote values, and even the whole file. */
  readonly error: string;
  /** The same without values that could be secret. */
  readonly shown: string;
  /** As fit to be shown as `shown`. */
  readonly problems: readonly Problem[];
}

export function decodeProviderConfig(text: string, { minor }: ProviderConfigRules): DecodedConfig | RefusedConfig {
  const source = readSource(text);
  if ('error' in source) return source;
  const header = readHeader(source.value, text);
  if ('error' in header) return header;
  const version = configVersions.get(header.apiVersion);
  if (version === undefined || header.kind !== 'CredentialProviderConfig') return refuseKind(header);
  const decoded = checkGoType(source.value, configType(version, minor));
  if (decoded.fatal !== undefined) {
    const todo =
      'write a value of that type; in YAML, quote a text that looks like a number, a date, yes, no, on or off';
    return refuse(decoded.fatal.text, [decoded.fatal], todo);
  }
  const strict = [...source.duplicates, ...decoded.strict];
  if (strict.length > 0 && minor >= 32) {
    const texts = source.strictText === undefined ? [] : [source.strictText];
    texts.push(...decoded.strict.map((problem) => problem.text));
    return refuse(`strict decoding error: ${texts.join(', ')}`, strict, 'remove it, or correct its spelling');
  }
  const list = listOf(source.value, fieldName(version, 'providers'));
  const apiVersion = { value: header.apiVersion, offset: header.offset };
  return { apiVersion, providers: list.map(readProvider(version, minor)), unread: source.unread };
}

interface Source {
  readonly value: GoValue;
  readonly duplicates: readonly GoProblem[];
  /** Where text begins that is not read. */
  readonly unread: number | undefined;
  /** All duplicates of a YAML document, as one text. */
  readonly strictText?: string;
}

/** Go's white space, which is not quite that of JavaScript. */
const jsonStart = /^[\t\n\v\f\r \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]*\{/;

function readSource(text: string): Source | RefusedConfig {
  try {
    if (jsonStart.test(text)) return { value: parseGoJson(text), duplicates: [], unread: undefined };
    const { root, rest } = parseGoYaml(text);
    const { value, duplicates } = resolveGoYaml(root);
    const unread = rest?.offset;
    if (duplicates.length === 0) return { value, duplicates, unread };
    return {
      value,
      duplicates,
      unread,
      strictText: `yaml: unmarshal errors:\n  ${duplicates.map((duplicate) => duplicate.text).join('\n  ')}`,
    };
  } catch (error) {
    if (error instanceof GoJsonError) {
      const problem = { text: `json parse error: ${error.message}`, path: '', offset: error.offset };
      return refuse(`couldn't get version/kind; ${problem.text}`, [problem], 'correct the JSON');
    }
    if (!(error instanceof GoYamlError)) throw error;
    const problem = { text: withoutValues(error.message), path: '', offset: error.offset };
    const todo = 'correct the YAML; text with special characters needs quotes';
    return { ...refuse(error.message, [problem], todo), shown: problem.text };
  }
}

/** The library quotes a scalar that its tag does not fit, and a value that looks like an alias. */
function withoutValues(message: string): string {
  return message.replace(/`[\s\S]*`/, '`…`').replace(/anchor '[\s\S]*'/, "anchor '…'");
}

interface Header {
  readonly apiVersion: string;
  readonly kind: string;
  readonly offset: number;
}

/** Names in any case and the last of several count here, unlike everywhere else. */
function readHeader(value: GoValue, text: string): Header | RefusedConfig {
  const prefix = "couldn't get version/kind; json parse error: json: cannot unmarshal";
  const found = { apiversion: '', kind: '' };
  if (value.kind !== 'object' && value.kind !== 'null') {
    const type =
      'struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }';
    const error = `${prefix} ${value.kind} into Go value of type ${type}`;
    return refuse(error, [{ text: 'the document is not an object', path: '', offset: value.offset }], todoHeader);
  }
  const members = value.kind === 'object' ? value.members : [];
  for (const { name, value: member } of members) {
    const field = name.toLowerCase();
    if ((field !== 'kind' && field !== 'apiversion') || member.kind === 'null') continue;
    if (member.kind !== 'string') {
      const text = `${prefix} ${member.kind} into Go struct field .${field === 'kind' ? 'kind' : 'apiVersion'} of type string`;
      return refuse(text, [{ text, path: name, offset: member.offset }], todoHeader);
    }
    found[field] = member.value;
  }
  const { kind, apiversion: apiVersion } = found;
  const offset = members.find(({ name }) => name === 'apiVersion')?.value.offset ?? value.offset;
  const problem = (error: string, text: string) => refuse(error, [{ text, path: '', offset }], todoHeader);
  if (apiVersion.split('/').length > 2) {
    const error = `unexpected GroupVersion string: ${apiVersion}`;
    return problem(error, error);
  }
  const missing = kind === '' ? 'Kind' : apiVersion.split('/').at(-1) === '' ? 'apiVersion' : undefined;
  if (missing === undefined) return { apiVersion, kind, offset };
  // The kubelet prints the whole file; we do not, because it may hold a secret in env.
  const error = (quoted: string) => `Object '${missing}' is missing in '${quoted}'`;
  const refusal = problem(error(text), `${missing === 'Kind' ? 'kind' : missing} is missing`);
  return { ...refusal, shown: error('…') };
}

const todoHeader = 'begin with "apiVersion: kubelet.config.k8s.io/v1" and "kind: CredentialProviderConfig"';

type ConfigVersion = 'v1' | 'v1beta1' | 'v1alpha1' | 'config';
/** `__internal` is Go's own form, with Go's names for the members. Nobody should, but a kubelet reads it. */
const configVersions: ReadonlyMap<string, ConfigVersion> = new Map([
  ['kubelet.config.k8s.io/v1', 'v1'],
  ['kubelet.config.k8s.io/v1beta1', 'v1beta1'],
  ['kubelet.config.k8s.io/v1alpha1', 'v1alpha1'],
  ['kubelet.config.k8s.io/__internal', 'config'],
]);

/** A kubelet adds in which of its sources the list of kinds stands, which depends on how it was built. */
function refuseKind({ kind, apiVersion, offset }: Header): RefusedConfig {
  if (kind === 'KubeletConfiguration' && apiVersion === 'kubelet.config.k8s.io/v1beta1') {
    // Known to the decoder, and refused afterwards; that its own members are right is taken for granted.
    const error = 'failed to decode "KubeletConfiguration" (wrong Kind)';
    const todo = 'this file belongs to --config; name one that begins with "kind: CredentialProviderConfig"';
    return refuse(error, [{ text: error, path: 'kind', offset }], todo);
  }
  // Without a slash, or with nothing before it, there is no group, and a kubelet prints the version alone.
  const slash = apiVersion.indexOf('/');
  const group = apiVersion.slice(0, Math.max(0, slash));
  const version = apiVersion.slice(slash + 1);
  const shown = group === '' ? version : apiVersion;
  const place = version === '__internal' ? `the internal version of group ${quote(group)}` : `version ${quote(shown)}`;
  const error = `no kind ${quote(kind)} is registered for ${place}`;
  return refuse(error, [{ text: error, path: '', offset }], todoHeader);
}

function quote(text: string): string {
  return goQuote(toBytes(text));
}

function configType(version: ConfigVersion, minor: number): GoType {
  const string: GoType = { kind: 'string', name: 'string' };
  const strings: GoType = { kind: 'slice', name: '[]string', element: string };
  const struct = (name: string, fields: Record<string, GoType>): GoType => {
    const renamed = Object.entries(fields).map(([field, type]) => [fieldName(version, field), type] as const);
    return { kind: 'struct', name: `${version}.${name}`, fields: Object.fromEntries(renamed) };
  };
  const slice = (element: GoType): GoType => ({ kind: 'slice', name: `[]${element.name}`, element });
  const tokenAttributes = struct('ServiceAccountTokenAttributes', {
    serviceAccountTokenAudience: string,
    ...(minor >= 34 ? { cacheType: { kind: 'string', name: `${version}.ServiceAccountTokenCacheType` } } : {}),
    requireServiceAccount: { kind: 'bool', name: 'bool' },
    requiredServiceAccountAnnotationKeys: strings,
    optionalServiceAccountAnnotationKeys: strings,
  });
  const provider = struct('CredentialProvider', {
    name: string,
    matchImages: strings,
    defaultCacheDuration: { kind: 'duration', name: '' },
    apiVersion: string,
    args: strings,
    env: slice(struct('ExecEnvVar', { name: string, value: string })),
    ...(knowsTokens(version, minor) ? { tokenAttributes } : {}),
  });
  const config = struct('CredentialProviderConfig', { providers: slice(provider) });
  return config.kind === 'struct'
    ? { ...config, fields: { ...config.fields, kind: string, apiVersion: string } }
    : config;
}

function knowsTokens(version: ConfigVersion, minor: number): boolean {
  return minor >= 33 && (version === 'v1' || version === 'config');
}

function fieldName(version: ConfigVersion, name: string): string {
  if (version !== 'config') return name;
  return name === 'apiVersion' ? 'APIVersion' : `${name.charAt(0).toUpperCase()}${name.slice(1)}`;
}

// From here on every type is right.

function readProvider(version: ConfigVersion, minor: number): (value: GoValue, index: number) => ProviderEntry {
  const field = (name: string): string => fieldName(version, name);
  return (value, index) => {
    const duration = memberOf(value, field('defaultCacheDuration'));
    const token = memberOf(value, field('tokenAttributes'));
    return {
      path: `${field('providers')}[${index}]`,
      offset: value.offset,
      name: textOf(value, field('name')),
      matchImages: textsOf(value, field('matchImages')),
      defaultCacheDuration:
        duration?.kind === 'string'
          ? { value: parseDuration(duration.value) ?? 0n, offset: duration.offset }
          : undefined,
      apiVersion: textOf(value, field('apiVersion')),
      args: textsOf(value, field('args')),
      env: listOf(value, field('env')).map((item) => {
        return { name: textOf(item, field('name')), value: textOf(item, field('value')) };
      }),
      tokenAttributes:
        token?.kind === 'object' && knowsTokens(version, minor) ? readTokenAttributes(token, field) : undefined,
    };
  };
}

function readTokenAttributes(value: GoValue, field: (name: string) => string): TokenAttributes {
  const required = memberOf(value, field('requireServiceAccount'));
  return {
    offset: value.offset,
    serviceAccountTokenAudience: textOf(value, field('serviceAccountTokenAudience')),
    cacheType: textOf(value, field('cacheType')),
    requireServiceAccount: required?.kind === 'bool' ? { value: required.value, offset: required.offset } : undefined,
    requiredServiceAccountAnnotationKeys: textsOf(value, field('requiredServiceAccountAnnotationKeys')),
    optionalServiceAccountAnnotationKeys: textsOf(value, field('optionalServiceAccountAnnotationKeys')),
  };
}

function memberOf(value: GoValue, name: string): GoValue | undefined {
  const members: readonly GoMember[] = value.kind === 'object' ? value.members : [];
  return members.findLast((member) => member.name === name)?.value;
}

function listOf(value: GoValue, name: string): readonly GoValue[] {
  const list = memberOf(value, name);
  return list?.kind === 'array' ? list.items : [];
}

/** An absent text stands where its object does; a later null leaves an earlier text as it is. */
function textOf(value: GoValue, name: string): Placed<string> {
  const members: readonly GoMember[] = value.kind === 'object' ? value.members : [];
  const text = members.findLast((member) => member.name === name && member.value.kind === 'string')?.value;
  if (text?.kind === 'string') return text;
  return { value: '', offset: (memberOf(value, name) ?? value).offset };
}

function textsOf(value: GoValue, name: string): readonly Placed<string>[] {
  return listOf(value, name).map((item) => ({ value: item.kind === 'string' ? item.value : '', offset: item.offset }));
}

function refuse(error: string, problems: readonly GoProblem[], todo: string): RefusedConfig {
  return {
    error,
    shown: error,
    problems: problems.map(({ text, path, offset }) => ({ path, offset, message: text, todo })),
  };
}
