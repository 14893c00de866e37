/**
 * From what a name stands for to the one image that containerd's client takes for a host: itself, or an entry of an index,
 * or of an index in an index. Manifest() in https://github.com/containerd/containerd (v2.3.4) core/images/image.go.
 */
import { IntegrityError } from '../errors.ts';
import type { FetchedManifest } from '../registry/client.ts';
import type { Digest } from '../registry/digest.ts';
import {
  type Descriptor,
  type ImageIndex,
  type ImageManifest,
  type Platform,
  parseManifest,
} from '../registry/manifest.ts';
import { manifestKind } from '../registry/media-type.ts';
import type { RegistrySession } from '../registry/session.ts';
import type { Trace } from '../registry/trace.ts';
import { readConfigPlatform } from './image-config.ts';
import { choosePlatform, formatPlatform, matchesPlatform, matchesStrictly } from './platform.ts';

export interface ChosenManifest {
  readonly manifest: ImageManifest;
  /** `undefined` for an image that no index led to: containerd takes it whatever it is for. */
  readonly platform: Platform | undefined;
}

export interface ChooseOptions {
  readonly host: Platform;
  readonly trace: Trace;
}

/** Throws IntegrityError, and what fetching throws. */
export async function chooseManifest(
  session: RegistrySession,
  top: FetchedManifest,
  { host, trace }: ChooseOptions,
): Promise<ChosenManifest> {
  /** `path` ends with this document; `promised` is the type that the entry for it gave. */
  const choose = async (
    fetched: FetchedManifest,
    path: readonly Digest[],
    promised?: string,
  ): Promise<ChosenManifest> => {
    const { bytes, contentType, request } = fetched;
    const document = parseManifest(bytes, { contentType, path, request });
    for (const text of document.warnings) trace({ kind: 'warning', text });
    if (promised !== undefined && document.mediaType !== promised)
      throw wrongType(fetched, promised, document.mediaType);
    if (document.kind === 'image') return { manifest: document, platform: undefined };

    const entry = chooseEntry(document, { host, trace });
    if (entry === undefined) throw nothingFits(document, fetched, host);
    const { digest, size, mediaType } = entry;
    const inner = await choose(await session.manifests.fetch({ digest, size }), [...path, digest], mediaType);
    if (entry.platform !== undefined) return { ...inner, platform: inner.platform ?? entry.platform };
    // Nothing says what it is for but its config, which containerd asks only now.
    const platform = inner.platform ?? (await readConfigPlatform(session.blobs, inner.manifest.config));
    if (platform === undefined || !matchesPlatform(host, platform)) throw nothingFits(document, fetched, host);
    return { manifest: inner.manifest, platform };
  };

  const chosen = await choose(top, [top.digest]);
  if (chosen.platform !== undefined && !matchesStrictly(host, chosen.platform)) {
    const [taken, asked] = [chosen.platform, host].map(formatPlatform);
    const others = 'containerd 2.1 and newer as it is set up by default, and CRI-O, take nothing';
    trace({ kind: 'warning', text: `${taken} is taken for ${asked} for want of a better one; ${others}` });
  }
  return chosen;
}

function chooseEntry({ entries }: ImageIndex, { host, trace }: ChooseOptions): Descriptor | undefined {
  const known = entries.filter(({ mediaType }) => manifestKind(mediaType) !== undefined);
  if (known.length < entries.length)
    trace({ kind: 'warning', text: 'the index also lists what is neither an image nor an index' });
  const { candidates, lastResort } = choosePlatform(
    known.map(({ platform }) => platform),
    host,
  );
  return known[candidates[0] ?? lastResort ?? -1];
}

function wrongType({ digest, request }: FetchedManifest, promised: string, found: string): IntegrityError {
  return new IntegrityError('VERIFY_MANIFEST', {
    doing: `reading the manifest ${digest.text}`,
    found: `it is ${found}, the index calls it ${promised}`,
    todo: 'build and push the image again with a current tool',
    request,
  });
}

function nothingFits({ entries }: ImageIndex, { digest, request }: FetchedManifest, host: Platform): IntegrityError {
  const there = new Set(entries.flatMap(({ platform }) => (platform === undefined ? [] : [formatPlatform(platform)])));
  return new IntegrityError('VERIFY_PLATFORM', {
    doing: `choosing from ${digest.text}`,
    found: `it has ${[...there].join(', ') || 'no platform'}, nothing for ${formatPlatform(host)}`,
    todo: 'build the image for this platform, or name another one with --platform',
    request,
  });
}
