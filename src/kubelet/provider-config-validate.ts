/**
 * What a kubelet checks in a CredentialProviderConfig after decoding (pkg/credentialprovider/plugin/config.go), in its
 * order and its words. Its field paths carry no index; ours do.
 */
import type { Problem } from '../finding.ts';
import { apiVersions, compareBytes, goJson } from './api.ts';
import { goQuote, toBytes } from './go-text.ts';
import { parseMatchImage } from './match-image.ts';
import type { Placed, ProviderConfigRules, ProviderEntry, TokenAttributes } from './provider-entry.ts';

export interface Validation {
  /** What the kubelet prints, each text once. */
  readonly errors: readonly string[];
  readonly problems: readonly Problem[];
}

export function validateProviders(providers: readonly ProviderEntry[], rules: ProviderConfigRules): Validation {
  const report = new Report();
  if (providers.length === 0) {
    const detail = 'Required value: at least 1 item in plugins is required';
    report.add('', { path: 'providers', offset: 0 }, detail, 'add a provider');
  }
  const names = new Set<string>();
  for (const provider of providers) {
    const { name, path } = provider;
    validateName(provider, report);
    // From 1.34 on the loader has refused the file before.
    if (rules.minor === 33 && names.has(name.value)) {
      const place = { path: `${path}.name`, offset: name.offset };
      report.add('.name', place, `Duplicate value: ${quote(name.value)}`, 'give each provider its own name');
    }
    names.add(name.value);
    validateApiVersion(provider, report, rules);
    validateMatchImages(provider, report, rules);
    validateDuration(provider, report, rules);
    if (provider.tokenAttributes !== undefined) validateToken(provider, provider.tokenAttributes, report, rules);
  }
  return { errors: [...report.texts], problems: report.problems };
}

class Report {
  readonly problems: Problem[] = [];
  readonly texts = new Set<string>();

  add(field: string, { path, offset }: { path: string; offset: number }, detail: string, todo: string): void {
    this.texts.add(`providers${field}: ${detail}`);
    this.problems.push({ path, offset, message: detail, todo });
  }
}

/** Errors of one validation, as a kubelet writes them in one line; equal ones appear once. */
export function joinErrors(errors: readonly string[]): string | undefined {
  const texts = [...new Set(errors)];
  return texts.length > 1 ? `[${texts.join(', ')}]` : texts[0];
}

function quote(text: string): string {
  return goQuote(toBytes(text));
}

function validateName({ name, path }: ProviderEntry, report: Report): void {
  const place = { path: `${path}.name`, offset: name.offset };
  const invalid = (why: string): void => {
    const todo = 'write the file name of an executable in the bin directory, nothing else';
    report.add('.name', place, `Invalid value: ${quote(name.value)}: provider name cannot ${why}`, todo);
  };
  if (name.value.includes('/')) invalid("contain '/'");
  if (name.value.includes(' ')) invalid('contain spaces');
  if (name.value === '.') invalid("be '.'");
  if (name.value === '..') invalid("be '..'");
}

/** Until 1.33 the texts name the member once more. */
function required(member: string, { minor }: ProviderConfigRules): string {
  return minor >= 34 ? 'Required value' : `Required value: ${member} is required`;
}

function validateApiVersion({ apiVersion, path }: ProviderEntry, report: Report, rules: ProviderConfigRules): void {
  const place = { path: `${path}.apiVersion`, offset: apiVersion.offset };
  const todo = `write ${apiVersions[0]}`;
  if (apiVersion.value === '') report.add('.apiVersion', place, required('apiVersion', rules), todo);
  else if (!apiVersions.some((known) => known === apiVersion.value)) {
    // Until 1.32 the list came in random order.
    const supported = [...apiVersions].sort(compareBytes).map(quote).join(', ');
    const detail = `Unsupported value: ${quote(apiVersion.value)}: supported values: ${supported}`;
    report.add('.apiVersion', place, detail, todo);
  }
}

