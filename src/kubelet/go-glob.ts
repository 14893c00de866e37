/**
 * One label of a host against one label of a pattern, as https://pkg.go.dev/path/filepath#Match reads it on Linux:
 * `*`, `?`, `[a-z]`, `[^a]`, `\`. Byte strings (go-text.ts). A malformed pattern matches nothing; which is malformed
 * is nobody's question.
 */
import { decodeRune } from './go-text.ts';

export function matchGlob(pattern: string, label: string): boolean {
  if (!/[*?[\\]/.test(pattern)) return pattern === label;
  const chunks = splitAtStars(pattern);
  let at = 0;
  for (const [index, { star, text }] of chunks.entries()) {
    if (star && text === '') return !label.includes('/', at);
    const end = findChunk(text, label, { at, star, isLast: index === chunks.length - 1 });
    if (end === undefined) return false;
    at = end;
  }
  return at === label.length;
}

interface Chunk {
  readonly star: boolean;
  readonly text: string;
}

/** A star inside a class, or behind a backslash, stands for itself. */
function splitAtStars(pattern: string): Chunk[] {
  const chunks: Chunk[] = [];
  for (let at = 0; at < pattern.length; ) {
    const start = at;
    while (pattern[at] === '*') at++;
    const textStart = at;
    for (let inClass = false; at < pattern.length; at++) {
      const character = pattern[at];
      if (character === '*' && !inClass) break;
      if (character === '[') inClass = true;
      if (character === ']') inClass = false;
      if (character === '\\' && at + 1 < pattern.length) at++;
    }
    chunks.push({ star: textStart > start, text: pattern.slice(textStart, at) });
  }
  return chunks;
}

interface Search {
  readonly at: number;
  /** Whether characters may be skipped before the chunk. */
  readonly star: boolean;
  readonly isLast: boolean;
}

/** End of the first place where the chunk fits; the first is enough for all but the last chunk. */
function findChunk(chunk: string, label: string, search: Search): number | undefined {
  for (let start = search.at; start <= label.length; start++) {
    if (start > search.at && (!search.star || label[start - 1] === '/')) return undefined;
    const end = matchChunk(chunk, label, start);
    if (end !== undefined && (!search.isLast || end === label.length)) return end;
  }
  return undefined;
}

/** Where the label goes on behind a chunk without stars; `undefined` where they differ. */
function matchChunk(chunk: string, label: string, start: number): number | undefined {
  let end = start;
  for (let at = 0; at < chunk.length; ) {
    if (end >= label.length) return undefined;
    const operator = chunk[at];
    if (operator === '[') {
      const { codePoint, width } = decodeRune(label, end);
      const next = matchClass(chunk, at + 1, codePoint);
      if (next === undefined) return undefined;
      at = next;
      end += width;
      continue;
    }
    if (operator === '?') {
      if (label[end] === '/') return undefined;
      end += decodeRune(label, end).width;
    } else {
      if (operator === '\\') at++;
      if (chunk[at] !== label[end]) return undefined;
      end++;
    }
    at++;
  }
  return end;
}

/** Offset behind the class that begins at `start` if it holds the code point. */
function matchClass(chunk: string, start: number, codePoint: number): number | undefined {
  const negated = chunk[start] === '^';
  let at = negated ? start + 1 : start;
  let found = false;
  for (let first = true; first || chunk[at] !== ']'; first = false) {
    const low = classMember(chunk, at);
    const high = low !== undefined && chunk[low.next] === '-' ? classMember(chunk, low.next + 1) : low;
    if (low === undefined || high === undefined) return undefined;
    found ||= low.codePoint <= codePoint && codePoint <= high.codePoint;
    at = high.next;
  }
  return found === negated ? undefined : at + 1;
}

/** One character of a class; something must follow it, if only the bracket. */
function classMember(chunk: string, start: number): { codePoint: number; next: number } | undefined {
  if (chunk[start] === '-' || chunk[start] === ']') return undefined;
  const at = chunk[start] === '\\' ? start + 1 : start;
  if (at >= chunk.length) return undefined;
  const { codePoint, width } = decodeRune(chunk, at);
  const next = at + width;
  const malformed = (codePoint === 0xfffd && width === 1) || next >= chunk.length;
  return malformed ? undefined : { codePoint, next };
}
