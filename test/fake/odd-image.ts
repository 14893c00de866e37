/**
 * Images that must be refused, or must not be taken for what they are not. All digests in them are true: what is wrong
 * is what they say, so a registry serves them without any fault. Lies about bytes are faults (faults.ts).
 */
import { type Content, createContent, createJsonContent, descriptorOf } from './content.ts';
import { createImage, createIndex, type Image, linuxAmd64, mediaTypes } from './image.ts';

const { oci } = mediaTypes;

/** A valid manifest of exactly this many bytes. */
export function createLargeManifest(size: number): Image {
  const withFiller = (filler: string): Image => changed({ annotations: { filler } });
  return withFiller('x'.repeat(size - withFiller('').top.size));
}

/** `depth` indexes, each listing the next one, and a manifest at the end: 1 is an ordinary index. */
export function createNestedIndex(depth: number): Image {
  let image = createImage();
  for (let level = 0; level < depth; level++) {
    const top = createJsonContent(oci.index, {
      schemaVersion: 2,
      mediaType: oci.index,
      manifests: [{ ...descriptorOf(image.top), platform: linuxAmd64 }],
    });
    image = { ...image, top, manifests: [top, ...image.manifests] };
  }
  return image;
}

/** Manifest and index at once (CVE-2021-41190), under either media type. */
export function createAmbiguous(mediaType: string = oci.manifest): Image {
  const index = createIndex();
  const image = createImage();
  const top = createJsonContent(mediaType, { ...jsonOf(index.top), ...jsonOf(image.top), mediaType });
  return { top, manifests: [top, ...index.manifests], blobs: [...index.blobs, ...image.blobs] };
}

/** Docker's first manifest format, with the media type of signed or unsigned ones, or `text/plain`. */
export function createSchema1(mediaType = 'application/vnd.docker.distribution.manifest.v1+prettyjws'): Image {
  const { blobs } = createImage({ format: 'docker' });
  const top = createJsonContent(mediaType, {
    schemaVersion: 1,
    name: 'team/app',
    tag: 'old',
    architecture: 'amd64',
    fsLayers: blobs.slice(1).map(({ digest }) => ({ blobSum: digest })),
    history: blobs.slice(1).map(() => ({ v1Compatibility: '{"id":"0"}' })),
    signatures: [],
  });
  return { top, manifests: [top], blobs };
}

/** `count` layers, all of them one blob. */
export function createManyLayers(count: number): Image {
  const image = createImage({ layers: [100] });
  const [layer] = image.blobs.slice(1);
  return changed({ layers: Array.from({ length: count }, () => layer && descriptorOf(layer)) }, image);
}

/** Its layers are of this type; with `urls`, they are also said to be elsewhere. */
export function createForeignLayers(mediaType: string, urls?: readonly string[]): Image {
  const image = createImage();
  const layers = image.blobs.slice(1).map((layer) => {
    return { ...descriptorOf(layer), mediaType, ...(urls === undefined ? {} : { urls }) };
  });
  return changed({ layers }, image);
}

/** Something that is pulled like an image and is none. */
export function createArtifact(): Image {
  const config = createContent('application/vnd.oci.empty.v1+json', Buffer.from('{}'));
  const data = createContent('application/spdx+json', Buffer.from('{"spdxVersion":"SPDX-2.3"}'));
  const top = createJsonContent(oci.manifest, {
    schemaVersion: 2,
    mediaType: oci.manifest,
    artifactType: 'application/spdx+json',
    config: descriptorOf(config),
    layers: [descriptorOf(data)],
  });
  return { top, manifests: [top], blobs: [config, data] };
}

/** An image whose manifest has these members instead of its own. */
export function changed(members: Readonly<Record<string, unknown>>, image: Image = createImage()): Image {
  const top = createJsonContent(image.top.mediaType, { ...jsonOf(image.top), ...members });
  return { top, manifests: [top, ...image.manifests.slice(1)], blobs: image.blobs };
}

function jsonOf(content: Content): object {
  const value: unknown = JSON.parse(content.bytes.toString());
  if (typeof value !== 'object' || value === null) throw new TypeError('a manifest is an object');
  return value;
}
