/**
 * Whether a pattern covers an image, as a kubelet decides for matchImages, for the keys of a response and for those of
 * a docker config: https://kubernetes.io/docs/tasks/administer-cluster/kubelet-credential-provider/#configure-image-matching
 * and pkg/credentialprovider/keyring.go. Ports are equal text, hosts match label by label, paths by plain text prefix.
 */
import { matchGlob } from './go-glob.ts';
import { toBytes } from './go-text.ts';
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

/** The rule for one label of a host, for who has split pattern and host already. */
export function matchLabel(pattern: string, label: string): boolean {
  return matchGlob(toBytes(pattern), toBytes(label));
}
