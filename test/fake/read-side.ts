/**
 * The read side of the OCI distribution specification: ping, manifests, blobs. Who may ask is decided before
 * (gate.ts). Left out: tag lists, referrers (404, which clients must expect) and everything that writes.
 */
import { type Answer, errorAnswer, type HeaderLine, jsonAnswer } from './answer.ts';
import type { Content } from './content.ts';
import { mediaTypes } from './image.ts';
import { rangedAnswer } from './range.ts';
import { isDigest, isName, isTag, type Repositories } from './repositories.ts';
import { headersOf, type ReceivedRequest } from './request.ts';

export type Route =
  | { readonly kind: 'ping' }
  | { readonly kind: 'manifest' | 'blob'; readonly name: string; readonly reference: string };

/** What a path asks for, or why it is not a path of this API. */
export function parseRoute(path: string): Route | Answer {
  if (path === '/v2/') return { kind: 'ping' };
  const match = /^\/v2\/(.+)\/(manifests|blobs)\/([^/]+)$/.exec(path);
  if (match === null) return errorAnswer(404, 'UNSUPPORTED', 'no such path');
  const [, name = '', kind, escaped = ''] = match;
  if (!isName(name)) return errorAnswer(400, 'NAME_INVALID', 'invalid repository name', { detail: { name } });
  // A colon may be written as %3A; nothing else in a reference needs an escape.
  const reference = escaped.replace(/%3a/gi, ':');
  if (kind === 'blobs') {
    return isDigest(reference)
      ? { kind: 'blob', name, reference }
      : errorAnswer(400, 'DIGEST_INVALID', 'invalid digest');
  }
  if (isDigest(reference) || isTag(reference)) return { kind: 'manifest', name, reference };
  if (reference.includes(':')) return errorAnswer(400, 'DIGEST_INVALID', 'invalid digest');
  return errorAnswer(400, 'TAG_INVALID', 'invalid tag');
}

export interface ReadSide {
  readonly repositories: Repositories;
  /** Where a blob is, when it is not here. */
  readonly redirectBlob?: ((request: ReceivedRequest, blob: Content) => Answer) | undefined;
}

export function answerRoute(request: ReceivedRequest, route: Route, { repositories, redirectBlob }: ReadSide): Answer {
  if (route.kind === 'ping') return jsonAnswer(200, {});
  const { name, reference } = route;
  if (!repositories.has(name)) return errorAnswer(404, 'NAME_UNKNOWN', 'repository unknown', { detail: { name } });
  if (route.kind === 'manifest') {
    return answerManifest(request, repositories.manifest(name, reference), reference);
  }
  const blob = repositories.blob(name, reference);
  if (blob === undefined) return errorAnswer(404, 'BLOB_UNKNOWN', 'blob unknown', { detail: { digest: reference } });
  if (redirectBlob !== undefined) return redirectBlob(request, blob);
  return rangedAnswer(request, {
    bytes: blob.bytes,
    etag: `"${blob.digest}"`,
    headers: [
      ['Content-Type', 'application/octet-stream'],
      ['Docker-Content-Digest', blob.digest],
    ],
  });
}

function answerManifest(request: ReceivedRequest, manifest: Content | undefined, reference: string): Answer {
  const detail = { reference };
  if (manifest === undefined) return errorAnswer(404, 'MANIFEST_UNKNOWN', 'manifest unknown', { detail });
  if (!accepts(request, manifest.mediaType)) {
    return errorAnswer(404, 'MANIFEST_UNKNOWN', `found, but Accept does not name ${manifest.mediaType}`, { detail });
  }
  const headers: HeaderLine[] = [
    ['Content-Type', manifest.mediaType],
    ['Docker-Content-Digest', manifest.digest],
    ['ETag', `"${manifest.digest}"`],
  ];
  return { status: 200, headers, body: manifest.bytes };
}

/**
 * As distribution has it: an OCI type must be named, a wildcard is not enough. Docker's manifests and whatever else
 * there may be are sent to everybody.
 */
function accepts(request: ReceivedRequest, mediaType: string): boolean {
  const careful: readonly string[] = [mediaTypes.oci.index, mediaTypes.oci.manifest];
  if (!careful.includes(mediaType)) return true;
  const named = headersOf(request, 'accept').flatMap((line) => line.split(','));
  return named.some((item) => item.split(';')[0]?.trim().toLowerCase() === mediaType);
}