function validateMatchImages(
  { matchImages, path, offset }: ProviderEntry,
  report: Report,
  { minor }: ProviderConfigRules,
): void {
  if (matchImages.length === 0) {
    const detail = 'Required value: at least 1 item in matchImages is required';
    const todo = 'write the registry hosts that this provider is for';
    report.add('.matchImages', { path: `${path}.matchImages`, offset }, detail, todo);
  }
  matchImages.forEach((image, index) => {
    const parsed = parseMatchImage(image.value, { strictColons: minor >= 36 });
    if (!('problem' in parsed)) return;
    const place = { path: `${path}.matchImages[${index}]`, offset: image.offset };
    const detail = `Invalid value: ${quote(image.value)}: match image is invalid: ${parsed.problem}`;
    report.add('.matchImages', place, detail, 'write host, host:port or host/path; only host labels may hold *');
  });
}

function validateDuration(provider: ProviderEntry, report: Report, rules: ProviderConfigRules): void {
  const { defaultCacheDuration: duration, path } = provider;
  const field = '.defaultCacheDuration';
  const todo = 'write a duration such as 5m; 0s keeps nothing';
  const place = { path: path + field, offset: (duration ?? provider).offset };
  if (duration === undefined) report.add(field, place, required('defaultCacheDuration', rules), todo);
  else if (duration.value < 0n) {
    const text = formatDuration(duration.value);
    const [value, prefix] = rules.minor >= 34 ? [quote(text), ''] : [text, 'defaultCacheDuration '];
    report.add(field, place, `Invalid value: ${value}: ${prefix}must be greater than or equal to 0`, todo);
  }
}

/** A negative Go duration as Duration.String writes it. */
function formatDuration(nanoseconds: bigint): string {
  const total = -nanoseconds;
  const fraction = (value: bigint, digits: number): string => {
    const scale = 10n ** BigInt(digits);
    const rest = String(value % scale)
      .padStart(digits, '0')
      .replace(/0+$/, '');
    return rest === '' ? String(value / scale) : `${value / scale}.${rest}`;
  };
  if (total < 1_000n) return `-${total}ns`;
  if (total < 1_000_000n) return `-${fraction(total, 3)}µs`;
  if (total < 1_000_000_000n) return `-${fraction(total, 6)}ms`;
  const minutes = total / 60_000_000_000n;
  const seconds = `${fraction(total % 60_000_000_000n, 9)}s`;
  if (minutes === 0n) return `-${seconds}`;
  return minutes < 60n ? `-${minutes}m${seconds}` : `-${minutes / 60n}h${minutes % 60n}m${seconds}`;
}

const tokenGate = 'KubeletServiceAccountTokenForCredentialProviders';
const cacheTypes = ['ServiceAccount', 'Token'];

