/**
 * Whether all who read the host of an image read the same one. The grammar of image names takes hosts that no registry
 * can have, and numbers that one program takes for a name and another for an address: 0x7f.1 is 127.0.0.1 for some
 * resolvers and for https://url.spec.whatwg.org/#concept-ipv4-parser. A credential is for one host only, so none is
 * given for these. On the hot path, hence small and without imports.
 */

/** Why a `host[:port]` of an image name is not one host for everybody; `undefined` where it is. */
export function hostFault(host: string): string | undefined {
  const colon = host.lastIndexOf(':');
  const hasPort = colon > host.lastIndexOf(']');
  const name = hasPort ? host.slice(0, colon) : host;
  if (hasPort && !isPort(host.slice(colon + 1))) return 'its port is not one of 1 to 65535';
  if (name === '') return 'no registry can have this host';
  if (name.startsWith('[')) return URL.canParse(`https://${name}`) ? undefined : 'its host is not an IPv6 address';
  const lastLabel = name.slice(name.lastIndexOf('.') + 1);
  const isNumber = /^(?:[0-9]+|0x[0-9a-f]*)$/i.test(lastLabel);
  return isNumber && !isAddress(name) ? 'its host is a number in an unusual form' : undefined;
}

function isPort(text: string): boolean {
  return /^[1-9][0-9]{0,4}$/.test(text) && Number(text) <= 65535;
}

/** Four decimal numbers as everybody writes them: no zeros in front, none left out. */
function isAddress(name: string): boolean {
  const numbers = name.split('.');
  return numbers.length === 4 && numbers.every((text) => /^(?:0|[1-9][0-9]{0,2})$/.test(text) && Number(text) <= 255);
}
