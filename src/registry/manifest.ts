/**
 * Bytes of a manifest to what a puller needs of it: OCI image manifest and index, Docker schema 2 manifest and list.
 * https://github.com/opencontainers/image-spec/blob/main/manifest.md and image-index.md. A document that could be read
 * as two different things is refused (GHSA-5j5w-g665-5m35), and so is any size or digest that could not be true. The
 * bytes must have been checked against their digest before. Left out: the platform (runtime/platform), the config.
 */
import { IntegrityError, type RequestFacts } from '../errors.ts';
import { isJsonObject, type Json, JsonError, type JsonObject, parseJson } from '../json.ts';
import { type Digest, parseDigest } from './digest.ts';
import { isImageConfig, manifestKind, parseMediaType } from './media-type.ts';

export interface Platform {
  readonly os: string;
  readonly architecture: string;
  readonly variant?: string;
  readonly osVersion?: string;
  readonly osFeatures?: readonly string[];
}

export interface Descriptor {
  readonly mediaType: string;
  readonly digest: Digest;
  readonly size: number;
  readonly platform?: Platform;
  readonly artifactType?: string;
  /** Other places that are said to have the content; never asked with a credential. */
  readonly urls?: readonly string[];
}

export interface ImageManifest {
  readonly kind: 'image';
  readonly mediaType: string;
  readonly config: Descriptor;
  readonly layers: readonly Descriptor[];
  /** False for an artifact that only borrows the form of an image. */
  readonly isImage: boolean;
  readonly warnings: readonly string[];
}

export interface ImageIndex {
  readonly kind: 'index';
  readonly mediaType: string;
  readonly entries: readonly Descriptor[];
  readonly warnings: readonly string[];
}

export interface ManifestOptions {
  readonly contentType: string;
  /** Digests from the document that was asked for down to this one, itself last. */
  readonly path: readonly Digest[];
  readonly maxBytes?: number;
  /** What brought the bytes, for messages. */
  readonly request?: RequestFacts;
}

/** What registries must take and other clients read. */
export const maxManifestBytes = 4 * 1024 * 1024;
/** A config is a few KiB; the largest seen have thousands of history lines. */
export const maxConfigBytes = 8 * 1024 * 1024;
/** Overlay file systems stop at some hundred layers; an index lists platforms. */
const maxDescriptors = 1000;
/** An index, and indexes inside it. */
const maxIndexDepth = 2;
const maxMediaTypeLength = 255;

/** Throws IntegrityError VERIFY_MANIFEST. */
export function parseManifest(bytes: Uint8Array, options: ManifestOptions): ImageManifest | ImageIndex {
  const { contentType, path, maxBytes = maxManifestBytes, request } = options;
  try {
    if (bytes.length > maxBytes) throw new Misshapen(`it has ${bytes.length} bytes, the limit is ${maxBytes}`);
    const warnings: string[] = [];
    const document = parseDocument(bytes, warnings);
    const mediaType = agreedType(document, parseMediaType(contentType), warnings);
    return manifestKind(mediaType) === 'index'
      ? { kind: 'index', mediaType, entries: indexEntries(document, path), warnings }
      : { kind: 'image', mediaType, ...imageParts(document), warnings };
  } catch (error) {
    if (!(error instanceof Misshapen)) throw error;
    throw new IntegrityError('VERIFY_MANIFEST', {
      doing: `reading the manifest ${path.at(-1)?.text ?? ''}`.trimEnd(),
      found: error.message,
      todo: 'build and push the image again with a current tool',
      ...(request !== undefined && { request }),
    });
  }
}

/** Stays inside this file; becomes an IntegrityError with the manifest's name. */
class Misshapen extends Error {
  override readonly name = 'Misshapen';
}

function parseDocument(bytes: Uint8Array, warnings: string[]): JsonObject {
  let document: Json;
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    document = parseText(text, warnings);
  } catch (error) {
    if (error instanceof JsonError) throw new Misshapen(error.message);
    if (error instanceof TypeError) throw new Misshapen('the bytes are not UTF-8');
    throw error;
  }
  if (!isJsonObject(document)) throw new Misshapen('the document is not an object');
  return document;
}

/** Every reader of manifests lets the last of two equal members count; so must we, to see what a node sees. */
function parseText(text: string, warnings: string[]): Json {
  try {
    return parseJson(text);
  } catch (error) {
    if (!(error instanceof JsonError) || error.fault !== 'duplicate') throw error;
    warnings.push('the manifest has a member twice; the last one counts');
    return parseJson(text, { duplicates: 'last' });
  }
}

