/**
 * Is a redirect followed, and does the credential go along? RFC 9110 section 15.4 leaves both to the client; the OCI
 * distribution specification forbids to carry Authorization to another host. Blobs usually live on other hosts, so a
 * redirect itself is no offence. Left out: counting hops, and anything a name resolves to.
 */
import { type SpecialAddress, specialAddress } from './special-address.ts';

export type RedirectPurpose = 'blob' | 'manifest' | 'token-get' | 'token-post';

export type RedirectRefusal =
  | 'invalid-location'
  | 'unsupported-scheme'
  | 'userinfo'
  | 'tls-downgrade'
  | 'token-post-redirect'
  | 'token-cross-origin'
  | 'special-address';

export type RedirectJudgement =
  | { readonly follow: true; readonly keepAuthorization: boolean; readonly url: string }
  | { readonly follow: false; readonly reason: RedirectRefusal };

/** Limit of hops for one request; storage needs one or two. */
export const maxRedirects = 5;

/** `from` is the URL that answered, `location` the header as it came. */
export function judgeRedirect(
  purpose: RedirectPurpose,
  method: string,
  from: string,
  location: string,
): RedirectJudgement {
  if (location === '' || /[\s\p{Cc}]/u.test(location) || !URL.canParse(location, from)) {
    return { follow: false, reason: 'invalid-location' };
  }
  const source = new URL(from);
  const target = new URL(location, from);
  const sameOrigin = source.origin === target.origin;
  const reason = refusal(source, target) ?? tokenRefusal(purpose, method, sameOrigin) ?? addressRefusal(source, target);
  if (reason !== undefined) return { follow: false, reason };
  // A signed address must arrive as it was written: an absolute one is not written anew.
  const url = /^https?:\/\/[^/\\]/i.test(location) ? location : target.href;
  return { follow: true, keepAuthorization: sameOrigin, url };
}

function refusal(source: URL, target: URL): RedirectRefusal | undefined {
  if (target.protocol !== 'https:' && target.protocol !== 'http:') return 'unsupported-scheme';
  if (target.username !== '' || target.password !== '') return 'userinfo';
  return source.protocol === 'https:' && target.protocol !== 'https:' ? 'tls-downgrade' : undefined;
}

/** A redirected POST would carry the password in its body, past every rule on headers. */
function tokenRefusal(purpose: RedirectPurpose, method: string, sameOrigin: boolean): RedirectRefusal | undefined {
  if (purpose === 'token-post' || method.toUpperCase() === 'POST') return 'token-post-redirect';
  return purpose === 'token-get' && !sameOrigin ? 'token-cross-origin' : undefined;
}

/** A registry inside a private network may point to its neighbours, but not back to our own machine. */
function addressRefusal(source: URL, target: URL): RedirectRefusal | undefined {
  const special = specialAddress(target.hostname);
  if (special === undefined || source.hostname === target.hostname) return undefined;
  const origin = specialAddress(source.hostname);
  const inside = origin !== undefined && (origin === 'loopback' || privateKinds.has(origin));
  return inside && privateKinds.has(special) ? undefined : 'special-address';
}

const privateKinds: ReadonlySet<SpecialAddress> = new Set(['private', 'shared', 'unique-local', 'site-local']);
