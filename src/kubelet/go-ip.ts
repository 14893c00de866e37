/**
 * Whether a text is an IP address to Go, and if not, why, in Go's words (https://pkg.go.dev/net/netip#ParseAddr): since
 * 2025 Go's URL parser refuses hosts in brackets that are none, and a kubelet prints the reason.
 */
import { goQuote } from './go-text.ts';

export type GoAddress = { readonly family: 4 | 6 } | { readonly problem: string };

/** Takes a byte string. */
export function parseGoAddress(text: string): GoAddress {
  const mark = /[.:%]/.exec(text)?.[0];
  try {
    if (mark === undefined) throw new AddressError('unable to parse IP');
    if (mark === '%') throw new AddressError('missing IPv6 address');
    if (mark === ':') checkIPv6(text);
    else checkIPv4(text);
    return { family: mark === ':' ? 6 : 4 };
  } catch (error) {
    if (!(error instanceof AddressError)) throw error;
    const at = error.rest === '' ? '' : ` (at ${goQuote(error.rest)})`;
    return { problem: `ParseAddr(${goQuote(text)}): ${error.message}${at}` };
  }
}

class AddressError extends Error {
  readonly rest: string;

  constructor(message: string, rest = '') {
    super(message);
    this.rest = rest;
  }
}

/** An IPv6 address has eight fields of 16 bits; a `::` stands for one or more of them. */
const maxFields = 8;

function checkIPv6(text: string): void {
  const percent = text.indexOf('%');
  if (percent === text.length - 1) throw new AddressError('zone must be a non-empty string');
  let rest = percent === -1 ? text : text.slice(0, percent);
  let fields = 0;
  let elided = rest.startsWith('::');
  if (elided) rest = rest.slice(2);
  if (elided && rest === '') return;
  while (fields < maxFields) {
    const field = /^[0-9A-Fa-f]*/.exec(rest)?.[0] ?? '';
    if (field.length > 4) throw new AddressError('each group must have 4 or less digits', rest);
    if (field === '') throw new AddressError('each colon-separated field must have at least one digit', rest);
    if (rest.charAt(field.length) === '.') {
      checkEmbedded(rest, fields, elided);
      fields += 2;
      rest = '';
      break;
    }
    fields++;
    rest = rest.slice(field.length);
    if (rest === '') break;
    if (!rest.startsWith(':')) throw new AddressError('unexpected character, want colon', rest);
    if (rest === ':') throw new AddressError('colon must be followed by more characters', rest);
    rest = rest.slice(1);
    if (!rest.startsWith(':')) continue;
    if (elided) throw new AddressError('multiple :: in address', rest);
    elided = true;
    rest = rest.slice(1);
    if (rest === '') break;
  }
  if (rest !== '') throw new AddressError('trailing garbage after address', rest);
  if (fields < maxFields && !elided) throw new AddressError('address string too short');
  if (fields === maxFields && elided) throw new AddressError('the :: must expand to at least one field of zeros');
}

/** The last two fields may be written as an IPv4 address. */
function checkEmbedded(rest: string, fields: number, elided: boolean): void {
  if (!elided && fields !== maxFields - 2) {
    throw new AddressError('embedded IPv4 address must replace the final 2 fields of the address', rest);
  }
  if (fields > maxFields - 2) {
    throw new AddressError('too many hex fields to fit an embedded IPv4 at the end of the address', rest);
  }
  checkIPv4(rest);
}

function checkIPv4(text: string): void {
  let octet = '';
  let dots = 0;
  for (const [at, character] of [...text].entries()) {
    if (/^[0-9]$/.test(character)) {
      if (octet === '0') throw new AddressError('IPv4 field has octet with leading zero');
      octet += character;
      if (Number(octet) > 255) throw new AddressError('IPv4 field has value >255');
    } else if (character !== '.') throw new AddressError('unexpected character', text.slice(at));
    else {
      const isEdge = at === 0 || at === text.length - 1 || text.charAt(at - 1) === '.';
      if (isEdge) throw new AddressError('IPv4 field must have at least one digit', text.slice(at));
      if (dots === 3) throw new AddressError('IPv4 address too long');
      dots++;
      octet = '';
    }
  }
  if (dots < 3) throw new AddressError('IPv4 address too short');
}
