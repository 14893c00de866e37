/**
 * What is wrong with a docker config in the eyes of a kubelet: one bad entry spoils the whole file, and much of what the
 * docker CLI keeps there a kubelet does not know. Each rule is explained in docs/lint.md. Never quotes a value.
 * https://kubernetes.io/docs/concepts/containers/images/#config-json
 */
import type { Advice, Problem } from '../finding.ts';
import { isJsonObject, type Json, type JsonObject, memberPath, parseJson } from '../json.ts';
import {
  type DockerAuthConfig,
  DockerConfigError,
  type DockerConfigForm,
  decodeDockerConfig,
  faultOffset,
} from './docker-config.ts';
import { lintDockerKey } from './docker-key-lint.ts';
import { fromBytes } from './go-text.ts';
import { indexEntry } from './keyring.ts';

export interface DockerConfigLint {
  /** A kubelet skips the file, or fails the pull where it is a pull secret. */
  readonly errors: readonly Problem[];
  /** What it does not use, or uses in another way. */
  readonly warnings: readonly Problem[];
}

export function lintDockerConfig(text: string, form: DockerConfigForm): DockerConfigLint {
  const whole = errorOf(text, form);
  if (whole?.fault === 'syntax') return { errors: [problemOf(whole, faultOffset(text, whole))], warnings: [] };
  const document = readDocument(text, form);
  const errors: Problem[] = [];
  const good: GoodEntry[] = [];
  for (const entry of document.entries) {
    const decoded = decodeAlone(entry);
    if (decoded instanceof DockerConfigError) errors.push(problemAt(document, decoded, entry));
    else good.push({ ...entry, decoded });
  }
  // What is wrong outside the entries, or in a member that a later one replaced.
  if (whole !== undefined && errors.length === 0) errors.push(problemOf(whole, faultOffset(text, whole)));
  const warnings = [
    ...lintFrame(document, form),
    ...good.flatMap((entry) => lintEntry(document, entry)),
    ...lintSpellings(document, good),
  ];
  return { errors, warnings: warnings.sort((a, b) => a.offset - b.offset) };
}

function errorOf(text: string, form: DockerConfigForm): DockerConfigError | undefined {
  try {
    decodeDockerConfig(text, form);
    return undefined;
  } catch (error) {
    if (error instanceof DockerConfigError) return error;
    throw error;
  }
}

const todos: Readonly<Record<DockerConfigError['fault'], string>> = {
  syntax: 'correct the JSON; a kubelet skips the whole file',
  type: 'write a value of that type; a kubelet skips the whole file',
  base64: 'encode user:password again, without line breaks in between; a kubelet skips the whole file',
  'no-colon': 'encode user name, colon and password; a kubelet skips the whole file',
};

function problemOf({ path, message, fault }: DockerConfigError, offset: number): Problem {
  return { path, offset, message, todo: todos[fault] };
}

interface Entry {
  readonly key: string;
  readonly value: Json;
  /** In the document. */
  readonly path: string;
}

interface GoodEntry extends Entry {
  readonly decoded: DockerAuthConfig;
}

interface Document {
  readonly root: JsonObject;
  readonly entries: readonly Entry[];
  /** Keys that stand more than once. */
  readonly repeated: ReadonlySet<string>;
  offsetOf(path: string): number;
}

const maxDepth = 1000;

function readDocument(text: string, form: DockerConfigForm): Document {
  const positions = new Map<string, number>();
  const names = new Map<JsonObject, string[]>();
  const onMember = (object: JsonObject, name: string): void => {
    names.set(object, [...(names.get(object) ?? []), name]);
  };
  const parsed = parseJson(text, { maxDepth, duplicates: 'last', positions, onMember });
  const root = isJsonObject(parsed) ? parsed : {};
  const homes =
    form === '.dockercfg' ? [['', root] as const] : Object.entries(root).filter(([name]) => /^auths$/iu.test(name));
  const entries = homes.flatMap(([path, home]) => {
    if (!isJsonObject(home)) return [];
    return Object.entries(home).map(([key, value]) => ({ key, value, path: memberPath(path, key) }));
  });
  const repeated = homes.flatMap(([, home]) => {
    const all = isJsonObject(home) ? (names.get(home) ?? []) : [];
    return all.filter((name, index) => all.indexOf(name) < index);
  });
  const offsetOf = (path: string): number => positions.get(`${path}#name`) ?? positions.get(path) ?? 0;
  return { root, entries, repeated: new Set(repeated), offsetOf };
}

