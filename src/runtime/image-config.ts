/**
 * What an image says it is for: the platform in its config,
 * https://github.com/opencontainers/image-spec/blob/main/config.md. The manifest need not say, and containerd then asks here.
 */
import { isJsonObject, type Json, JsonError, parseJson } from '../json.ts';
import type { BlobClient, BlobSink } from '../registry/blob.ts';
import type { Descriptor, Platform } from '../registry/manifest.ts';

/** Gets the config, checked, and reads it. */
export async function readConfigPlatform(blobs: BlobClient, config: Descriptor): Promise<Platform | undefined> {
  const sink = collectConfig();
  await blobs.read(config, { sink });
  return sink.platform();
}

/** Keeps a config while it comes; parseManifest has limited its size. */
export function collectConfig(): BlobSink & { platform(): Platform | undefined } {
  let pieces: Uint8Array[] = [];
  return {
    write: (piece) => void pieces.push(piece),
    restart: () => {
      pieces = [];
    },
    platform: () => configPlatform(Buffer.concat(pieces).toString()),
  };
}

/** `undefined` where it cannot be read or does not say. */
function configPlatform(text: string): Platform | undefined {
  let document: Json;
  try {
    document = parseJson(text, { duplicates: 'last' });
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    return undefined;
  }
  if (!isJsonObject(document)) return undefined;
  const { os, architecture, variant } = document;
  if (typeof os !== 'string' || typeof architecture !== 'string' || architecture === '') return undefined;
  return { os, architecture, ...(typeof variant === 'string' && variant !== '' && { variant }) };
}
