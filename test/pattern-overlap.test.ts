/** Whether two patterns share an image, held to the rules that serve and a kubelet use for each image. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type EntryPattern, matchesHost, matchesPath, parseEntryPattern } from '../src/entry-pattern.ts';
import { matchesImage, parseMatchImage } from '../src/kubelet/match-image.ts';
import { overlaps } from '../src/pattern-overlap.ts';

// A pattern of a kubelet's config, one of ours, and whether an image falls under both.
for (const [theirs, ours, both] of [
  ['reg.example', 'reg.example', true],
  ['reg.example', 'reg.example:5000', false],
  ['reg.example:5000', '*.example:5000', true],
  ['*.example', 'reg.example/team', true],
  ['a*.example', '*b.example', true],
  ['a*.example', 'b*.example', false],
  ['*.example', 'a.b.example', false],
  ['reg.example/team', 'reg.example/teammate', true],
  ['reg.example/team/', 'reg.example/teammate', false],
  ['reg.example/team/', 'reg.example/team', true],
  ['reg.example/team/app', 'reg.example/team', true],
  ['reg.example/team', 'reg.example/other', false],
  ['[::1]:5000', '[::1]:5000', true],
  ['[::1]:5000', '[::2]:5000', false],
  ['reg.example:x', 'reg.example', false],
] as const) {
  test(`${theirs} in a kubelet's config ${both ? 'reaches' : 'does not reach'} an entry for ${ours}`, () => {
    assert.equal(overlaps(theirs, parse(ours)), both);
  });
}

test('where an image falls under both, they are found to overlap', () => {
  const label = fc.constantFrom('a', 'ab', 'b', '*', 'a*', '*b', 'a*b');
  const host = fc.array(label, { minLength: 2, maxLength: 3 }).map((labels) => labels.join('.'));
  const path = fc.constantFrom('', '/', '/team', '/team/', '/team/app', '/te');
  const pattern = fc.tuple(host, path).map((parts) => parts.join(''));
  const image = fc.tuple(host, fc.constantFrom('/team', '/team/app', '/teammate', '/x')).map((parts) => parts.join(''));
  let found = 0;
  fc.assert(
    fc.property(pattern, pattern, image, (theirs, ours, wild) => {
      const name = wild.replaceAll('*', 'ab');
      if (!covers(theirs, name) || !coversOurs(parse(ours), name)) return;
      found++;
      assert.ok(overlaps(theirs, parse(ours)), `${theirs} ${ours} ${name}`);
    }),
    { numRuns: 20_000 },
  );
  assert.ok(found > 100, `only ${found} images fell under both`);
});

function parse(text: string): EntryPattern {
  const pattern = parseEntryPattern(text);
  assert.ok(!('problem' in pattern), text);
  return pattern;
}

function covers(pattern: string, image: string): boolean {
  const parsed = parseMatchImage(pattern);
  return !('problem' in parsed) && matchesImage(parsed, image);
}

function coversOurs(pattern: EntryPattern, image: string): boolean {
  const slash = image.indexOf('/');
  return matchesHost(pattern, image.slice(0, slash)) && matchesPath(pattern, image.slice(slash + 1));
}
