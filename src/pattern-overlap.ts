/**
 * Whether a pattern of a kubelet's config and one of ours cover an image together: only such images reach an entry.
 * Hosts mean the same in both files. A path is a plain prefix there and whole segments here.
 */
import type { EntryPattern } from './entry-pattern.ts';
import { matchGlob } from './kubelet/go-glob.ts';
import { parseMatchImage } from './kubelet/match-image.ts';

/** A pattern that the kubelet cannot read covers nothing. */
export function overlaps(matchImage: string, { labels, port, segments }: EntryPattern): boolean {
  const other = parseMatchImage(matchImage, { strictColons: false });
  if ('problem' in other || other.port !== port || other.labels.length !== labels.length) return false;
  return (
    labels.every((label, index) => labelsOverlap(label, other.labels[index] ?? '')) &&
    pathsOverlap(segments, other.path)
  );
}

/** Of a glob's signs only `*` is left in what can be read as the host of an address. */
function labelsOverlap(own: string, other: string): boolean {
  // An address in brackets, which are gone on the other side.
  if (own.startsWith('[')) return matchGlob(other, own.slice(1, -1));
  if (!own.includes('*')) return matchGlob(other, own);
  if (!other.includes('*')) return matchGlob(own, other);
  const [[start, end], [otherStart, otherEnd]] = [literalEnds(own), literalEnds(other)];
  const starts = start.startsWith(otherStart) || otherStart.startsWith(start);
  return starts && (end.endsWith(otherEnd) || otherEnd.endsWith(end));
}

/** What every text that fits begins and ends with; between them, two globs always have room for each other. */
function literalEnds(glob: string): readonly [start: string, end: string] {
  return [glob.slice(0, glob.indexOf('*')), glob.slice(glob.lastIndexOf('*') + 1)];
}

function pathsOverlap(segments: readonly string[], prefix: string): boolean {
  const path = segments.map((segment) => `/${segment}`).join('');
  return path.startsWith(prefix) || `${path}/`.startsWith(prefix) || prefix.startsWith(`${path}/`);
}
