/**
 * From the keys of docker configs and plugin responses to the credentials for an image, in the order in which a
 * kubelet tries them: pkg/credentialprovider/keyring.go (Kubernetes 1.36),
 * https://kubernetes.io/docs/concepts/containers/images/#config-json
 */
import type { AuthConfig } from '../credential.ts';
import { fromBytes, toBytes } from './go-text.ts';
import { parseGoUrl } from './go-url.ts';
import { type MatchImage, matchesImage, parseMatchImage, parseMatchImageBytes } from './match-image.ts';

/** Keys as somebody wrote them, and their credentials: a plugin's `auth`, a docker config's `auths`. */
export type KeyringSource<A extends AuthConfig = AuthConfig> = Readonly<Record<string, A>>;

/** A credential, and where it came from. */
export interface KeyringMatch<A extends AuthConfig = AuthConfig> {
  readonly authConfig: A;
  /** The key as written. */
  readonly key: string;
  /** What the kubelet made of the key. */
  readonly entry: string;
  /** Position of the source among those of this keyring. */
  readonly source: number;
}

export interface Keyring<A extends AuthConfig = AuthConfig> {
  /** Entries in the order of look-up, without repeats. */
  readonly entries: readonly string[];
  /** The credentials for an image, in the order in which they are tried. */
  lookup(image: string): AuthConfig[];
  /** The same, with their origins. */
  matches(image: string): KeyringMatch<A>[];
  /** Whether an entry for the image's host has a path, so that another repository there may get other credentials. */
  variesByPath(image: string): boolean;
}

/** One keyring of sources in the order given. Entries are ordered across sources; equal entries keep that order. */
export function createKeyring<A extends AuthConfig>(sources: readonly KeyringSource<A>[]): Keyring<A> {
  const index = createIndex(sources);
  // Byte strings compare by code unit as their bytes do, and Go sorts by bytes.
  const sorted = [...index].sort(([a], [b]) => (a < b ? 1 : -1));
  const patterns = sorted.map(([entry, matches]) => ({ pattern: parseMatchImageBytes(entry), matches }));
  const fallback = index.get('index.docker.io');

  const matches = (image: string): KeyringMatch<A>[] => {
    const target = parseMatchImage(image);
    const found = patterns.flatMap(({ pattern, matches }) => (covers(pattern, target) ? matches : []));
    if (found.length > 0 || fallback === undefined || !isDefaultRegistry(image)) return found;
    return [...fallback];
  };

  return {
    entries: sorted.map(([entry]) => fromBytes(entry)),
    lookup: (image) => authConfigsOf(matches(image)),
    matches,
    variesByPath: (image) => {
      const target = parseMatchImage(image);
      return patterns.some(({ pattern }) => hasPath(pattern) && covers({ ...pattern, path: '' }, target));
    },
  };
}

function createIndex<A extends AuthConfig>(sources: readonly KeyringSource<A>[]): Map<string, KeyringMatch<A>[]> {
  const index = new Map<string, KeyringMatch<A>[]>();
  for (const [source, keys] of sources.entries()) {
    for (const [key, authConfig] of Object.entries(keys)) {
      const entry = indexEntry(key);
      // A kubelet logs a key that it cannot parse, and goes on without it.
      if (entry === undefined) continue;
      const matches = index.get(entry) ?? [];
      matches.push({ authConfig, key, entry: fromBytes(entry), source });
      index.set(entry, matches);
    }
  }
  return index;
}

/** Host and path; old Docker clients wrote API URLs, hence the schemes and `/v1/`. A byte string, or undefined for a key that is skipped. */
export function indexEntry(key: string): string | undefined {
  const bytes = toBytes(key);
  const url = parseGoUrl(/^https?:\/\//.test(bytes) ? bytes : `https://${bytes}`);
  if ('problem' in url) return undefined;
  const path = /^\/v[12]\//.test(url.path) ? url.path.slice(3) : url.path;
  return path === '/' ? url.host : url.host + path;
}

type Parsed = ReturnType<typeof parseMatchImage>;

function covers(pattern: Parsed, image: Parsed): boolean {
  return isParsed(pattern) && isParsed(image) && matchesImage(pattern, image);
}

function hasPath(pattern: Parsed): pattern is MatchImage {
  return isParsed(pattern) && pattern.path !== '';
}

function isParsed(parsed: Parsed): parsed is MatchImage {
  return !('problem' in parsed);
}

/** Whether an image is on Docker Hub by the look of its name. */
export function isDefaultRegistry(image: string): boolean {
  const slash = image.indexOf('/');
  const first = slash === -1 ? image : image.slice(0, slash);
  if (first === '') return false;
  return slash === -1 || first === 'docker.io' || first === 'index.docker.io' || !/[.:]/.test(first);
}

/** Pull secrets, then the node's docker config, then all plugins together: each group keeps its own order. */
export function lookupInTurn<A extends AuthConfig>(keyrings: readonly Keyring<A>[], image: string): AuthConfig[] {
  return keyrings.flatMap((keyring) => keyring.lookup(image));
}

function authConfigsOf(matches: readonly KeyringMatch[]): AuthConfig[] {
  return matches.map(({ authConfig }) => ({ username: authConfig.username, password: authConfig.password }));
}
