/**
 * Match patterns that a kubelet accepts although they never match an image, or match other images than their author
 * thinks. The rules that they trip over: https://kubernetes.io/docs/tasks/administer-cluster/kubelet-credential-provider/
 * and what an image name can be: https://pkg.go.dev/github.com/distribution/reference#pkg-overview
 */
import type { Advice } from '../finding.ts';
import { fromBytes } from './go-text.ts';
import { type MatchImage, matchLabel, parseMatchImage } from './match-image.ts';

/** Nothing for a pattern that a kubelet refuses, and one thing only for a pattern that never matches. */
export function lintMatchImage(pattern: string): readonly Advice[] {
  const parsed = parseMatchImage(pattern);
  if ('problem' in parsed) return [];
  const never = neverMatches(pattern, parsed);
  return never === undefined ? surprises(pattern, parsed) : [never];
}

const widening = ['ignored-part', 'open-end', 'wide-host'];

/** Why a pattern matches fewer images than its author thinks, if it does. */
export function lintMiss(pattern: string): Advice | undefined {
  return lintMatchImage(pattern).find(({ rule }) => !widening.includes(rule));
}

function neverMatches(pattern: string, parsed: MatchImage): Advice | undefined {
  if (pattern === '') return advise('empty-pattern', 'an empty pattern matches no image', 'write a host, or remove it');
  const scheme = /^(?:[A-Za-z][A-Za-z0-9+.-]*:\/\/)+/.exec(pattern)?.[0];
  if (scheme !== undefined) {
    return advise('scheme', 'image names have no scheme, so it never matches', `write ${pattern.slice(scheme.length)}`);
  }
  return impossiblePath(pattern, parsed) ?? impossibleHost(pattern, parsed);
}

function advise(rule: string, message: string, todo: string): Advice {
  return { rule, message, todo };
}

