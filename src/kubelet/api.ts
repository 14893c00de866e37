/**
 * The two documents that a kubelet and its plugin exchange, group credentialprovider.kubelet.k8s.io.
 * https://kubernetes.io/docs/reference/config-api/kubelet-credentialprovider.v1/
 * `decodeRequest` and `encodeResponse` are our side. `encodeRequest` and `decodeResponse` are the kubelet's side,
 * byte for byte and refusal for refusal, so that we can check ourselves and rehearse what a node would do.
 */
import type { AuthConfig } from '../credential.ts';
import { InputError, quote } from '../errors.ts';
import { isJsonObject, type Json, JsonError, type JsonObject, parseJson } from '../json.ts';
import { parseDuration } from './duration.ts';

const group = 'credentialprovider.kubelet.k8s.io';
export const apiVersions = [`${group}/v1`, `${group}/v1beta1`, `${group}/v1alpha1`] as const;
export type ApiVersion = (typeof apiVersions)[number];

/** Kubelet to plugin. The two service account members exist in v1 only, from Kubernetes 1.33 on. */
export interface CredentialProviderRequest {
  readonly apiVersion: ApiVersion;
  readonly image: string;
  readonly serviceAccountToken?: string;
  readonly serviceAccountAnnotations?: Readonly<Record<string, string>>;
}

export type CacheKeyType = 'Image' | 'Registry' | 'Global';

/** Plugin to kubelet. `cacheDuration` is Go duration text; `auth` maps match patterns to credentials, or is null. */
export interface CredentialProviderResponse {
  readonly apiVersion: ApiVersion;
  readonly cacheKeyType: CacheKeyType;
  readonly cacheDuration: string;
  readonly auth: Readonly<Record<string, AuthConfig>> | null;
}

/** A request is a few kilobytes even with a token and many annotations. */
export const maxRequestBytes = 1024 * 1024;

/** Bytes of stdin to a request; unknown members are ignored, because a later kubelet may add some. */
export function decodeRequest(bytes: Uint8Array): CredentialProviderRequest {
  const document = parseRequest(decodeText(bytes));
  if (!isJsonObject(document)) throw badRequest('REQ_INVALID', 'the document is not an object');
  const { kind, apiVersion, image, serviceAccountToken, serviceAccountAnnotations } = document;
  if (kind !== 'CredentialProviderRequest') throw badRequest('REQ_VERSION', 'kind is not CredentialProviderRequest');
  const version = apiVersions.find((known) => known === apiVersion);
  if (version === undefined) {
    const given = typeof apiVersion === 'string' ? quote(apiVersion, 100) : 'missing';
    throw badRequest('REQ_VERSION', `apiVersion is ${given}`, `use one of ${apiVersions.join(', ')}`);
  }
  if (typeof image !== 'string') throw badRequest('REQ_INVALID', 'image is not a string');
  if (image === '') throw badRequest('REQ_IMAGE', 'image is empty');
  if (version !== apiVersions[0]) return { apiVersion: version, image };
  return {
    apiVersion: version,
    image,
    ...tokenOf(serviceAccountToken),
    ...annotationsOf(serviceAccountAnnotations),
  };
}

function decodeText(bytes: Uint8Array): string {
  if (bytes.length === 0) throw badRequest('REQ_EMPTY', 'stdin held no bytes');
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw badRequest('REQ_ENCODING', 'the bytes are not UTF-8');
  }
  if (text.startsWith('\uFEFF')) throw badRequest('REQ_ENCODING', 'the text begins with a byte order mark');
  if (text.includes('\0')) throw badRequest('REQ_ENCODING', 'the text holds a NUL character');
  return text;
}

function parseRequest(text: string): Json {
  try {
    return parseJson(text);
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    const code = error.fault === 'empty' ? 'REQ_EMPTY' : 'REQ_SYNTAX';
    throw badRequest(code, `${error.message} (at character ${error.offset + 1})`);
  }
}

function tokenOf(token: Json | undefined): Pick<CredentialProviderRequest, 'serviceAccountToken'> {
  if (token === undefined || token === null || token === '') return {};
  if (typeof token !== 'string') throw badRequest('REQ_INVALID', 'serviceAccountToken is not a string');
  return { serviceAccountToken: token };
}