/** Each entry by itself, because a kubelet names only the first that is wrong. */
function decodeAlone({ key, value }: Entry): DockerAuthConfig | DockerConfigError {
  const text = JSON.stringify({ [key]: value });
  const error = errorOf(text, '.dockercfg');
  if (error !== undefined) return error;
  return Object.values(decodeDockerConfig(text, '.dockercfg'))[0] ?? { username: '', password: '', email: '' };
}

function problemAt({ offsetOf }: Document, error: DockerConfigError, { key, path }: Entry): Problem {
  const inner = path + error.path.slice(memberPath('', key).length);
  return { ...problemOf(error, offsetOf(inner) || offsetOf(path)), path: inner };
}

function lintFrame({ root, entries, offsetOf }: Document, form: DockerConfigForm): readonly Problem[] {
  const names = Object.keys(root);
  const problems = names.flatMap((name): Problem[] => {
    if (form === '.dockercfg' || !/^(?:credsStore|credHelpers)$/i.test(name)) return [];
    const message = 'a kubelet runs no credential helpers: what they keep, it does not find';
    const todo = 'write the credentials into auths, or use a credential provider';
    return [{ rule: 'credential-helper', path: name, offset: offsetOf(name), message, todo }];
  });
  if (entries.length > 0) return problems;
  const bare = names.find((name) => isJsonObject(root[name]) && /[.:]|^localhost$/.test(name));
  if (bare === undefined || form === '.dockercfg') {
    const message = 'there is no entry in it, so it gives a kubelet nothing';
    return [...problems, { rule: 'no-entries', path: '', offset: 0, message, todo: 'add registries to auths' }];
  }
  const path = memberPath('', bare);
  const message = 'this is the older form: a kubelet reads it only from files named .dockercfg';
  return [
    ...problems,
    { rule: 'old-form', path, offset: offsetOf(path), message, todo: 'put the entries into "auths"' },
  ];
}

function lintEntry(document: Document, entry: GoodEntry): readonly Problem[] {
  const { key, path } = entry;
  const place = { path, offset: document.offsetOf(path) };
  const again: Advice[] = [];
  if (document.repeated.has(key)) {
    again.push({
      rule: 'repeated-key',
      message: 'it stands more than once, and the last one counts',
      todo: 'keep one',
    });
  }
  return [...again, ...lintDockerKey(key), ...lintCredential(entry)].map((advice) => ({ ...place, ...advice }));
}

function lintCredential({ value, decoded }: GoodEntry): readonly Advice[] {
  const members = isJsonObject(value) ? value : {};
  const { username, password } = decoded;
  if (username === '' && password === '') {
    const hasToken = Object.keys(members).some((name) => /^(?:identitytoken|registrytoken)$/i.test(name));
    const what = hasToken ? 'a kubelet knows no identity tokens' : 'it has neither user name nor password';
    const message = `${what}: the entry is tried with both empty, which fails pulls of public images too`;
    return [{ rule: 'empty-credential', message, todo: 'write auth, or username and password, or remove the entry' }];
  }
  const advice: Advice[] = [];
  if (replaces(members, 'username', username) || replaces(members, 'password', password)) {
    const message = 'auth says something else than username and password, and auth counts';
    advice.push({ rule: 'auth-wins', message, todo: 'remove the pair that is wrong' });
  }
  if (/[\r\n\0]$/.test(password)) {
    const message = 'the password ends with a line break or a NUL, and a kubelet sends it along';
    advice.push({
      rule: 'line-end',
      message,
      todo: "encode it without one: printf '%s:%s' USER PASSWORD | base64 -w0",
    });
  }
  return advice;
}

function replaces(members: JsonObject, name: string, used: string): boolean {
  const written = Object.entries(members).find(([member]) => member.toLowerCase() === name)?.[1];
  return typeof written === 'string' && written !== '' && written !== used;
}

/** Several keys that a kubelet takes for one: their credentials are all tried, in an order that changes. */
function lintSpellings(document: Document, entries: readonly GoodEntry[]): readonly Problem[] {
  const indexed = entries.map(({ key, path }) => ({ path, entry: indexEntry(key) }));
  return indexed.flatMap(({ path, entry }, index) => {
    const first = indexed.findIndex((other) => other.entry === entry);
    if (entry === undefined || first === index) return [];
    const message = `to a kubelet this is ${fromBytes(entry)}, like a key before: both are tried, in random order`;
    return [{ rule: 'same-entry', path, offset: document.offsetOf(path), message, todo: 'keep one of the keys' }];
  });
}