function validateToken(
  provider: ProviderEntry,
  token: TokenAttributes,
  report: Report,
  rules: ProviderConfigRules,
): void {
  const at = (member: string, offset = token.offset): { path: string; offset: number } => {
    return { path: `${provider.path}.tokenAttributes${member}`, offset };
  };
  const add = (member: string, offset: number, detail: string, todo: string): void => {
    report.add(`.tokenAttributes${member}`, at(member, offset), detail, todo);
  };
  const { serviceAccountTokenAudience: audience, requireServiceAccount: require, cacheType } = token;
  const requiredKeys = token.requiredServiceAccountAnnotationKeys;
  const optionalKeys = token.optionalServiceAccountAnnotationKeys;
  if (!rules.featureGate) {
    const detail = `Forbidden: tokenAttributes is not supported when ${tokenGate} feature gate is disabled`;
    add('', token.offset, detail, `remove it, or start the kubelet with --feature-gates=${tokenGate}=true`);
  }
  if (audience.value === '') {
    const member = 'serviceAccountTokenAudience';
    add(`.${member}`, audience.offset, required(member, rules), 'write the audience that the registry expects');
  }
  if (require === undefined) {
    add('.requireServiceAccount', token.offset, required('requireServiceAccount', rules), 'write true or false');
  }
  if (provider.apiVersion.value !== apiVersions[0]) {
    const detail = `Forbidden: tokenAttributes is only supported for ${apiVersions[0]} API version`;
    add('', token.offset, detail, `set the provider's apiVersion to ${apiVersions[0]}`);
  }
  if (require?.value === false && requiredKeys.length > 0) {
    const member = 'requiredServiceAccountAnnotationKeys';
    const detail = `Forbidden: requireServiceAccount cannot be false when ${member} is set`;
    add(`.${member}`, requiredKeys[0]?.offset ?? token.offset, detail, 'set requireServiceAccount to true');
  }
  validateKeys('.requiredServiceAccountAnnotationKeys', requiredKeys, add, rules);
  validateKeys('.optionalServiceAccountAnnotationKeys', optionalKeys, add, rules);
  const optional = new Set(optionalKeys.map((key) => key.value));
  const both = [...new Set(requiredKeys.map((key) => key.value))].filter((key) => optional.has(key)).sort(compareBytes);
  if (both.length > 0) {
    const list = rules.minor >= 34 ? goJson(both) : `[]string{${both.map(quote).join(', ')}}`;
    const detail = `Invalid value: ${list}: annotation keys cannot be both required and optional`;
    add('', token.offset, detail, 'keep each key in one of the two lists');
  }
  if (rules.minor < 34 || cacheTypes.includes(cacheType.value)) return;
  const todo = 'write ServiceAccount if all pods of an account get the same credential, else Token';
  if (cacheType.value === '') {
    const detail = `cacheType is required to be set when tokenAttributes is specified. Supported values are: ${cacheTypes.join(', ')}`;
    add('.cacheType', cacheType.offset, `Required value: ${detail}`, todo);
  } else {
    const supported = cacheTypes.map(quote).join(', ');
    add(
      '.cacheType',
      cacheType.offset,
      `Unsupported value: ${goJson(cacheType.value)}: supported values: ${supported}`,
      todo,
    );
  }
}

type Add = (member: string, offset: number, detail: string, todo: string) => void;

function validateKeys(member: string, keys: readonly Placed<string>[], add: Add, rules: ProviderConfigRules): void {
  const seen = new Set<string>();
  for (const { value, offset } of keys) {
    for (const problem of labelKeyProblems(lowerCase(value), rules)) {
      const todo = 'write the key of an annotation, such as example.com/role';
      add(member, offset, `Invalid value: ${quote(value)}: ${problem}`, todo);
    }
    if (seen.has(value)) add(member, offset, `Duplicate value: ${quote(value)}`, 'write each key once');
    seen.add(value);
  }
}

/** Go lowers character by character, so that this one becomes a plain i. */
function lowerCase(text: string): string {
  return text.replaceAll('\u0130', 'i').toLowerCase();
}

const nameFormat = '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]';
const subdomainFormat = '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*';
const nameRule =
  "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character " +
  `(e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '${nameFormat}')`;
const subdomainRule =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and " +
  `end with an alphanumeric character (e.g. 'example.com', regex used for validation is '${subdomainFormat}')`;

/** The rule for names of labels and annotations: a name, with a DNS subdomain and a slash before it or not. */
function labelKeyProblems(key: string, { minor }: ProviderConfigRules): string[] {
  const parts = key.split('/');
  const unit = minor >= 35 ? 'bytes' : 'characters';
  const tooLong = (part: string, max: number): string[] => {
    return Buffer.byteLength(part) > max ? [`must be no more than ${max} ${unit}`] : [];
  };
  if (parts.length > 2) {
    const subject = minor >= 35 ? 'a valid label key' : 'a qualified name';
    return [`${subject} ${nameRule} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`];
  }
  const name = parts.at(-1) ?? '';
  const problems: string[] = [];
  if (parts.length === 2) {
    const [prefix = ''] = parts;
    const found = prefix === '' ? ['must be non-empty'] : tooLong(prefix, 253);
    if (prefix !== '' && !new RegExp(`^${subdomainFormat}$`).test(prefix)) found.push(subdomainRule);
    problems.push(...found.map((problem) => `prefix part ${problem}`));
  }
  const found = name === '' ? ['must be non-empty'] : tooLong(name, 63);
  if (!new RegExp(`^${nameFormat}$`).test(name)) found.push(nameRule);
  return [...problems, ...found.map((problem) => `name part ${problem}`)];
}