function annotationsOf(members: Json | undefined): Pick<CredentialProviderRequest, 'serviceAccountAnnotations'> {
  if (members === undefined || members === null) return {};
  if (!isJsonObject(members)) throw badRequest('REQ_INVALID', 'serviceAccountAnnotations is not an object');
  const annotations: Record<string, string> = Object.create(null);
  for (const [name, value] of Object.entries(members)) {
    if (typeof value !== 'string') throw badRequest('REQ_INVALID', `annotation ${quote(name)} is not a string`);
    annotations[name] = value;
  }
  return { serviceAccountAnnotations: annotations };
}

function badRequest(
  code: 'REQ_EMPTY' | 'REQ_ENCODING' | 'REQ_SYNTAX' | 'REQ_INVALID' | 'REQ_VERSION' | 'REQ_IMAGE',
  found: string,
  todo = 'send one CredentialProviderRequest as a kubelet does',
): InputError {
  return new InputError(code, { doing: 'reading the request on stdin', found, todo });
}

/** What a kubelet writes to the plugin's stdin: compact, sorted annotations, Go's HTML-safe escapes, one line end. */
export function encodeRequest(request: CredentialProviderRequest): string {
  const { apiVersion, image, serviceAccountToken, serviceAccountAnnotations = {} } = request;
  const members = { kind: 'CredentialProviderRequest', apiVersion, image };
  if (apiVersion !== apiVersions[0]) return `${goJson(members)}\n`;
  const withToken = goJson({ ...members, ...(serviceAccountToken && { serviceAccountToken }) });
  if (Object.keys(serviceAccountAnnotations).length === 0) return `${withToken}\n`;
  const annotations = goJsonMap(serviceAccountAnnotations, (value) => value);
  return `${withToken.slice(0, -1)},"serviceAccountAnnotations":${annotations}}\n`;
}

