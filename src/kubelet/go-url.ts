/**
 * The part of Go's URL parser that decides what a match pattern means (https://pkg.go.dev/net/url#Parse, Go 1.26):
 * host with port and decoded path of `https://…` text, or the reason why there are none, in Go's words. User info,
 * query and fragment are checked and dropped. Texts are byte strings (go-text.ts): Go decodes to bytes, not characters.
 */
import { goQuote } from './go-text.ts';

export interface GoUrl {
  readonly host: string;
  readonly path: string;
}

/** `problem` is the whole error text, which quotes the URL. */
export interface GoUrlProblem {
  readonly problem: string;
}

class UrlError extends Error {}

/** Takes a URL that begins with `https://` or `http://`. */
export function parseGoUrl(url: string): GoUrl | GoUrlProblem {
  const hash = url.indexOf('#');
  const main = hash === -1 ? url : url.slice(0, hash);
  let quoted = main;
  try {
    const parsed = parseMain(main);
    quoted = url;
    if (hash !== -1) decodeEscapes(url.slice(hash + 1), 'text');
    return parsed;
  } catch (error) {
    if (!(error instanceof UrlError)) throw error;
    return { problem: `parse ${goQuote(quoted)}: ${error.message}` };
  }
}

function parseMain(url: string): GoUrl {
  if (/[\0-\x1f\x7f]/.test(url)) throw new UrlError('net/url: invalid control character in URL');
  const start = url.indexOf('://') + 3;
  const query = url.indexOf('?', start);
  const rest = url.slice(start, query === -1 ? url.length : query);
  const slash = rest.indexOf('/');
  const authority = slash === -1 ? rest : rest.slice(0, slash);
  const host = parseAuthority(authority);
  return { host, path: slash === -1 ? '' : decodeEscapes(rest.slice(slash), 'text') };
}

function parseAuthority(authority: string): string {
  const at = authority.lastIndexOf('@');
  const host = parseHost(authority.slice(at + 1));
  const userInfo = authority.slice(0, Math.max(0, at));
  if (!/^[A-Za-z0-9\-._:~!$&'()*+,;=%@]*$/.test(userInfo)) throw new UrlError('net/url: invalid userinfo');
  const colon = userInfo.indexOf(':');
  // User name and password are decoded apart, so an error names less.
  decodeEscapes(colon === -1 ? userInfo : userInfo.slice(0, colon), 'text');
  decodeEscapes(userInfo.slice(colon + 1), 'text');
  return host;
}

function parseHost(host: string): string {
  const bracket = host.lastIndexOf('[');
  if (bracket > 0) throw new UrlError('invalid IP-literal');
  if (bracket === 0) return parseBracketed(host);
  const colon = host.indexOf(':');
  if (colon !== -1) checkPort(host.slice(colon));
  return decodeEscapes(host, 'host');
}

function parseBracketed(host: string): string {
  const close = host.lastIndexOf(']');
  if (close === -1) throw new UrlError("missing ']' in host");
  checkPort(host.slice(close + 1));
  const name = host.slice(1, close);
  const zone = name.indexOf('%25');
  const address =
    zone === -1
      ? decodeEscapes(name, 'host')
      : decodeEscapes(name.slice(0, zone), 'host') + decodeEscapes(name.slice(zone), 'zone');
  if (/^[0-9]+(?:\.[0-9]+){3}$/.test(address) && isIPv4(address)) throw new UrlError('invalid IP-literal');
  if (!isIPv6(address)) throw new UrlError(`invalid host: ParseAddr(${goQuote(address)}): unable to parse IP`);
  return `[${address}]${host.slice(close + 1)}`;
}

function checkPort(colonPort: string): void {
  if (/^(?::[0-9]*)?$/.test(colonPort)) return;
  throw new UrlError(`invalid port ${goQuote(colonPort)} after host`);
}

/** `text` stands for path, fragment and user info, where every escape is welcome. */
type Place = 'text' | 'host' | 'zone';

const hostCharacter = /[!"$&'()*+,\-.0-9:;<=>A-Z[\]_a-z~]/;

function decodeEscapes(text: string, place: Place): string {
  if (place === 'text' && !text.includes('%')) return text;
  let decoded = '';
  for (let at = 0; at < text.length; at++) {
    const character = text.charAt(at);
    if (character === '%') {
      decoded += decodeEscape(text, at, place);
      at += 2;
      continue;
    }
    if (place !== 'text' && character < '\x80' && !hostCharacter.test(character)) {
      throw new UrlError(`invalid character ${goQuote(character)} in host name`);
    }
    decoded += character;
  }
  return decoded;
}

function decodeEscape(text: string, at: number, place: Place): string {
  const triple = text.slice(at, at + 3);
  const byte = /^%[0-9A-Fa-f]{2}$/.test(triple) ? String.fromCharCode(Number.parseInt(triple.slice(1), 16)) : undefined;
  if (byte === undefined || !isAllowed(byte, place)) throw new UrlError(`invalid URL escape ${goQuote(triple)}`);
  return byte;
}

/** A host may only escape what is not ASCII; a zone only what it could hold plainly, and the space. */
function isAllowed(byte: string, place: Place): boolean {
  if (place === 'text' || byte === '%') return true;
  return place === 'host' ? byte >= '\x80' : byte === ' ' || hostCharacter.test(byte);
}

/** As https://pkg.go.dev/net/netip#ParseAddr reads it, zone included. */
function isIPv6(text: string): boolean {
  const percent = text.indexOf('%');
  if (percent === text.length - 1) return false;
  const address = percent === -1 ? text : text.slice(0, percent);
  if (!/^[0-9A-Fa-f:.]*$/.test(address)) return false;
  const halves = address.split('::');
  if (halves.length > 2) return false;
  const groups = halves.map((half, index) => countGroups(half, index === halves.length - 1));
  if (groups.includes(undefined)) return false;
  const total = groups.reduce<number>((sum, count) => sum + (count ?? 0), 0);
  return halves.length === 2 ? total <= 7 : total === 8;
}

/** Groups of 16 bits in colon-separated text; the last two may be written as an IPv4 address. */
function countGroups(text: string, isLast: boolean): number | undefined {
  if (text === '') return 0;
  const groups = text.split(':');
  const tail = groups.at(-1) ?? '';
  const hasIPv4 = isLast && tail.includes('.');
  if (hasIPv4 && !isIPv4(tail)) return undefined;
  const hex = hasIPv4 ? groups.slice(0, -1) : groups;
  if (!hex.every((group) => /^[0-9A-Fa-f]{1,4}$/.test(group))) return undefined;
  return hex.length + (hasIPv4 ? 2 : 0);
}

function isIPv4(text: string): boolean {
  const octets = text.split('.');
  return octets.length === 4 && octets.every((octet) => /^(?:0|[1-9][0-9]{0,2})$/.test(octet) && Number(octet) < 256);
}
