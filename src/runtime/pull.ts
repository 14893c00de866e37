/**
 * A pull as containerd's client does it, without keeping anything: resolve the name, choose the manifest, get config and
 * layers. https://github.com/containerd/containerd (v2.3.4) core/remotes/docker/resolver.go and core/images/handlers.go.
 * Left out: unpacking, and foreign layers from where their `urls` point: nothing but the registry is ever asked.
 */
import { RegistryError, type RequestFacts } from '../errors.ts';
import type { Reference } from '../registry/client.ts';
import type { Descriptor, ImageManifest, Platform } from '../registry/manifest.ts';
import { layerKind } from '../registry/media-type.ts';
import { inParallel } from '../registry/schedule.ts';
import type { RegistrySession } from '../registry/session.ts';
import type { Trace } from '../registry/trace.ts';
import { chooseManifest } from './choose-manifest.ts';
import { collectConfig } from './image-config.ts';
import { formatPlatform, matchesPlatform } from './platform.ts';

/** `access`: the manifest and one byte of each blob. `full`: every byte, checked. */
export type PullLevel = 'access' | 'full';

export interface PullOptions {
  readonly reference: Reference;
  /** What the node is. */
  readonly host: Platform;
  readonly level: PullLevel;
  /** Digests and sizes of blobs whose bytes were checked before: only the right to them is asked for. Added to. */
  readonly checked: Map<string, number>;
  readonly trace: Trace;
}

export interface Pulled {
  readonly digest: string;
  /** Distinct config and layers that the registry gave. */
  readonly blobs: number;
  /** The request that brought the manifest. */
  readonly request: RequestFacts;
}

/** Throws RegistryError, IntegrityError, PurserError NET_* and POLICY. */
export async function pullImage(session: RegistrySession, options: PullOptions): Promise<Pulled> {
  const { reference, host, trace } = options;
  const top = await session.manifests.fetch(await session.manifests.resolve(reference));
  trace({ kind: 'resolved', digest: top.digest.text });
  const { manifest, platform } = await chooseManifest(session, top, { host, trace });
  if (platform !== undefined) trace({ kind: 'platform', platform });
  for (const text of oddities(manifest)) trace({ kind: 'warning', text });
  const blobs = await pullBlobs(session, manifest, { ...options, isChosen: platform !== undefined });
  return { digest: top.digest.text, blobs, request: top.request };
}

/** What can be pulled and yet will not run. */
function oddities({ isImage, layers }: ImageManifest): string[] {
  const kinds = new Set(layers.map(({ mediaType }) => layerKind(mediaType)));
  return [
    ...(isImage ? [] : ['this is no image but another artifact: it can be pulled, but not run']),
    ...(kinds.has('foreign')
      ? ['some layers are foreign: a node may get them from elsewhere, only the registry was asked']
      : []),
    ...(kinds.has('encrypted')
      ? ['some layers are encrypted: they can be pulled, but not unpacked without a key']
      : []),
    ...(isImage && kinds.has('unknown') ? ['some layers are of a type that container runtimes do not know'] : []),
  ];
}

async function pullBlobs(
  { blobs }: RegistrySession,
  manifest: ImageManifest,
  { level, checked, host, trace, isChosen }: PullOptions & { readonly isChosen: boolean },
): Promise<number> {
  const distinct = distinctBlobs(manifest);
  const isToRead = ({ digest }: Descriptor): boolean => level === 'full' && !checked.has(digest.text);
  const toRead = distinct.filter(isToRead);
  trace({ kind: 'blobs', count: distinct.length, bytes: toRead.reduce((sum, { size }) => sum + size, 0) });
  const config = collectConfig();
  let given = 0;
  await inParallel(distinct, async (blob, signal) => {
    try {
      if (isToRead(blob)) {
        await blobs.read(blob, { signal, ...(blob === manifest.config && { sink: config }) });
        checked.set(blob.digest.text, blob.size);
      } else await blobs.firstByte(blob, { signal });
      given++;
    } catch (error) {
      if (!isElsewhere(blob, error)) throw error;
      trace({ kind: 'warning', text: `the registry does not have the foreign layer ${blob.digest.text}` });
    }
  });
  if (!isChosen && toRead.includes(manifest.config)) tellPlatform(config.platform(), host, trace);
  return given;
}

/** The config first, it is small and may decide; a digest that is named twice is one blob. */
function distinctBlobs({ config, layers }: ImageManifest): readonly Descriptor[] {
  const blobs = new Map<string, Descriptor>();
  for (const blob of [config, ...layers]) {
    // Two sizes for one digest: one of them is a lie, and will be found out.
    const name = `${blob.digest.text} ${blob.size}`;
    if (!blobs.has(name)) blobs.set(name, blob);
  }
  return [...blobs.values()];
}

function isElsewhere({ mediaType }: Descriptor, error: unknown): boolean {
  return layerKind(mediaType) === 'foreign' && error instanceof RegistryError && error.code === 'REGISTRY_NOT_FOUND';
}

/** A single image is pulled whatever it is for. */
function tellPlatform(platform: Platform | undefined, host: Platform, trace: Trace): void {
  if (platform === undefined) return;
  trace({ kind: 'platform', platform });
  if (matchesPlatform(host, platform)) return;
  const [found, asked] = [platform, host].map(formatPlatform);
  const text = `this image is for ${found}: a ${asked} node pulls it all the same, and cannot run it`;
  trace({ kind: 'warning', text });
}
