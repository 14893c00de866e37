/**
 * config.json and .dockercfg as a kubelet decodes them (pkg/credentialprovider/config.go, Kubernetes 1.36; Go's
 * encoding/json): member names in any case, repeated members one after another, one bad entry spoils the file. What the
 * docker CLI keeps beside `auths` (credsStore, credHelpers, identitytoken) a kubelet does not know. Left out: where the
 * files are searched. Passwords of invalid UTF-8 read as U+FFFD, because no JSON could carry them on.
 */
import type { AuthConfig } from '../credential.ts';
import { isJsonObject, type Json, JsonError, type JsonObject, lineAndColumn, memberPath, parseJson } from '../json.ts';
import { fromBytes } from './go-text.ts';

export interface DockerAuthConfig extends AuthConfig {
  readonly email: string;
}

/** Keys as written, and what is in their entries. */
export type DockerConfig = Readonly<Record<string, DockerAuthConfig>>;

/** The map alone is the older `.dockercfg`; in `config.json` it is the member `auths`. */
export type DockerConfigForm = 'config.json' | '.dockercfg';

export type DockerConfigFault = 'syntax' | 'type' | 'base64' | 'no-colon';

/** Never quotes a value. */
export class DockerConfigError extends Error {
  override readonly name = 'DockerConfigError';
  readonly fault: DockerConfigFault;
  /** Dotted path of the value; empty for the document. It names keys of the file. */
  readonly path: string;
  /** In UTF-16 units, where the JSON itself is broken. */
  readonly offset: number | undefined;

  constructor(fault: DockerConfigFault, message: string, place: { path?: string; offset?: number } = {}) {
    super(message);
    this.fault = fault;
    this.path = place.path ?? '';
    this.offset = place.offset;
  }
}

/** Go's own limit is 10000; nothing that a config needs is deeper than 4, and a stack has an end. */
const maxDepth = 1000;

/** Throws DockerConfigError where a kubelet refuses the file. */
export function decodeDockerConfig(text: string, form: DockerConfigForm): DockerConfig {
  const { document, membersOf } = parseInOrder(text);
  const reader = { membersOf };
  const config: Record<string, DockerAuthConfig> = Object.create(null);
  if (form === '.dockercfg') {
    decodeEntries(reader, document, { path: '', config });
    return config;
  }
  for (const [name, value] of members(reader, document, '')) {
    if (/^HttpHeaders$/iu.test(name)) checkHeaders(reader, value, name);
    if (/^auths$/iu.test(name)) decodeEntries(reader, value, { path: name, config });
  }
  return config;
}

/** Line and column, from 1, of what decodeDockerConfig objects to in a text. */
export function locateFault(text: string, error: DockerConfigError): { line: number; column: number } {
  return lineAndColumn(text, faultOffset(text, error));
}

/** The same in UTF-16 units. */
export function faultOffset(text: string, { path, offset }: DockerConfigError): number {
  if (offset !== undefined) return offset;
  const positions = new Map<string, number>();
  parseJson(text, { maxDepth, duplicates: 'last', positions });
  return positions.get(path) ?? 0;
}

type Member = readonly [name: string, value: Json];

interface Reader {
  readonly membersOf: ReadonlyMap<JsonObject, readonly Member[]>;
}

function parseInOrder(text: string): Reader & { document: Json } {
  const membersOf = new Map<JsonObject, Member[]>();
  const onMember = (object: JsonObject, name: string, value: Json): void => {
    const known = membersOf.get(object) ?? [];
    known.push([name, value]);
    membersOf.set(object, known);
  };
  try {
    return { document: parseJson(text, { maxDepth, duplicates: 'last', onMember }), membersOf };
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    throw new DockerConfigError('syntax', error.message, { offset: error.offset });
  }
}

/** All members of an object in the order of the text; none of null, which Go decodes into nothing. */
function members(reader: Reader, value: Json, path: string): readonly Member[] {
  if (value === null) return [];
  if (!isJsonObject(value)) throw new DockerConfigError('type', 'it is not an object', { path });
  return reader.membersOf.get(value) ?? [];
}

/** A repeated map adds to the first; a null in its place empties it. */
function decodeEntries(
  reader: Reader,
  value: Json,
  { path, config }: { path: string; config: Record<string, DockerAuthConfig> },
): void {
  if (value === null) {
    for (const key of Object.keys(config)) delete config[key];
  }
  for (const [key, entry] of members(reader, value, path)) {
    config[key.toWellFormed()] = decodeEntry(reader, entry, memberPath(path, key));
  }
}

function decodeEntry(reader: Reader, entry: Json, path: string): DockerAuthConfig {
  const texts = { username: '', password: '', email: '', auth: '' };
  let authPath = path;
  for (const [name, value] of members(reader, entry, path)) {
    const known = knownName(name);
    if (known === undefined || value === null) continue;
    texts[known] = stringOf(value, memberPath(path, name));
    if (known === 'auth') authPath = memberPath(path, name);
  }
  const { username, password, email, auth } = texts;
  if (auth === '') return { username, password, email };
  const decoded = decodeAuth(auth);
  if ('fault' in decoded) throw new DockerConfigError(decoded.fault, decoded.problem, { path: authPath });
  return { ...decoded, email };
}

/** Go folds case as Unicode does, one character to one: the long s and the Kelvin sign are letters of ASCII names. */
function knownName(name: string): 'username' | 'password' | 'email' | 'auth' | undefined {
  if (/^username$/iu.test(name)) return 'username';
  if (/^password$/iu.test(name)) return 'password';
  if (/^email$/iu.test(name)) return 'email';
  return /^auth$/iu.test(name) ? 'auth' : undefined;
}

function checkHeaders(reader: Reader, headers: Json, path: string): void {
  for (const [name, value] of members(reader, headers, path)) {
    if (value !== null) stringOf(value, memberPath(path, name));
  }
}

function stringOf(value: Json, path: string): string {
  if (typeof value !== 'string') throw new DockerConfigError('type', 'it is not a string', { path });
  return value.toWellFormed();
}

/** Why an `auth` cannot be decoded. */
export interface AuthProblem {
  readonly fault: 'base64' | 'no-colon';
  readonly problem: string;
}

/**
 * The text of `auth`: base64 of `username:password` in the standard alphabet. Line breaks are skipped anywhere, other
 * white space nowhere; what is decoded is not trimmed.
 */
export function decodeAuth(auth: string): AuthConfig | AuthProblem {
  const base64 = auth.replace(/[\r\n]/g, '');
  if (!isBase64(base64)) return { fault: 'base64', problem: 'it is not base64' };
  const text = fromBytes(Buffer.from(base64, 'base64').toString('latin1'));
  const colon = text.indexOf(':');
  if (colon === -1) return { fault: 'no-colon', problem: 'decoded, it has no colon between user name and password' };
  return { username: text.slice(0, colon), password: text.slice(colon + 1) };
}

/** With `=` at the end all padding must be there; without it, none. */
function isBase64(text: string): boolean {
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(text)) return false;
  return text.endsWith('=') ? text.length % 4 === 0 : text.length % 4 !== 1;
}
