/**
 * Content with ranges (RFC 9110 section 14): 206 to one range, 416 to one that is not there, 400 to several, as Google
 * Cloud Storage answers. A range on HEAD is no range.
 */
import { type Answer, type HeaderLine, withHeader } from './answer.ts';
import { headerOf, type ReceivedRequest } from './request.ts';

export interface Ranged {
  readonly bytes: Buffer;
  readonly headers: readonly HeaderLine[];
  /** A strong entity tag. */
  readonly etag: string;
}

export function rangedAnswer(request: ReceivedRequest, content: Ranged): Answer {
  const { bytes, etag } = content;
  const headers = withHeader(withHeader(content.headers, 'Accept-Ranges', ['bytes']), 'ETag', [etag]);
  const whole = (): Answer => ({ status: 200, headers, body: bytes });
  const range = (first: number, last: number): Answer => ({
    status: 206,
    headers: withHeader(headers, 'Content-Range', [`bytes ${first}-${last}/${bytes.length}`]),
    body: bytes.subarray(first, last + 1),
  });
  const variants = { whole, range };
  const asked = headerOf(request, 'range');
  const ifRange = headerOf(request, 'if-range');
  if (asked === undefined || request.method === 'HEAD') return { ...whole(), variants };
  if (ifRange !== undefined && ifRange !== etag) return { ...whole(), variants };
  if (asked.includes(',')) return plain(400, 'one range at a time', []);
  const span = parseRange(asked, bytes.length);
  if (span === undefined) return plain(416, 'no such range', [['Content-Range', `bytes */${bytes.length}`]]);
  return { ...range(span.first, span.last), variants };
}

interface Span {
  readonly first: number;
  readonly last: number;
}

/** `a-b`, `a-` and `-n`; undefined when nothing of it exists or it is no range. */
function parseRange(text: string, size: number): Span | undefined {
  const match = /^bytes=([0-9]*)-([0-9]*)$/.exec(text);
  if (match === null) return undefined;
  const [, from = '', to = ''] = match;
  if (from === '') {
    const length = Math.min(Number(to), size);
    return to === '' || length === 0 ? undefined : { first: size - length, last: size - 1 };
  }
  const first = Number(from);
  if (first >= size || (to !== '' && Number(to) < first)) return undefined;
  return { first, last: to === '' ? size - 1 : Math.min(Number(to), size - 1) };
}

function plain(status: number, text: string, headers: readonly HeaderLine[]): Answer {
  return { status, headers: [['Content-Type', 'text/plain; charset=utf-8'], ...headers], body: Buffer.from(text) };
}
