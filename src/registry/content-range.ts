/** The `Content-Range` of a 206 answer, RFC 9110 section 14.4: which bytes came. */

export interface ContentRange {
  readonly first: number;
  readonly last: number;
  /** `undefined` where the server does not know. */
  readonly total: number | undefined;
}

/** `undefined` where it does not say exactly which bytes these are: such a body must not be used. */
export function parseContentRange(value: string | null): ContentRange | undefined {
  const [, from = '', to = '', size = ''] = /^bytes ([0-9]+)-([0-9]+)\/([0-9]+|\*)$/.exec(value ?? '') ?? [];
  const first = Number(from);
  const last = Number(to);
  const total = size === '*' ? undefined : Number(size);
  if (from === '' || !Number.isSafeInteger(last) || first > last) return undefined;
  if (total !== undefined && (!Number.isSafeInteger(total) || last >= total)) return undefined;
  return { first, last, total };
}
