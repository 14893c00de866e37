/**
 * Object storage behind the registry, as S3 behaves: an address is good for one method, for a while, and only byte for
 * byte as it was given out; a request that also carries Authorization is refused. Errors are XML.
 */
import { createHash } from 'node:crypto';
import type { Answer } from './answer.ts';
import type { Content } from './content.ts';
import { rangedAnswer } from './range.ts';
import { headerOf, type ReceivedRequest } from './request.ts';

export interface StorageOptions {
  /** Status of the redirect; default 307. */
  readonly status?: 301 | 302 | 303 | 307 | 308;
  /** Seconds an address is good for; default 1200. */
  readonly life?: number;
}

export interface Storage {
  redirect(request: ReceivedRequest, blob: Content): Answer;
  answer(request: ReceivedRequest): Answer;
}

export interface StorageParts {
  /** Known only once the servers listen. */
  readonly url: () => string;
  readonly now: () => number;
}

interface Address {
  readonly method: string;
  readonly blob: Content;
  readonly expiresAt: number;
}

export function createStorage(options: StorageOptions, { url, now }: StorageParts): Storage {
  const { status = 307, life = 1200 } = options;
  const addresses = new Map<string, Address>();
  return {
    redirect({ method }, blob) {
      const expiresAt = now() + life * 1000;
      const signature = createHash('sha256').update(`${addresses.size} ${blob.digest}`).digest('base64');
      // Rebuilt by a URL library, the blank, the slashes and the last = would come out differently.
      const target =
        `/bucket/${blob.digest.replace(':', '/')}?response-content-disposition=attachment%3B%20filename=layer` +
        `&expires=${Math.floor(expiresAt / 1000)}&signature=${signature.replaceAll('+', '%2B')}`;
      addresses.set(target, { method, blob, expiresAt });
      return { status, headers: [['Location', `${url()}${target}`]], body: Buffer.alloc(0) };
    },
    answer(request) {
      if (headerOf(request, 'authorization') !== undefined) {
        return xmlError(400, 'InvalidArgument', 'Only one auth mechanism allowed');
      }
      const address = addresses.get(`${request.path}?${request.query}`);
      if (address === undefined || address.method !== request.method) {
        return xmlError(403, 'SignatureDoesNotMatch', 'The signature does not match the request');
      }
      if (now() >= address.expiresAt) return xmlError(403, 'AccessDenied', 'Request has expired');
      const { bytes } = address.blob;
      const etag = `"${createHash('md5').update(bytes).digest('hex')}"`;
      return rangedAnswer(request, { bytes, etag, headers: [['Content-Type', 'application/octet-stream']] });
    },
  };
}

function xmlError(status: number, code: string, message: string): Answer {
  const text = `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>${message}</Message></Error>`;
  return { status, headers: [['Content-Type', 'application/xml']], body: Buffer.from(text) };
}
