/**
 * The grammar of image names and their normal form, the same for the kubelet and the container runtimes:
 * https://pkg.go.dev/github.com/distribution/reference#pkg-overview (v0.6.0). Text goes in once, nobody splits strings
 * later. Left out: what single readers add, and the sanity of ports and addresses, which the grammar does not check. On the
 * hot path, hence small and without imports.
 */

export interface ImageReference {
  /** Registry host with port; empty for the few names (`a_b.c/app`) that pass the grammar without a legal host. */
  readonly host: string;
  readonly repository: string;
  readonly tag?: string;
  readonly digest?: string;
}

/** Why a text is no reference, in the order in which the grammar's reference implementation finds out. */
export type ImageReferenceFault =
  | 'hex64'
  | 'uppercase'
  | 'format'
  | 'too-long'
  | 'digest-unsupported'
  | 'digest-length'
  | 'digest-format';

/** `message` is only the reason; `goText` is what a kubelet prints, which may quote the name. */
export class ImageReferenceError extends Error {
  override readonly name = 'ImageReferenceError';
  readonly errorClass: ImageReferenceFault;
  readonly goText: string;

  constructor(errorClass: ImageReferenceFault, message: string, goText: string = message) {
    super(message);
    this.errorClass = errorClass;
    this.goText = goText;
  }
}

/**
 * A path has at most 255 characters, a tag 128, a digest 135, a DNS name 253. Hosts have no limit in the grammar; ours
 * keeps hostile input cheap.
 */
const maxLength = 4096;
const maxRepositoryLength = 255;

const identifier = /^[a-f0-9]{64}$/;
// Separators and the characters around them never overlap, so each pattern needs one pass over its text.
const hostAndPort = /^(?:[A-Za-z0-9]+(?:(?:\.|-+)[A-Za-z0-9]+)*|\[[A-Fa-f0-9:]+\])(?::[0-9]+)?$/;
const path = /^[a-z0-9]+(?:(?:[./]|__?|-+)[a-z0-9]+)*$/;
const tagText = /^\w[\w.-]{0,127}$/;
const digestText = /^[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9A-Fa-f]{32,}$/;

/** Throws ImageReferenceError. */
export function parseImageReference(text: string): ImageReference {
  if (text.length > maxLength) throw new ImageReferenceError('too-long', `longer than ${maxLength} characters`);
  if (identifier.test(text)) {
    const rest = 'cannot specify 64-byte hexadecimal strings';
    throw new ImageReferenceError('hex64', rest, `invalid repository name (${text}), ${rest}`);
  }
  const [host, remainder] = splitHost(text);
  const remote = before(remainder, ':');
  if (hasUpperCase(remote)) {
    const goText = `invalid reference format: repository name (${remote}) must be lowercase`;
    throw new ImageReferenceError('uppercase', 'repository name must be lowercase', goText);
  }
  const full = `${host}/${remainder}`;
  const parts = splitReference(full);
  if (parts !== undefined) return checkParts(parts);
  if (splitReference(goLowerCase(full)) !== undefined) {
    throw new ImageReferenceError('uppercase', 'repository name must be lowercase');
  }
  throw new ImageReferenceError('format', 'invalid reference format');
}

/** What comes before the first `/` is a host only if it cannot be the first part of a Docker Hub repository. */
function splitHost(text: string): [host: string, remainder: string] {
  const slash = text.indexOf('/');
  if (slash === -1) return ['docker.io', `library/${text}`];
  const first = text.slice(0, slash);
  const isHost = first === 'localhost' || first.includes('.') || first.includes(':') || hasUpperCase(first);
  const host = !isHost || first === 'index.docker.io' ? 'docker.io' : first;
  const remainder = isHost ? text.slice(slash + 1) : text;
  return [host, host === 'docker.io' && !remainder.includes('/') ? `library/${remainder}` : remainder];
}

function before(text: string, mark: string): string {
  const at = text.indexOf(mark);
  return at === -1 ? text : text.slice(0, at);
}

function hasUpperCase(text: string): boolean {
  return text !== goLowerCase(text);
}

/** Go lowers one character to one; JavaScript makes two of U+0130. */
function goLowerCase(text: string): string {
  return text.replaceAll('\u0130', 'i').toLowerCase();
}

/** Neither a tag nor a digest holds a `/`, nothing but a digest follows an `@`: no part needs a second guess. */
function splitReference(full: string): ImageReference | undefined {
  const at = full.indexOf('@');
  const digest = at === -1 ? undefined : full.slice(at + 1);
  const nameAndTag = at === -1 ? full : full.slice(0, at);
  const colon = nameAndTag.indexOf(':', nameAndTag.lastIndexOf('/') + 1);
  const tag = colon === -1 ? undefined : nameAndTag.slice(colon + 1);
  const name = colon === -1 ? nameAndTag : nameAndTag.slice(0, colon);
  if (digest !== undefined && !digestText.test(digest)) return undefined;
  if (tag !== undefined && !tagText.test(tag)) return undefined;
  const host = before(name, '/');
  const repository = name.slice(host.length + 1);
  const rest = { ...(tag !== undefined && { tag }), ...(digest !== undefined && { digest }) };
  if (hostAndPort.test(host) && path.test(repository)) return { host, repository, ...rest };
  return path.test(name) ? { host: '', repository: name, ...rest } : undefined;
}

function checkParts(reference: ImageReference): ImageReference {
  if (reference.repository.length > maxRepositoryLength) {
    const reason = `repository name must not be more than ${maxRepositoryLength} characters`;
    throw new ImageReferenceError('too-long', reason);
  }
  if (reference.digest !== undefined) checkDigest(reference.digest);
  return reference;
}

function checkDigest(digest: string): void {
  const algorithm = before(digest, ':');
  const hex = digest.slice(algorithm.length + 1);
  const length = hexLength(algorithm);
  if (length === undefined) {
    if (/[A-Z]/.test(algorithm)) throw new ImageReferenceError('digest-format', 'invalid checksum digest format');
    throw new ImageReferenceError('digest-unsupported', 'unsupported digest algorithm');
  }
  if (hex.length !== length) throw new ImageReferenceError('digest-length', 'invalid checksum digest length');
  if (/[A-F]/.test(hex)) throw new ImageReferenceError('digest-format', 'invalid checksum digest format');
}

function hexLength(algorithm: string): number | undefined {
  if (algorithm === 'sha256') return 64;
  if (algorithm === 'sha384') return 96;
  return algorithm === 'sha512' ? 128 : undefined;
}

/** The name without tag and digest: what credentials are looked up for. */
export function imageName(reference: ImageReference): string {
  const { host, repository } = reference;
  return host === '' ? repository : `${host}/${repository}`;
}

/** The reference in full: host, repository, then tag and digest where there are any. */
export function formatReference(reference: ImageReference): string {
  const { tag, digest } = reference;
  return `${imageName(reference)}${tag === undefined ? '' : `:${tag}`}${digest === undefined ? '' : `@${digest}`}`;
}

/** Without tag and digest everybody means the tag `latest`. */
export function withDefaultTag(reference: ImageReference): ImageReference {
  const isBare = reference.tag === undefined && reference.digest === undefined;
  return isBare ? { ...reference, tag: 'latest' } : reference;
}
