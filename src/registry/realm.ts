/**
 * May the token service that a registry names see the credential for that registry? The realm of a bearer challenge is
 * an address chosen by whoever answered, which is how credentials have been stolen from several registry clients.
 * https://distribution.github.io/distribution/spec/auth/token/ asks nothing of a realm; the policy is ours: the text
 * first, because a URL parser reads far more than was meant, then the parsed host. Left out: what names resolve to.
 */
import { isAddress, specialAddress } from './special-address.ts';

export type RealmReason =
  | 'same-host-port'
  | 'same-host-other-port'
  | 'same-site'
  | 'relative-same-origin'
  | 'cross-site'
  | 'cross-host-ip'
  | 'invalid-realm'
  | 'unsupported-scheme'
  | 'userinfo'
  | 'tls-downgrade'
  | 'special-address';

/** `notice`: a node would send the credential there, so we do, but we say so before. */
export type RealmJudgement =
  | { readonly verdict: 'allow' | 'notice'; readonly reason: RealmReason; readonly url: string }
  | { readonly verdict: 'deny'; readonly reason: RealmReason };

export interface RealmOptions {
  /** The name under which somebody registered the host, `undefined` where there is none; see site.ts. */
  readonly registrableDomain: (host: string) => string | undefined;
  /** Hosts, `host` or `host:port`, that the operator trusts with this registry's credentials: no notice for them. */
  readonly trustedHosts?: readonly string[];
  /** Refuse what would be a notice. */
  readonly strict?: boolean;
}

/** `responseUrl` is the URL whose answer carried the challenge. */
export function judgeRealm(responseUrl: string, realm: string, options: RealmOptions): RealmJudgement {
  const form = formOf(realm);
  if (form === 'unsupported-scheme') return { verdict: 'deny', reason: form };
  if (form === 'invalid-realm' || !URL.canParse(realm, responseUrl))
    return { verdict: 'deny', reason: 'invalid-realm' };
  const response = new URL(responseUrl);
  const url = new URL(realm, responseUrl);
  url.hash = '';
  if (form === 'path') return { verdict: 'allow', reason: 'relative-same-origin', url: url.href };
  const { verdict, reason } = judgeUrl(response, url, realm, options);
  if (verdict === 'deny') return { verdict, reason };
  if (verdict === 'allow' || isTrusted(url, options.trustedHosts)) return { verdict: 'allow', reason, url: url.href };
  return options.strict === true ? { verdict: 'deny', reason } : { verdict, reason, url: url.href };
}

/** Looked at before any parser, which would turn a backslash into a slash and drop tabs and line breaks. */
function formOf(realm: string): 'absolute' | 'path' | 'unsupported-scheme' | 'invalid-realm' {
  if (/[\s\\\p{Cc}]/u.test(realm)) return 'invalid-realm';
  if (/^https?:\/\/[^/]/i.test(realm)) return 'absolute';
  if (/^\/(?!\/)/.test(realm)) return 'path';
  if (/^https?:/i.test(realm)) return 'invalid-realm';
  return /^[a-z][a-z0-9+.-]*:/i.test(realm) ? 'unsupported-scheme' : 'invalid-realm';
}

type Finding = Pick<RealmJudgement, 'verdict' | 'reason'>;

function judgeUrl(response: URL, url: URL, realm: string, options: RealmOptions): Finding {
  // The parser forgets an empty name before the @.
  const authority = /^https?:\/\/([^/?#]*)/i.exec(realm)?.[1] ?? '';
  if (authority.includes('@')) return { verdict: 'deny', reason: 'userinfo' };
  if (response.protocol === 'https:' && url.protocol !== 'https:') return { verdict: 'deny', reason: 'tls-downgrade' };
  const sameHost = hostOf(response) === hostOf(url);
  // Registries on private addresses with their token service beside them are common; too strict a rule broke them.
  if (sameHost && portOf(response) === portOf(url)) return { verdict: 'allow', reason: 'same-host-port' };
  const isSpecial = specialAddress(url.hostname) !== undefined;
  if (isSpecial && !sameHost) return { verdict: 'deny', reason: 'special-address' };
  const isName = !isSpecial && !isAddress(url.hostname);
  if (sameHost) return { verdict: isName ? 'allow' : 'notice', reason: 'same-host-other-port' };
  if (!isName) return { verdict: 'notice', reason: 'cross-host-ip' };
  const site = options.registrableDomain(hostOf(url));
  // Two names that nobody can register are not one site.
  if (site !== undefined && site === options.registrableDomain(hostOf(response)))
    return { verdict: 'allow', reason: 'same-site' };
  return { verdict: 'notice', reason: 'cross-site' };
}

function hostOf(url: URL): string {
  return url.hostname.replace(/\.$/, '');
}

function portOf(url: URL): string {
  return url.port === '' ? (url.protocol === 'https:' ? '443' : '80') : url.port;
}

function isTrusted(url: URL, trustedHosts: readonly string[] = []): boolean {
  return trustedHosts.some((host) => {
    const trusted = host.toLowerCase();
    return trusted === hostOf(url) || trusted === `${hostOf(url)}:${portOf(url)}`;
  });
}