/** The type that both the document and the header name; a document that does not name one takes the header's. */
function agreedType(document: JsonObject, fromHeader: string, warnings: string[]): string {
  const { schemaVersion, mediaType = null, manifests, layers, config } = document;
  const headerKind = manifestKind(fromHeader);
  if (headerKind === 'schema1' || 'fsLayers' in document || 'history' in document || schemaVersion === 1)
    throw new Misshapen('it is an image of schema 1, which container runtimes no longer take');
  if (schemaVersion !== 2) throw new Misshapen('its schemaVersion is not 2');
  if (manifests !== undefined && (layers !== undefined || config !== undefined))
    throw new Misshapen('it has the members of an index and those of an image');
  const own = mediaType === null || mediaType === '' ? '' : mediaTypeOf(mediaType, 'mediaType');
  if (own !== '' && fromHeader !== '' && own !== fromHeader)
    throw new Misshapen(`it calls itself ${own} but came as ${fromHeader}`);
  if (fromHeader === '') warnings.push('the registry sent the manifest without a usable Content-Type');
  const agreed = own || fromHeader;
  const kind = manifestKind(agreed);
  if (kind === undefined) throw new Misshapen(`${agreed || 'a document without a media type'} is not a manifest`);
  if (kind === 'schema1') throw new Misshapen('it calls itself an image of schema 1');
  return agreed;
}

function indexEntries(document: JsonObject, path: readonly Digest[]): readonly Descriptor[] {
  if (path.length > maxIndexDepth) throw new Misshapen(`indexes are nested more than ${maxIndexDepth} deep`);
  const entries = descriptors(document['manifests'], 'manifests');
  if (entries.some(({ digest }) => path.some(({ text }) => text === digest.text)))
    throw new Misshapen('it is an index that contains itself');
  return entries;
}

function imageParts(document: JsonObject): Pick<ImageManifest, 'config' | 'layers' | 'isImage'> {
  const config = descriptor(document['config'], 'config');
  if (config.size > maxConfigBytes)
    throw new Misshapen(`its config has ${config.size} bytes, the limit is ${maxConfigBytes}`);
  const layers = descriptors(document['layers'], 'layers');
  const total = [config, ...layers].reduce((sum, { size }) => sum + size, 0);
  if (!Number.isSafeInteger(total)) throw new Misshapen('its sizes add up to more than any disk has');
  const artifactType = document['artifactType'];
  const isImage = isImageConfig(config.mediaType) && (artifactType === undefined || artifactType === '');
  return { config, layers, isImage };
}

/** Go writes an empty list as null. */
function descriptors(value: Json | undefined, name: string): readonly Descriptor[] {
  if (value === null) return [];
  if (!Array.isArray(value)) throw new Misshapen(`its ${name} are not a list`);
  if (value.length > maxDescriptors)
    throw new Misshapen(`it has ${value.length} ${name}, the limit is ${maxDescriptors}`);
  return value.map((item: Json, index) => descriptor(item, `${name}[${index}]`));
}

function descriptor(value: Json | undefined, name: string): Descriptor {
  if (!isJsonObject(value)) throw new Misshapen(`its ${name} is not a descriptor`);
  const { mediaType, digest, size, platform, artifactType, urls } = value;
  const parsed = typeof digest === 'string' ? parseDigest(digest) : undefined;
  if (parsed === undefined) throw new Misshapen(`${name}.digest is not a digest`);
  if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0)
    throw new Misshapen(`${name}.size is not a number of bytes`);
  const places = Array.isArray(urls) ? urls.filter((url: Json) => typeof url === 'string') : [];
  return {
    mediaType: mediaTypeOf(mediaType, `${name}.mediaType`),
    digest: parsed,
    size,
    ...(isJsonObject(platform) && { platform: platformOf(platform) }),
    ...(typeof artifactType === 'string' && artifactType !== '' && { artifactType }),
    ...(places.length > 0 && { urls: places }),
  };
}

/** Lower case and without parameters, as types are compared. */
function mediaTypeOf(value: Json | undefined, name: string): string {
  const type = typeof value === 'string' && value.length <= maxMediaTypeLength ? parseMediaType(value) : '';
  if (type === '') throw new Misshapen(`its ${name} is not a media type`);
  return type;
}

/** Values as sent: what a node makes of odd ones is its own affair. */
function platformOf(members: JsonObject): Platform {
  const text = (name: string): string => (typeof members[name] === 'string' ? members[name] : '');
  const variant = text('variant');
  const osVersion = text('os.version');
  const features = members['os.features'];
  const osFeatures = Array.isArray(features) ? features.filter((item: Json) => typeof item === 'string') : [];
  return {
    os: text('os'),
    architecture: text('architecture'),
    ...(variant !== '' && { variant }),
    ...(osVersion !== '' && { osVersion }),
    ...(osFeatures.length > 0 && { osFeatures }),
  };
}