/** JSON text as Go's encoder writes it: `<`, `>`, `&`, U+2028 and U+2029 as \uXXXX escapes. */
export function goJson(value: Json): string {
  return JSON.stringify(value).replace(
    /[<>&\u2028\u2029]/g,
    (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/**
 * A map as Go's encoder writes it, sorted by the bytes of its names; an object of ours would put names that are numbers
 * first, by their size.
 */
export function goJsonMap<T>(map: Readonly<Record<string, T>>, toJson: (value: T) => Json): string {
  const entries = Object.entries(map).sort(([a], [b]) => compareBytes(a, b));
  return `{${entries.map(([name, value]) => `${goJson(name)}:${goJson(toJson(value))}`).join(',')}}`;
}

/** Order of UTF-8 bytes, which is how Go sorts strings. */
export function compareBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

/** One JSON object and one line end. */
export function encodeResponse(response: CredentialProviderResponse): string {
  const { apiVersion, cacheKeyType, cacheDuration, auth } = response;
  return `${JSON.stringify({ apiVersion, kind: 'CredentialProviderResponse', cacheKeyType, cacheDuration, auth })}\n`;
}

/** What a kubelet understood. `cacheDuration` is nanoseconds, null where the member is absent or null. */
export interface DecodedResponse {
  readonly cacheKeyType: string;
  readonly cacheDuration: bigint | null;
  readonly auth: Readonly<Record<string, AuthConfig>>;
}

/** The step at which a kubelet refuses a response, in its own order. */
export type ResponseFault = 'peek' | 'apiVersion' | 'decode' | 'cacheKeyType';

/** A response is flat: whatever is nested deeper than this is an unknown member or has the wrong type. */
const maxResponseDepth = 1000;

/** The stdout of a run that ended with 0, as Kubernetes 1.32 and newer decode it. */
export function decodeResponse(
  stdout: string,
  apiVersion: string,
): DecodedResponse | { readonly fault: ResponseFault } {
  const document = parseIfStrict(stdout);
  const members = document === undefined ? membersAsGo(stdout) : membersOf(document);
  const fault = typeof members === 'string' ? members : peek(members, apiVersion);
  if (fault !== undefined) return { fault };
  return isJsonObject(document) ? decodeMembers(document) : { fault: 'decode' };
}

function parseIfStrict(stdout: string): Json | undefined {
  try {
    return parseJson(stdout, { maxDepth: maxResponseDepth, names: 'any' });
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    return undefined;
  }
}

type Members = readonly (readonly [name: string, value: Json])[];

function membersOf(document: Json): Members | ResponseFault {
  if (document === null) return [];
  return isJsonObject(document) ? Object.entries(document) : 'peek';
}

/** Go's own decoder takes members that appear twice, each in its turn. */
function membersAsGo(stdout: string): Members | ResponseFault {
  const members: [object: JsonObject, name: string, value: Json][] = [];
  const onMember = (object: JsonObject, name: string, value: Json): void => void members.push([object, name, value]);
  try {
    const document = parseJson(stdout, { maxDepth: maxResponseDepth, duplicates: 'last', onMember });
    if (!isJsonObject(document)) return membersOf(document);
    return members.filter(([object]) => object === document).map(([, name, value]) => [name, value]);
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    return error.fault === 'depth' ? 'decode' : 'peek';
  }
}

/** A kubelet first looks for kind and version alone: the last of several counts. */
function peek(members: Members, apiVersion: string): ResponseFault | undefined {
  let version = '';
  for (const [name, value] of members) {
    const peeked = peekedName(name);
    if (peeked === undefined || value === null) continue;
    if (typeof value !== 'string') return 'peek';
    if (peeked === 'apiVersion') version = value;
  }
  if (version.split('/').length > 2) return 'peek';
  return version === apiVersion ? undefined : 'apiVersion';
}

/** Go reads names in any case, by Unicode's folding; a name that is spelled as it should be needs none. */
function peekedName(name: string): 'apiVersion' | 'kind' | undefined {
  if (name === 'apiVersion' || name === 'kind') return name;
  if (responseMembers.has(name)) return undefined;
  if (/^apiVersion$/iu.test(name)) return 'apiVersion';
  return /^kind$/iu.test(name) ? 'kind' : undefined;
}

const responseMembers = new Set(['kind', 'apiVersion', 'cacheKeyType', 'cacheDuration', 'auth']);

function decodeMembers(members: JsonObject): DecodedResponse | { readonly fault: ResponseFault } {
  const { kind = '', cacheKeyType = '', cacheDuration = null } = members;
  if (Object.keys(members).some((name) => !responseMembers.has(name))) return { fault: 'decode' };
  if (kind !== 'CredentialProviderResponse') return { fault: 'decode' };
  const duration = typeof cacheDuration === 'string' ? parseDuration(cacheDuration) : null;
  if (duration === undefined || (cacheDuration !== null && typeof cacheDuration !== 'string'))
    return { fault: 'decode' };
  const auth = decodeAuth(members['auth'] ?? null);
  const keyType = cacheKeyType ?? '';
  if (auth === undefined || typeof keyType !== 'string') return { fault: 'decode' };
  return { cacheKeyType: keyType, cacheDuration: duration, auth };
}

/** Go reads half a surrogate pair as U+FFFD. */
function decodeAuth(auth: Json): Record<string, AuthConfig> | undefined {
  const configs: Record<string, AuthConfig> = Object.create(null);
  if (auth === null) return configs;
  if (!isJsonObject(auth)) return undefined;
  for (const [key, entry] of Object.entries(auth)) {
    if (entry !== null && !isJsonObject(entry)) return undefined;
    const { username, password, ...others } = entry ?? {};
    if (Object.keys(others).length > 0) return undefined;
    const config = { username: username ?? '', password: password ?? '' };
    if (typeof config.username !== 'string' || typeof config.password !== 'string') return undefined;
    const name = key.toWellFormed();
    // Two halves of surrogate pairs are one name to Go.
    if (name in configs) return undefined;
    configs[name] = { username: config.username.toWellFormed(), password: config.password.toWellFormed() };
  }
  return configs;
}

/** Whether a kubelet would use it: decoded, and the key type is one of the three, in exactly this spelling. */
export function isCacheKeyType(text: string): text is CacheKeyType {
  return text === 'Image' || text === 'Registry' || text === 'Global';
}
