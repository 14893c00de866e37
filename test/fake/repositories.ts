/**
 * What the registry holds, and who may pull it. Names, tags and digests are those of the OCI distribution
 * specification, "Pulling manifests"; blobs belong to a repository and are not visible from another one.
 */
import type { Content } from './content.ts';
import type { Image } from './image.ts';

export interface Repositories {
  add(name: string, tag: string | undefined, image: Image, access?: Access): void;
  has(name: string): boolean;
  manifest(name: string, reference: string): Content | undefined;
  blob(name: string, digest: string): Content | undefined;
  isPublic(name: string): boolean;
  /** A repository that is not there may be pulled by every user, who then learns that it is not there. */
  mayPull(name: string, user: string | undefined): boolean;
}

export interface Access {
  /** Default: private. Without authentication everything is public. */
  readonly visibility?: 'public' | 'private';
  /** Users who may pull; default: all of them. */
  readonly readers?: readonly string[];
}

const namePattern = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*$/;
const tagPattern = /^[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}$/;
const digestPattern = /^(?:sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})$/;

export const isName = (text: string): boolean => namePattern.test(text);
export const isTag = (text: string): boolean => tagPattern.test(text);
export const isDigest = (text: string): boolean => digestPattern.test(text);

interface Repository {
  readonly tags: Map<string, Content>;
  readonly manifests: Map<string, Content>;
  readonly blobs: Map<string, Content>;
  access: Access;
}

export function createRepositories(): Repositories {
  const all = new Map<string, Repository>();
  const create = (name: string): Repository => {
    const repository = { tags: new Map(), manifests: new Map(), blobs: new Map(), access: {} };
    all.set(name, repository);
    return repository;
  };
  const isPublic = (name: string): boolean => all.get(name)?.access.visibility === 'public';
  return {
    add(name, tag, image, access) {
      if (!isName(name)) throw new RangeError(`${name} is no repository name`);
      if (tag !== undefined && !isTag(tag)) throw new RangeError(`${tag} is no tag`);
      const repository = all.get(name) ?? create(name);
      if (access !== undefined) repository.access = access;
      for (const manifest of image.manifests) repository.manifests.set(manifest.digest, manifest);
      for (const blob of image.blobs) repository.blobs.set(blob.digest, blob);
      if (tag !== undefined) repository.tags.set(tag, image.top);
    },
    has: (name) => all.has(name),
    manifest(name, reference) {
      const repository = all.get(name);
      return isDigest(reference) ? repository?.manifests.get(reference) : repository?.tags.get(reference);
    },
    blob: (name, digest) => all.get(name)?.blobs.get(digest),
    isPublic,
    mayPull(name, user) {
      if (isPublic(name)) return true;
      const readers = all.get(name)?.access.readers;
      return user !== undefined && (readers === undefined || readers.includes(user));
    },
  };
}
