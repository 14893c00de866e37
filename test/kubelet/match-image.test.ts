import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { matchesImage, matchLabel, parseMatchImage } from '../../src/kubelet/match-image.ts';

const label = fc.stringMatching(/^[a-z0-9]{1,4}$/);
const labels = fc.array(label, { minLength: 1, maxLength: 4 });
const port = fc.constantFrom('', ':80', ':443', ':5000');
const path = fc.array(label, { minLength: 1, maxLength: 3 }).map((parts) => `/${parts.join('/')}`);

function matches(pattern: string, image: string): boolean {
  const parsed = parseMatchImage(pattern);
  assert(!('problem' in parsed), `${pattern} is refused`);
  return matchesImage(parsed, image);
}

describe('matchesImage', () => {
  it('covers an image with its host and any beginning of its path, as plain text', () => {
    fc.assert(
      fc.property(labels, port, path, fc.nat(12), (labels, port, path, length) => {
        const host = `${labels.join('.')}${port}`;
        assert(matches(`${host}${path.slice(0, length)}`, `${host}${path}`));
      }),
    );
  });

  it('never covers a path that begins otherwise', () => {
    fc.assert(
      fc.property(labels, path, path, (labels, a, b) => {
        const host = labels.join('.');
        assert.equal(matches(`${host}${a}`, `${host}${b}`), b.startsWith(a));
      }),
    );
  });

  it('lets a star stand for one whole label, but not for two or none', () => {
    fc.assert(
      fc.property(labels, fc.nat(3), port, path, (labels, at, port, path) => {
        const starred = labels.with(at % labels.length, '*').join('.');
        const image = `${labels.join('.')}${port}${path}`;
        assert(matches(`${starred}${port}`, image));
        assert(!matches(`${starred}${port}`, `more.${image}`));
        assert(!matches(`more.${starred}${port}`, image));
      }),
    );
  });

  it('compares ports as text', () => {
    fc.assert(
      fc.property(labels, port, port, path, (labels, a, b, path) => {
        const host = labels.join('.');
        assert.equal(matches(`${host}${a}`, `${host}${b}${path}`), a === b);
      }),
    );
    assert(matches('reg.io:', 'reg.io/a'));
    assert(!matches('reg.io:0443', 'reg.io:443/a'));
  });

  it('decides label by label as matchLabel does', () => {
    const globs = fc.array(fc.stringMatching(/^[ab*]{1,4}$/), { minLength: 1, maxLength: 3 });
    const hosts = fc.array(fc.stringMatching(/^[ab]{1,4}$/), { minLength: 1, maxLength: 3 });
    fc.assert(
      fc.property(globs, hosts, (globs, host) => {
        const expected = globs.length === host.length && globs.every((glob, at) => matchLabel(glob, host[at] ?? ''));
        assert.equal(matches(globs.join('.'), `${host.join('.')}/x`), expected);
      }),
    );
  });

  it('matches nothing with text that is no image', () => {
    assert(!matches('*', 'a b/c'));
    assert(!matches('*', 'a:b:c/d'));
  });

  it('never takes a bare IPv6 address for itself: without a port the brackets are a character class', () => {
    assert(!matches('[::1]', '[::1]/a'));
    assert(matches('[::1]:5000', '[::1]:5000/a'));
    // A bad class in the pattern, once the address holds dots.
    assert(!matches('[::ffff:1.2.3.4]', '[::ffff:1.2.3.4]/a'));
  });

  it('does not find a port behind a bracket in a zone', () => {
    // Found by comparing with Go: net.SplitHostPort refuses what url.Parse let through.
    assert(!matches('[fe80::1%25%41]:]', '[fe80::1%25%41]:]'));
  });
});

describe('parseMatchImage', () => {
  it('tells in a kubelet\u2019s words why it refuses a pattern', () => {
    assert.deepEqual(parseMatchImage('*:*'), { problem: 'parse "https://*:*": invalid port ":*" after host' });
  });

  it('accepts or refuses any text without an accident', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (pattern, image) => {
        const parsed = parseMatchImage(pattern);
        if ('problem' in parsed) assert.match(parsed.problem, /^parse "/);
        else assert.equal(typeof matchesImage(parsed, image), 'boolean');
      }),
    );
  });
});
