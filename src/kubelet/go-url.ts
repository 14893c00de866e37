/**
 * The part of Go's URL parser that decides what a match pattern means (https://pkg.go.dev/net/url#Parse, Go 1.26):
 * host with port and decoded path of `https://…` text, or the reason why there are none, in Go's words. User info,
 * query and fragment are checked and dropped. Texts are byte strings (go-text.ts): Go decodes to bytes, not characters.
 */
import { parseGoAddress } from './go-ip.ts';
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

export interface GoUrlOptions {
  /** False for programs that keep the rules of Go 1.25 and older, where only the last colon begins a port. */
  readonly strictColons?: boolean;
}

/** Takes a URL that begins with `https://` or `http://`. */
export function parseGoUrl(url: string, options: GoUrlOptions = {}): GoUrl | GoUrlProblem {
  const hash = url.indexOf('#');
  const main = hash === -1 ? url : url.slice(0, hash);
  let quoted = main;
  try {
    const parsed = parseMain(main, options);
    quoted = url;
    if (hash !== -1) decodeEscapes(url.slice(hash + 1), 'text');
    return parsed;
  } catch (error) {
    if (!(error instanceof UrlError)) throw error;
    return { problem: `parse ${goQuote(quoted)}: ${error.message}` };
  }
}

function parseMain(url: string, options: GoUrlOptions): GoUrl {
  if (/[\0-\x1f\x7f]/.test(url)) throw new UrlError('net/url: invalid control character in URL');
  const start = url.indexOf('://') + 3;
  const query = url.indexOf('?', start);
  const rest = url.slice(start, query === -1 ? url.length : query);
  const slash = rest.indexOf('/');
  const authority = slash === -1 ? rest : rest.slice(0, slash);
  const host = parseAuthority(authority, options);
  return { host, path: slash === -1 ? '' : decodeEscapes(rest.slice(slash), 'text') };
}

function parseAuthority(authority: string, options: GoUrlOptions): string {
  const at = authority.lastIndexOf('@');
  const host = parseHost(authority.slice(at + 1), options);
  const userInfo = authority.slice(0, Math.max(0, at));
  if (!/^[A-Za-z0-9\-._:~!$&'()*+,;=%@]*$/.test(userInfo)) throw new UrlError('net/url: invalid userinfo');
  const colon = userInfo.indexOf(':');
  // User name and password are decoded apart, so an error names less.
  decodeEscapes(colon === -1 ? userInfo : userInfo.slice(0, colon), 'text');
  decodeEscapes(userInfo.slice(colon + 1), 'text');
  return host;
}

function parseHost(host: string, { strictColons = true }: GoUrlOptions): string {
  const bracket = host.lastIndexOf('[');
  if (bracket > 0) throw new UrlError('invalid IP-literal');
  if (bracket === 0) return parseBracketed(host);
  const colon = strictColons ? host.indexOf(':') : host.lastIndexOf(':');
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
  const parsed = parseGoAddress(address);
  if ('problem' in parsed) throw new UrlError(`invalid host: ${parsed.problem}`);
  if (parsed.family === 4) throw new UrlError('invalid IP-literal');
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
