/**
 * One layer from nothing: a tar archive (POSIX ustar) with one file, inside gzip (RFC 1952) with stored blocks
 * (RFC 1951 3.2.4). Written by hand, so that equal arguments give equal bytes on every machine and zlib.
 */
import { createCipheriv, createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';

export interface Layer {
  readonly tar: Buffer;
  readonly gzip: Buffer;
}

/** `size` is the length of the file in the layer; `seed` decides its bytes, which do not compress. */
export function createLayer(seed: string, size: number): Layer {
  return createFileLayer({ name: `layer-${seed}.bin`, data: noise(seed, size) });
}

export interface LayerFile {
  readonly name: string;
  readonly data: Buffer;
  /** Default: anybody may read it. */
  readonly mode?: number;
}

export function createFileLayer(file: LayerFile): Layer {
  const tar = createTar(file);
  return { tar, gzip: storedGzip(tar) };
}

function noise(seed: string, size: number): Buffer {
  const key = createHash('sha256').update(seed).digest();
  return createCipheriv('aes-256-ctr', key, Buffer.alloc(16)).update(Buffer.alloc(size));
}

const blockSize = 512;

function createTar({ name, data, mode = 0o644 }: LayerFile): Buffer {
  const header = Buffer.alloc(blockSize);
  header.write(name, 0, 100, 'latin1');
  const octal = (value: number, at: number, width: number): void => {
    header.write(`${value.toString(8).padStart(width - 1, '0')}\0`, at, 'latin1');
  };
  octal(mode, 100, 8);
  octal(0, 108, 8); // owner
  octal(0, 116, 8); // group
  octal(data.length, 124, 12);
  octal(0, 136, 12); // modified: the epoch
  header.write('0', 156, 'latin1'); // a regular file
  header.write('ustar\x0000', 257, 'latin1');
  // The checksum is taken with its own field full of blanks.
  header.fill(0x20, 148, 156);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  const padding = Buffer.alloc((blockSize - (data.length % blockSize)) % blockSize);
  return Buffer.concat([header, data, padding, Buffer.alloc(2 * blockSize)]);
}

/** A stored block's length has 16 bits. */
const maxStored = 0xffff;

function storedGzip(data: Buffer): Buffer {
  // Magic, deflate, no flags, no time, no extra flags, an unknown system.
  const parts: Buffer[] = [Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255])];
  for (let at = 0; at < data.length; at += maxStored) {
    const block = data.subarray(at, at + maxStored);
    const head = Buffer.alloc(5);
    head.writeUInt8(at + maxStored >= data.length ? 1 : 0, 0);
    head.writeUInt16LE(block.length, 1);
    head.writeUInt16LE(~block.length & 0xffff, 3);
    parts.push(head, block);
  }
  const tail = Buffer.alloc(8);
  tail.writeUInt32LE(crc32(data), 0);
  tail.writeUInt32LE(data.length % 2 ** 32, 4);
  parts.push(tail);
  return Buffer.concat(parts);
}
