/**
 * Names of content by its hash, and the check of bytes against them. The grammar is that of the OCI image
 * specification, https://github.com/opencontainers/image-spec/blob/main/descriptor.md#digests, narrowed to the
 * algorithms that container runtimes know. A digest goes into URLs and file names: text becomes one only here.
 */
import { createHash } from 'node:crypto';
import { type ErrorFacts, IntegrityError, type RequestFacts } from '../errors.ts';

const hexLengths = { sha256: 64, sha384: 96, sha512: 128 } as const;

export type DigestAlgorithm = keyof typeof hexLengths;

export interface Digest {
  readonly algorithm: DigestAlgorithm;
  readonly hex: string;
  /** `algorithm:hex`. */
  readonly text: string;
}

/** `undefined` for everything that is not a known algorithm and its exact number of lower case hex digits. */
export function parseDigest(text: string): Digest | undefined {
  const [, name = '', hex = ''] = /^([a-z0-9]+):([0-9a-f]+)$/.exec(text) ?? [];
  if (!isAlgorithm(name) || hex.length !== hexLengths[name]) return undefined;
  return { algorithm: name, hex, text };
}

function isAlgorithm(name: string): name is DigestAlgorithm {
  return Object.hasOwn(hexLengths, name);
}

/** The digest of bytes at hand. */
export function digestOf(bytes: Uint8Array, algorithm: DigestAlgorithm = 'sha256'): Digest {
  const hex = createHash(algorithm).update(bytes).digest('hex');
  return { algorithm, hex, text: `${algorithm}:${hex}` };
}

export interface ContentVerifier {
  /** Bytes seen so far. */
  readonly bytes: number;
  /** Throws VERIFY_SIZE with the first byte too many. */
  update(chunk: Uint8Array): void;
  /** Throws VERIFY_SIZE where bytes are missing, VERIFY_DIGEST where they are others. */
  finish(): void;
}

export interface Expected {
  readonly digest: Digest;
  readonly size?: number;
}

/** Checks a stream against its digest and, where a descriptor names one, its size. One use; `request` is for messages. */
export function createVerifier({ digest, size }: Expected, request?: RequestFacts): ContentVerifier {
  const facts = { doing: `checking ${digest.text}`, ...(request !== undefined && { request }) };
  const hash = createHash(digest.algorithm);
  let bytes = 0;
  return {
    get bytes() {
      return bytes;
    },
    update(chunk) {
      bytes += chunk.length;
      if (size !== undefined && bytes > size) throw wrongSize(facts, size, `more than ${size} bytes came`);
      hash.update(chunk);
    },
    finish() {
      if (size !== undefined && bytes !== size) throw wrongSize(facts, size, `${bytes} bytes came`);
      const hex = hash.digest('hex');
      if (hex === digest.hex) return;
      throw new IntegrityError('VERIFY_DIGEST', {
        ...facts,
        found: `the ${bytes} bytes that came are ${digest.algorithm}:${hex}`,
        todo: 'the content was changed on its way or in the registry: pull again, then push it again',
      });
    },
  };
}

/** `found` is how many bytes came. */
export function wrongSize(
  facts: Pick<ErrorFacts, 'doing' | 'request'>,
  declared: number,
  found: string,
): IntegrityError {
  return new IntegrityError('VERIFY_SIZE', {
    ...facts,
    found: `${found}, its descriptor says ${declared}`,
    todo: 'the content was cut or changed: pull again, then push it again',
  });
}
