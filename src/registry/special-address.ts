/**
 * Addresses that a registry on the network has no business to send us to: our own machine, its link, its private
 * networks, the metadata services of clouds. IANA's special-purpose registries name the ranges,
 * https://www.iana.org/assignments/iana-ipv4-special-registry/ and .../iana-ipv6-special-registry/. An IPv4 address is
 * looked at also inside the IPv6 forms that carry one. Left out: Teredo and ISATAP tunnels, documentation ranges, and
 * names, which mean nothing before they are resolved, except those of localhost.
 */

export type SpecialAddress =
  | 'loopback'
  | 'unspecified'
  | 'link-local'
  | 'private'
  | 'shared'
  | 'unique-local'
  | 'site-local'
  | 'multicast'
  | 'reserved';

/** The host of a URL, or the address of a connection, in any spelling that a URL may have (`0x7f.1`, `2130706433`). */
export function specialAddress(host: string): SpecialAddress | undefined {
  const canonical = canonicalHost(host);
  if (canonical === 'localhost' || canonical.endsWith('.localhost')) return 'loopback';
  if (canonical.startsWith('[')) return specialV6(groupsOf(canonical));
  return isV4(canonical) ? specialV4(bytesOf(canonical)) : undefined;
}

/** Whether the host is an address and not a name. */
export function isAddress(host: string): boolean {
  const canonical = canonicalHost(host);
  return canonical.startsWith('[') || isV4(canonical);
}

/**
 * As the URL parser writes hosts: lower case, IPv4 as four decimal numbers, IPv6 in brackets, no dot at the end. What is
 * no host at all becomes the empty string.
 */
export function canonicalHost(host: string): string {
  // Anything else would let the parser find its host somewhere else in the text.
  if (/[/?#@\\\s]/.test(host)) return '';
  const bare = host.includes(':') && !host.startsWith('[') ? `[${host.replace(/%.*$/, '')}]` : host;
  const url = `http://${bare}/`;
  return URL.canParse(url) ? new URL(url).hostname.replace(/\.$/, '') : '';
}

function isV4(canonical: string): boolean {
  return /^[0-9]+(?:\.[0-9]+){3}$/.test(canonical);
}

type Bytes = readonly [number, number, number, number];

function bytesOf(canonical: string): Bytes {
  const [a = 0, b = 0, c = 0, d = 0] = canonical.split('.').map(Number);
  return [a, b, c, d];
}

function specialV4([a, b, c]: Bytes): SpecialAddress | undefined {
  if (a === 0) return 'unspecified';
  if (a === 127) return 'loopback';
  if (a === 10 || (a === 172 && (b & 0xf0) === 16) || (a === 192 && b === 168)) return 'private';
  if (a === 169 && b === 254) return 'link-local';
  if (a === 100 && (b & 0xc0) === 64) return 'shared';
  // 192.0.0.192 was a cloud's metadata service; nothing public lives in that block.
  if (a >= 240 || (a === 192 && b === 0 && c === 0)) return 'reserved';
  return a >= 224 ? 'multicast' : undefined;
}

/** Eight groups of 16 bits; the parser has left hex groups and at most one `::`. */
function groupsOf(canonical: string): readonly number[] {
  const [head = '', tail] = canonical.slice(1, -1).split('::');
  const front = head === '' ? [] : head.split(':');
  const back = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = new Array<string>(8 - front.length - back.length).fill('0');
  return [...front, ...zeros, ...back].map((group) => Number.parseInt(group, 16));
}

function specialV6(groups: readonly number[]): SpecialAddress | undefined {
  const [first = 0, second = 0, third = 0] = groups;
  const zeros = groups.findIndex((group) => group !== 0);
  if (zeros === -1) return 'unspecified';
  if (zeros === 7 && groups[7] === 1) return 'loopback';
  const inner = embeddedV4(groups, zeros);
  if (inner !== undefined) return specialV4(inner);
  // Translation inside one's own network (RFC 8215): where it leads only that network knows.
  if (first === 0x64 && second === 0xff9b && third === 1) return 'private';
  if ((first & 0xffc0) === 0xfe80) return 'link-local';
  if ((first & 0xffc0) === 0xfec0) return 'site-local';
  if ((first & 0xfe00) === 0xfc00) return 'unique-local';
  return first >= 0xff00 ? 'multicast' : undefined;
}

/** IPv4-mapped, -translated and -compatible, NAT64 (RFC 6052) and 6to4 (RFC 3056). */
function embeddedV4(groups: readonly number[], zeros: number): Bytes | undefined {
  const [first, second, third = 0, , fifth, sixth, seventh = 0, eighth = 0] = groups;
  const mapped = zeros === 5 && sixth === 0xffff;
  const translated = zeros === 4 && fifth === 0xffff && sixth === 0;
  const compatible = zeros >= 6;
  const nat64 = first === 0x64 && second === 0xff9b && groups.slice(2, 6).every((group) => group === 0);
  if (mapped || translated || compatible || nat64) return v4Of(seventh, eighth);
  return first === 0x2002 ? v4Of(second ?? 0, third) : undefined;
}

function v4Of(high: number, low: number): Bytes {
  return [high >> 8, high & 0xff, low >> 8, low & 0xff];
}
