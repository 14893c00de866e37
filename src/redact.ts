/** Masking for everything that is printed, logged or traced. */

/** Query parameters that identify a request and never carry a secret; all other values are hidden. */
const readable = new Set(['ns', 'scope', 'service']);

/** A URL fit for logs: query keys sorted, values hidden but for ns, scope and service, a password becomes xxxxx. */
export function redactUrl(url: string): string {
  let parsed: URL;
  try {
    parsed = new URL(url);
  } catch {
    return '(not a URL)';
  }
  if (parsed.password !== '') parsed.password = 'xxxxx';
  const pairs = [...parsed.searchParams].map(([name, value], index) => ({ name, value, index }));
  pairs.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : a.index - b.index));
  parsed.search = '';
  parsed.hash = '';
  const query = pairs.map(({ name, value }) => {
    const shown = value === '' || readable.has(name) ? encodeURIComponent(value) : 'REDACTED';
    return `${encodeURIComponent(name)}=${shown}`;
  });
  return query.length === 0 ? parsed.href : `${parsed.href}?${query.join('&')}`;
}

/** Shorter ones are parts of words; to mask them would only show where they are. */
const minEchoLength = 4;

/** A text that somebody else wrote, without the secrets that were sent there: servers give back what they get. */
export function maskEchoes(text: string, secrets: Iterable<string>): string {
  const forms = [...secrets].flatMap((secret) => [secret, encodeURIComponent(secret.toWellFormed())]);
  return forms
    .filter(({ length }) => length >= minEchoLength)
    .reduce((masked, form) => masked.replaceAll(form, maskSecret(form)), text);
}

/** How a secret appears where its presence, but not its value, is worth showing. */
export function maskSecret(secret: string): string {
  return secret === '' ? '(empty)' : '********';
}

/**
 * Hides `user:password` before an @, as in an address or a pattern, wherever it stands in a text. Not before a digest:
 * that is how an image with a port and a digest reads.
 */
export function maskLogins(text: string): string {
  return text.replace(/(?<![^\s"'/@:])[^\s"'/@:]+:[^\s"'@]+@(?!sha[0-9]+:)/g, '…@');
}
