/**
 * The keys under which a kubelet keeps a plugin's answers: pkg/credentialprovider/plugin/plugin.go (Kubernetes 1.36).
 * Left out: the look-up itself, and the key of concurrent runs.
 */
import { compareBytes } from './api.ts';

/** What part of a service account's identity a kubelet's config names: `tokenAttributes.cacheType`. */
export interface ServiceAccountKeyParts {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly annotations: Readonly<Record<string, string>>;
  readonly cacheType: string;
  /** `sha256:` and the hex digest of the token. */
  readonly tokenHash: string;
}

export function serviceAccountCacheKey(parts: ServiceAccountKeyParts): Buffer {
  const { namespace, name, uid, annotations, cacheType, tokenHash } = parts;
  const names = Object.keys(annotations).sort(compareBytes);
  const count = Buffer.alloc(4);
  count.writeUInt32BE(names.length);
  return Buffer.concat([
    ...[namespace, name, uid].map(lengthPrefixed),
    count,
    ...names.flatMap((key) => [key, annotations[key] ?? '']).map(lengthPrefixed),
    ...(cacheType === 'Token' ? ['token', tokenHash].map(lengthPrefixed) : []),
  ]);
}

/** `base` is the image, its registry or `<global>`; the second part is empty without a service account. */
export function credentialCacheKey(base: string, serviceAccountKey: Uint8Array): Buffer {
  return Buffer.concat([base, serviceAccountKey].map(lengthPrefixed));
}

/** Two bytes of length; a kubelet fails the look-up, and so do we, for what is longer than they can say. */
function lengthPrefixed(part: string | Uint8Array): Buffer {
  const bytes = Buffer.from(part);
  const length = Buffer.alloc(2);
  length.writeUInt16BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

/** The base key for a response with `cacheKeyType: Registry`: host and port. */
export function registryCacheKey(image: string): string {
  const slash = image.indexOf('/');
  return slash === -1 ? image : image.slice(0, slash);
}