/** A part of a path, whole or as far as it goes. */
const component = /^[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*$/;
const beginning = /^(?:[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*(?:[._]|__|-+)?)?$/;

function impossiblePath(pattern: string, { path }: MatchImage): Advice | undefined {
  const segments = fromBytes(path).split('/').slice(1);
  const index = segments.findIndex((segment, at) => {
    return !(at === segments.length - 1 ? beginning : component).test(segment);
  });
  const segment = segments[index];
  if (segment === undefined) return undefined;
  const host = authority(pattern);
  const above = [host, ...segments.slice(0, index)].join('/');
  if (segment.includes('*')) {
    const todo = `write ${index === 0 ? host : `${above}/`}: everything below is meant`;
    return advise('path-wildcard', 'in a path * is a plain character, so it never matches', todo);
  }
  const mark = segment.search(/[:@]/);
  if (mark > 0 && index === segments.length - 1) {
    const todo = `write ${above}/${segment.slice(0, mark)}`;
    return advise('tag', 'a kubelet drops tag and digest before it compares, so it never matches', todo);
  }
  const message = `no repository has ${JSON.stringify(segment)} in its path, so it never matches`;
  return advise(
    'impossible-path',
    message,
    'write lower case letters and digits, with . _ - inside, and single slashes',
  );
}

/** Without what a kubelet ignores. */
function authority(pattern: string): string {
  return /^[^/?#]*/.exec(pattern)?.[0].replace(/^.*@/, '') ?? '';
}

function impossibleHost(pattern: string, { labels, port }: MatchImage): Advice | undefined {
  const name = labels.join('.');
  if ((name === 'index.docker.io' || name === 'registry-1.docker.io') && port === '') {
    return advise('hub-name', 'images on Docker Hub carry docker.io, so it never matches', 'write docker.io');
  }
  if (authority(pattern).startsWith('[')) {
    if (port !== '') return undefined;
    const message = 'without a port the brackets are read as a set of characters, so it never matches';
    return advise('bare-ipv6', message, 'add the port: [address]:5000');
  }
  if (labels.length === 1 && port === '' && /^[a-z0-9-]+$/.test(name) && name !== 'localhost') {
    const message = `an image that begins with ${name}/ is on docker.io, so it never matches`;
    return advise('not-a-host', message, `write docker.io/${name}/, or the host with its domain or port`);
  }
  const wrong = labels.find((label) => !/^[A-Za-z0-9*](?:[A-Za-z0-9*-]*[A-Za-z0-9*])?$/.test(label));
  if (wrong === undefined) return undefined;
  const message = `no registry host has the part ${JSON.stringify(fromBytes(wrong))}, so it never matches`;
  return advise('impossible-host', message, 'write letters, digits and - between the dots, and * for what may vary');
}

function surprises(pattern: string, parsed: MatchImage): readonly Advice[] {
  return [
    droppedPart(pattern),
    openEnd(pattern, parsed),
    ...hostSurprises(pattern, parsed),
    defaultPort(parsed),
    hostCase(parsed),
  ].filter((advice) => advice !== undefined);
}

function droppedPart(pattern: string): Advice | undefined {
  const mark = /[?#]/.exec(pattern)?.[0] ?? (/^[^/]*@/.test(pattern) ? '@' : undefined);
  if (mark === undefined) return undefined;
  const what = mark === '@' ? 'what stands before the @' : `all from the ${mark} on`;
  return advise('ignored-part', `a kubelet ignores ${what}`, 'leave it out');
}

function openEnd(pattern: string, { path }: MatchImage): Advice | undefined {
  if (path === '' || path.endsWith('/')) return undefined;
  const shown = authority(pattern) + path;
  const message = `paths are compared as plain text: it also covers ${shown}mate and whatever else begins so`;
  const official = /^docker\.io\/([^/]+)$/.exec(shown)?.[1];
  const rest = official === undefined ? `not the image ${shown} itself` : `not docker.io/library/${official}`;
  return advise('open-end', message, `write ${shown}/ (all below it, but ${rest})`);
}

function hostSurprises(pattern: string, { labels, port, path }: MatchImage): readonly (Advice | undefined)[] {
  const [first = ''] = labels;
  if (labels.length === 1) {
    if (!first.includes('*') || port !== '') return [];
    const covered = matchLabel(first, 'localhost') ? 'localhost, and no' : 'no';
    const message = `a * never reaches over a dot: it covers ${covered} host with a domain`;
    return [advise('one-label', message, 'write the hosts; *.example.com covers those with one part more')];
  }
  return [gluedWildcard(authority(pattern) + fromBytes(path), labels.length) ?? wideHost(labels)];
}

/** As Kubernetes' own pages had it until 2023, although it never worked. */
function gluedWildcard(pattern: string, parts: number): Advice | undefined {
  const rest = /^(?:\*\*+\.?|\*(?=[^*.]))(.+)$/s.exec(pattern)?.[1];
  if (rest === undefined) return undefined;
  const message = `a * never reaches over a dot: it covers hosts of ${parts} parts only, and no subdomain of ${rest}`;
  return advise('glued-wildcard', message, `write *.${rest}`);
}

function wideHost(labels: readonly string[]): Advice | undefined {
  if (!labels.slice(-2).some((label) => label.includes('*'))) return undefined;
  const message = 'hosts of anybody fit, and could get what is meant for yours';
  return advise('wide-host', message, 'write the domain out, at least its last two parts');
}

function defaultPort({ port }: MatchImage): Advice | undefined {
  if (port !== '443' && port !== '80') return undefined;
  const message = `no port is taken for granted: only images that spell :${port} match`;
  return advise('default-port', message, 'leave the port out, unless the images have it');
}

function hostCase({ labels }: MatchImage): Advice | undefined {
  if (!labels.some((label) => /[A-Z]/.test(label))) return undefined;
  return advise('host-case', 'letter case counts: only images that spell the host so match', 'write it in lower case');
}
