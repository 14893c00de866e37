/**
 * Which hosts belong to one owner: those under the same registrable domain of the Public Suffix List,
 * https://publicsuffix.org, its private section included, so that two customers of one hosting company are strangers.
 * Nothing shorter than the list is honest (`co.uk`, `github.io`). It takes 130 KB, so only the road that judges realms
 * loads this file, with `import()`.
 */
import { getDomain } from 'tldts';

/** `undefined` for an address, a name without a dot, and a public suffix itself. */
export function registrableDomain(host: string): string | undefined {
  return getDomain(host, { allowPrivateDomains: true, extractHostname: false }) ?? undefined;
}
