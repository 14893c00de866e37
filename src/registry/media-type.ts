/**
 * The media types of images: which documents a puller reads and what they are. OCI image specification,
 * https://github.com/opencontainers/image-spec/blob/main/media-types.md, and Docker's image manifest version 2, schema 2.
 */

/** The media type of a Content-Type header: no parameters, lower case; empty where there is none to use. */
export function parseMediaType(contentType: string): string {
  const [type = ''] = contentType.split(';', 1);
  const trimmed = type.trim().toLowerCase();
  return /^[!#$&^_.+a-z0-9-]+\/[!#$&^_.+a-z0-9-]+$/.test(trimmed) ? trimmed : '';
}

export type ManifestKind = 'image' | 'index' | 'schema1';

const manifestKinds: ReadonlyMap<string, ManifestKind> = new Map([
  ['application/vnd.docker.distribution.manifest.v2+json', 'image'],
  ['application/vnd.docker.distribution.manifest.list.v2+json', 'index'],
  ['application/vnd.oci.image.manifest.v1+json', 'image'],
  ['application/vnd.oci.image.index.v1+json', 'index'],
  ['application/vnd.docker.distribution.manifest.v1+json', 'schema1'],
  ['application/vnd.docker.distribution.manifest.v1+prettyjws', 'schema1'],
]);

/** `undefined` for a type that is no manifest; inside an index such an entry is passed over. */
export function manifestKind(mediaType: string): ManifestKind | undefined {
  return manifestKinds.get(mediaType.toLowerCase());
}

/** What a node asks for when it resolves a name, in its order. */
export const acceptManifests: string = [
  'application/vnd.docker.distribution.manifest.v2+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.oci.image.index.v1+json',
  '*/*',
].join(', ');

/** Whether a config of this type makes a manifest an image and not some other artifact. */
export function isImageConfig(mediaType: string): boolean {
  const type = mediaType.toLowerCase();
  return (
    type === 'application/vnd.oci.image.config.v1+json' || type === 'application/vnd.docker.container.image.v1+json'
  );
}

export type LayerKind = 'layer' | 'foreign' | 'encrypted' | 'unknown';

/** `foreign` layers may be kept by others than the registry; `encrypted` ones can be pulled but not unpacked. */
export function layerKind(mediaType: string): LayerKind {
  const type = mediaType.toLowerCase();
  if (type.endsWith('+encrypted')) return 'encrypted';
  if (/\.layer\.nondistributable\.v1\.tar(?:\+(?:gzip|zstd))?$/.test(type)) return 'foreign';
  if (type === 'application/vnd.docker.image.rootfs.foreign.diff.tar.gzip') return 'foreign';
  if (/^application\/vnd\.oci\.image\.layer\.v1\.tar(?:\+(?:gzip|zstd))?$/.test(type)) return 'layer';
  return /^application\/vnd\.docker\.image\.rootfs\.diff\.tar(?:\.gzip)?$/.test(type) ? 'layer' : 'unknown';
}
