import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { matchGlob } from '../../src/kubelet/go-glob.ts';

/** The definition of a pattern, tried in every way: no cleverness to get wrong. Only `*`, `?` and literals. */
function matchesSlowly(pattern: string, text: string): boolean {
  if (pattern === '') return text === '';
  const rest = pattern.slice(1);
  if (pattern.startsWith('*')) {
    return matchesSlowly(rest, text) || (/^[^/]/.test(text) && matchesSlowly(pattern, text.slice(1)));
  }
  if (pattern.startsWith('?')) return /^[^/]/.test(text) && matchesSlowly(rest, text.slice(1));
  return text.startsWith(pattern.charAt(0)) && matchesSlowly(rest, text.slice(1));
}

describe('matchGlob', () => {
  it('agrees with the definition on stars and question marks', () => {
    const pattern = fc.stringMatching(/^[ab*?/-]{0,7}$/);
    fc.assert(
      fc.property(pattern, fc.stringMatching(/^[ab/-]{0,8}$/), (pattern, text) => {
        assert.equal(matchGlob(pattern, text), matchesSlowly(pattern, text));
      }),
      { numRuns: 3000 },
    );
  });

  it('matches a literal with itself and nothing else', () => {
    const text = fc.stringMatching(/^[a-z0-9.:-]{0,8}$/);
    fc.assert(fc.property(text, text, (a, b) => assert.equal(matchGlob(a, b), a === b)));
  });

  // What filepath.Match of Go 1.26 on Linux answers.
  const answers: [pattern: string, label: string, match: boolean][] = [
    ['[a-c]', 'b', true],
    ['[^a-c]', 'b', false],
    ['[^a-c]', 'd', true],
    ['[a-c', 'b', false],
    ['[]a]', 'a', false],
    ['[\\]a]', ']', true],
    ['[a-]', 'a', false],
    ['[-a]', '-', false],
    ['\\*', '*', true],
    ['\\*', 'a', false],
    ['a\\', 'a', false],
    ['[*]', '*', true],
    ['*[ab]', 'xxb', true],
    ['*[b', 'xxb', false],
    ['a[', 'a', false],
    ['a[', 'b', false],
    ['', '', true],
    ['', 'a', false],
    ['*', '', true],
    ['**', 'abc', true],
    ['[\xc3\xa9]', '\xc3\xa9', true],
    ['?', '\xc3\xa9', true],
    ['??', '\xc3\xa9', false],
    ['*\xa9', '\xc3\xa9', true],
  ];
  for (const [pattern, label, match] of answers) {
    it(`says ${match} to ${JSON.stringify(pattern)} and ${JSON.stringify(label)}`, () => {
      assert.equal(matchGlob(pattern, label), match);
    });
  }

  it('does not take ages over many stars', { timeout: 5000 }, () => {
    assert.equal(matchGlob(`${'*a'.repeat(200)}b`, 'a'.repeat(5000)), false);
  });
});
