/**
 * Bytes with the descriptor that names them (OCI image specification, descriptor.md), and the only place of the fake
 * that computes a digest. Whoever wants a descriptor that lies writes one.
 */
import { createHash } from 'node:crypto';

export interface Descriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
}

export interface Content extends Descriptor {
  readonly bytes: Buffer;
}

export function createContent(mediaType: string, bytes: Uint8Array): Content {
  const own = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return { mediaType, digest: sha256(own), size: own.length, bytes: own };
}

export function createJsonContent(mediaType: string, value: unknown): Content {
  return createContent(mediaType, Buffer.from(JSON.stringify(value)));
}

/** What manifests and indexes say of a content: not the bytes. */
export function descriptorOf({ mediaType, digest, size }: Descriptor): Descriptor {
  return { mediaType, digest, size };
}

export function sha256(bytes: Uint8Array): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}
