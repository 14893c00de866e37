/**
 * Whether a pattern covers an image, as a kubelet decides for matchImages, for the keys of a response and for those of
 * a docker config: https://kubernetes.io/docs/tasks/administer-cluster/kubelet-credential-provider/#configure-image-matching
 * and pkg/credentialprovider/keyring.go. Ports are equal text, hosts match label by label, paths by plain text prefix.
 */
import { matchGlob } from './go-glob.ts';
import { fromBytes, toBytes } from './go-text.ts';
import { type GoUrl, type GoUrlOptions, type GoUrlProblem, parseGoUrl } from './go-url.ts';

/** A pattern, or an image, in the parts that are compared; each part is a byte string. */
export interface MatchImage {
  readonly labels: readonly string[];
  /** Empty where there is none. */
  readonly port: string;
  readonly path: string;
}

/** Why a kubelet refuses a pattern at start-up: the text that it prints after `match image is invalid: `. */
export type MatchImageProblem = GoUrlProblem;

/** Scheme-less text, a pattern or an image. */
export function parseMatchImage(pattern: string, options: GoUrlOptions = {}): MatchImage | MatchImageProblem {
  return parseMatchImageBytes(toBytes(pattern), options);
}

/** The same for a byte string. */
export function parseMatchImageBytes(pattern: string, options: GoUrlOptions = {}): MatchImage | MatchImageProblem {
  const url = parseGoUrl(`https://${pattern}`, options);
  return 'problem' in url ? url : splitUrl(url);
}

function splitUrl(url: GoUrl): MatchImage {
  const { name, port } = splitHostPort(url.host);
  return { labels: name.split('.'), port, path: url.path };
}

/** Brackets go only when a port follows, so that a bare IPv6 address is later read as a character class. */
function splitHostPort(host: string): { name: string; port: string } {
  const colon = host.lastIndexOf(':');
  const whole = { name: host, port: '' };
  if (colon === -1) return whole;
  const port = host.slice(colon + 1);
  const name = host.slice(0, colon);
  if (/[[\]]/.test(port)) return whole;
  if (!name.startsWith('[')) return /[:[\]]/.test(name) ? whole : { name, port };
  const close = name.indexOf(']');
  return close === name.length - 1 && !name.includes('[', 1) ? { name: name.slice(1, -1), port } : whole;
}

/** Text that cannot be parsed matches nothing; a parsed image can be compared with many patterns. */
export function matchesImage(pattern: MatchImage, image: string | MatchImage): boolean {
  const target = typeof image === 'string' ? parseMatchImage(image) : image;
  if ('problem' in target) return false;
  if (pattern.port !== target.port || pattern.labels.length !== target.labels.length) return false;
  if (!target.path.startsWith(pattern.path)) return false;
  return target.labels.every((label, index) => matchGlob(pattern.labels[index] ?? '', label));
}

/** The first rule by which a pattern does not cover an image, in the order of `matchesImage`; nothing if it does. */
export function explainMismatch(pattern: MatchImage, image: MatchImage): string | undefined {
  const port = portMismatch(pattern.port, image.port);
  if (port !== undefined) return port;
  const [wanted, given] = [pattern.labels.length, image.labels.length];
  if (wanted !== given) return `its host has ${count(wanted, 'label')}, the image's has ${given}`;
  if (!image.path.startsWith(pattern.path))
    return `the image's path does not begin with ${quoteBytes(pattern.path)}, letter by letter`;
  const index = image.labels.findIndex((label, at) => !matchGlob(pattern.labels[at] ?? '', label));
  if (index === -1) return undefined;
  return `its host label ${quoteBytes(pattern.labels[index])} does not match ${quoteBytes(image.labels[index])}`;
}

/** Ports are compared as text, and no port is no default port. */
export function portMismatch(pattern: string, image: string): string | undefined {
  if (pattern === image) return undefined;
  const name = (port: string): string => (port === '' ? 'no port' : `port ${port}`);
  return `it has ${name(pattern)}, the image has ${name(image)}`;
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}

function quoteBytes(bytes = ''): string {
  return `"${fromBytes(bytes)}"`;
}

/** The rule for one label of a host, for who has split pattern and host already. */
export function matchLabel(pattern: string, label: string): boolean {
  return matchGlob(toBytes(pattern), toBytes(label));
}
