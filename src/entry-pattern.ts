/**
 * The patterns of a PurserConfig. Hosts match label by label as a kubelet matches them; paths match by whole segments,
 * so that `host/team` never covers `host/teammate`, which a kubelet's own prefix rule does.
 */
import { matchGlob } from './kubelet/go-glob.ts';

/** One item of an entry's matchImages, parsed. */
export interface EntryPattern {
  readonly text: string;
  readonly labels: readonly string[];
  readonly port: string;
  readonly segments: readonly string[];
  /** Labels without a wildcard: more of them are more specific. */
  readonly literalLabels: number;
}

export interface PatternProblem {
  readonly problem: string;
  readonly todo: string;
}

/** Text to pattern; a pattern that can never match an image is a problem, with what to write instead. */
export function parseEntryPattern(text: string): EntryPattern | PatternProblem {
  if (text === '') return { problem: 'it is empty', todo: 'write a registry host, such as registry.example.com' };
  if (text.includes('://')) return { problem: 'it has a scheme', todo: `write ${text.replace(/^.*(?::\/\/|@)/, '')}` };
  const odd = /[^A-Za-z0-9.\-_:*/[\]@]/.exec(text)?.[0];
  if (odd !== undefined) return { problem: `${JSON.stringify(odd)} is in no image name`, todo: 'leave it out' };
  const slash = text.indexOf('/');
  const authority = slash === -1 ? text : text.slice(0, slash);
  const path = slash === -1 ? '' : text.slice(slash + 1);
  const host = parseHost(authority);
  if ('problem' in host) return host;
  const segments = parsePath(path);
  if ('problem' in segments) return segments;
  const literalLabels = host.labels.filter((label) => !label.includes('*')).length;
  return { text, labels: host.labels, port: host.port, segments, literalLabels };
}

function parseHost(authority: string): { labels: string[]; port: string } | PatternProblem {
  const match = /^(\[[^\]]*\]|[^:[\]]*)(?::(.*))?$/.exec(authority);
  if (match === null) return { problem: 'its host cannot be read', todo: 'write host or host:port' };
  const [, name = '', port] = match;
  if (port?.includes('*')) return { problem: 'a port cannot be a wildcard', todo: 'give the port or leave it out' };
  if (port !== undefined && !/^[0-9]+$/.test(port)) {
    return { problem: 'its port is not a number', todo: 'a tag does not belong here; leave it out' };
  }
  if (name.startsWith('[')) return parseAddress(name, port);
  if (name === 'index.docker.io') return { problem: 'images never carry this name', todo: 'write docker.io' };
  if (!/^(?:[A-Za-z0-9*]|[A-Za-z0-9*][A-Za-z0-9*.-]*[A-Za-z0-9*])$/.test(name) || name.includes('..')) {
    return { problem: `${JSON.stringify(name)} is not a host`, todo: 'write labels of letters, digits, - and *' };
  }
  if (isNeverHost(name, port)) {
    return {
      problem: `an image that begins with ${name}/ is on docker.io`,
      todo: `write docker.io/${name}, or the host with its port`,
    };
  }
  return { labels: name.split('.'), port: port ?? '' };
}

function parseAddress(name: string, port: string | undefined): { labels: string[]; port: string } | PatternProblem {
  if (port === undefined) return { problem: 'a kubelet never matches a bare IPv6 address', todo: 'add the port' };
  if (!/^\[[a-fA-F0-9:]+\]$/.test(name)) return { problem: 'it is not an IPv6 address', todo: 'write [address]:port' };
  return { labels: [name], port };
}

/** The first part of a name is a host only with a dot, a colon or an upper-case letter, or as `localhost`. */
function isNeverHost(name: string, port: string | undefined): boolean {
  return port === undefined && name !== 'localhost' && !/[.A-Z*]/.test(name);
}

const component = /^[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*$/;

function parsePath(path: string): string[] | PatternProblem {
  if (path === '') return [];
  const segments = (path.endsWith('/') ? path.slice(0, -1) : path).split('/');
  for (const segment of segments) {
    if (segment.includes('*')) {
      return { problem: 'a path cannot hold a wildcard', todo: 'end it before the wildcard: all below is meant' };
    }
    if (/[:@]/.test(segment)) return { problem: 'it has a tag or digest', todo: 'end it before the tag or digest' };
    if (!component.test(segment)) {
      const shown = JSON.stringify(segment);
      return { problem: `${shown} is in no image name`, todo: 'paths are lower case, with . _ - inside' };
    }
  }
  return segments;
}

/** Whether the pattern's host is the given `host[:port]`. */
export function matchesHost(pattern: EntryPattern, host: string): boolean {
  const { labels, port } = splitHost(host);
  if (port !== pattern.port || labels.length !== pattern.labels.length) return false;
  return labels.every((label, index) => matchesLabel(pattern.labels[index] ?? '', label));
}

/** An address in brackets is no pattern, although its brackets would make it a set of characters. */
function matchesLabel(pattern: string, label: string): boolean {
  return pattern.startsWith('[') ? pattern === label : matchGlob(pattern, label);
}

/** Whether `wide` covers everything that `narrow` covers. */
export function coversPattern(wide: EntryPattern, narrow: EntryPattern): boolean {
  if (wide.port !== narrow.port || wide.labels.length !== narrow.labels.length) return false;
  if (!wide.segments.every((segment, index) => narrow.segments[index] === segment)) return false;
  // Read as text, a * of the narrow pattern is met by a * of the wide one only: then all that it stands for is, too.
  return wide.labels.every((label, index) => matchesLabel(label, narrow.labels[index] ?? ''));
}

export function splitHost(host: string): { readonly labels: readonly string[]; readonly port: string } {
  const colon = /:[0-9]+$/.exec(host);
  const port = colon === null ? '' : colon[0].slice(1);
  const name = colon === null ? host : host.slice(0, colon.index);
  return { labels: name.startsWith('[') ? [name] : name.split('.'), port };
}

/** Whether the pattern's path is the repository or lies above it. */
export function matchesPath(pattern: EntryPattern, repository: string): boolean {
  const segments = pattern.segments;
  if (segments.length === 0) return true;
  const path = segments.join('/');
  return repository === path || repository.startsWith(`${path}/`);
}

/** Negative where `a` is more specific: literal host labels first, then path segments. */
export function compareSpecificity(a: EntryPattern, b: EntryPattern): number {
  return b.literalLabels - a.literalLabels || b.segments.length - a.segments.length;
}
