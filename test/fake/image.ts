/**
 * Images from nothing, the same bytes every time: layers, config, manifest, index (OCI image specification 1.1,
 * Docker image manifest version 2 schema 2). Images that no honest tool would write are in odd-image.ts.
 */
import { type Content, createContent, createJsonContent, descriptorOf, sha256 } from './content.ts';
import { createLayer, type Layer } from './layer.ts';

export interface Image {
  /** What a tag points to: a manifest or an index. */
  readonly top: Content;
  /** All manifests and indexes, `top` too. */
  readonly manifests: readonly Content[];
  /** Configs and layers. */
  readonly blobs: readonly Content[];
}

export interface Platform {
  readonly os: string;
  readonly architecture: string;
  readonly variant?: string;
}

export interface ImageOptions {
  readonly format?: Format;
  readonly platform?: Platform;
  /** Another seed gives other layers. */
  readonly seed?: string;
  /** Length of the file in each layer. */
  readonly layers?: readonly number[];
}

export type Format = 'oci' | 'docker';

export const mediaTypes = {
  oci: {
    index: 'application/vnd.oci.image.index.v1+json',
    manifest: 'application/vnd.oci.image.manifest.v1+json',
    config: 'application/vnd.oci.image.config.v1+json',
    layer: 'application/vnd.oci.image.layer.v1.tar+gzip',
  },
  docker: {
    index: 'application/vnd.docker.distribution.manifest.list.v2+json',
    manifest: 'application/vnd.docker.distribution.manifest.v2+json',
    config: 'application/vnd.docker.container.image.v1+json',
    layer: 'application/vnd.docker.image.rootfs.diff.tar.gzip',
  },
} as const;

export const linuxAmd64: Platform = { os: 'linux', architecture: 'amd64' };
export const linuxArm64: Platform = { os: 'linux', architecture: 'arm64', variant: 'v8' };

/** One platform, one manifest. */
export function createImage(options: ImageOptions = {}): Image {
  const { format = 'oci', platform = linuxAmd64, seed = 'a', layers = [2000, 3000] } = options;
  const built = layers.map((size, index) => createLayer(`${seed}-${index}`, size));
  const history = built.map((_, index) => ({ created: '1970-01-01T00:00:00Z', created_by: `layer ${index}` }));
  return assembleImage(built, { format, platform, runs: { Cmd: ['/bin/true'] }, rest: { history } });
}

export interface AssembleOptions {
  readonly format: Format;
  readonly platform: Platform;
  /** What a container of it runs: the member `config` of the image's config. */
  readonly runs: object;
  /** Further members of the image's config, at its end. */
  readonly rest?: object;
}

/** The config and the manifest over layers that are there. */
export function assembleImage(layers: readonly Layer[], { format, platform, runs, rest = {} }: AssembleOptions): Image {
  const types = mediaTypes[format];
  const contents = layers.map(({ gzip }) => createContent(types.layer, gzip));
  const config = createJsonContent(types.config, {
    created: '1970-01-01T00:00:00Z',
    ...platform,
    config: runs,
    rootfs: { type: 'layers', diff_ids: layers.map(({ tar }) => sha256(tar)) },
    ...rest,
  });
  const top = createJsonContent(types.manifest, {
    schemaVersion: 2,
    mediaType: types.manifest,
    config: descriptorOf(config),
    layers: contents.map(descriptorOf),
  });
  return { top, manifests: [top], blobs: [config, ...contents] };
}

export interface IndexOptions extends Omit<ImageOptions, 'platform'> {
  readonly platforms?: readonly Platform[];
}

/** One manifest for each platform, and an index over them. */
export function createIndex(options: IndexOptions = {}): Image {
  const { format = 'oci', platforms = [linuxAmd64, linuxArm64], seed = 'a', layers = [2000, 3000] } = options;
  const images = platforms.map((platform) => {
    return createImage({ format, platform, seed: `${seed}-${platform.architecture}`, layers });
  });
  const top = createJsonContent(mediaTypes[format].index, {
    schemaVersion: 2,
    mediaType: mediaTypes[format].index,
    manifests: images.map((image, index) => ({ ...descriptorOf(image.top), platform: platforms[index] })),
  });
  return {
    top,
    manifests: [top, ...images.flatMap(({ manifests }) => manifests)],
    blobs: images.flatMap(({ blobs }) => blobs),
  };
}

/** Two platforms of about 3 MiB each: large enough to see, small enough for a demo. */
export function createDemoImage(): Image {
  return createIndex({ seed: 'demo', layers: [2 * 1024 * 1024, 1024 * 1024, 4096] });
}
