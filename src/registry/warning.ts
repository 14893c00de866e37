/**
 * The `Warning` header by which a registry speaks to the person who pulls: only the one form that the OCI distribution
 * specification allows, `299 - "text"`. The text is shown once and never acted on; whoever prints it still escapes it.
 */

/** The specification's own limit for all warnings of an answer. */
const maxWarningBytes = 4096;

const form = /^299 - "((?:[^"\\]|\\.)*)"[ \t]*$/su;

/** The text to show; `undefined` means that the header is to be ignored. */
export function parseWarning(header: string): string | undefined {
  if (header.length > maxWarningBytes) return undefined;
  const quoted = form.exec(header)?.[1];
  if (quoted === undefined || hasControl(quoted)) return undefined;
  const text = decode(quoted);
  return text === undefined || text === '' ? undefined : text;
}

function hasControl(text: string): boolean {
  return /[^\t\P{Cc}]/u.test(text);
}

/** Backslash escapes, and percent escapes that form text; what an escape may not bring in makes the whole unusable. */
function decode(quoted: string): string | undefined {
  let unusable = false;
  const text = quoted.replace(/\\(.)|((?:%[0-9A-Fa-f]{2})+)/gsu, (all, escaped: string | undefined) => {
    if (escaped !== undefined) return escaped;
    const decoded = decodePercent(all);
    if (decoded === undefined) return all;
    if (decoded.includes('"') || hasControl(decoded)) unusable = true;
    return decoded;
  });
  return unusable ? undefined : text;
}

function decodePercent(text: string): string | undefined {
  const bytes = Buffer.from(text.replaceAll('%', ''), 'hex');
  const decoded = bytes.toString('utf8');
  // Bytes that are no UTF-8 stay as they were written.
  return Buffer.from(decoded, 'utf8').equals(bytes) ? decoded : undefined;
}
