import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { type Challenge, chooseChallenge, parseChallenges } from '../../src/registry/challenge.ts';
import type { RealmJudgement } from '../../src/registry/realm.ts';

const tokenCharacters = "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
const token = fc.string({ unit: fc.constantFrom(...tokenCharacters), minLength: 1, maxLength: 12 });
const value = fc.oneof(fc.string({ maxLength: 30 }), fc.constantFrom('', '"', '\\', 'a,b', 'x="y"', '\t'));
const challenge = fc.record({
  scheme: token,
  params: fc.uniqueArray(fc.tuple(token, value), { selector: ([name]) => name.toLowerCase(), maxLength: 5 }),
});
type Generated = typeof challenge extends fc.Arbitrary<infer T> ? T : never;

/** Pieces of headers, so that random text gets far into the grammar. */
const hostile = fc
  .array(
    fc.oneof(
      fc.string({ maxLength: 3 }),
      fc.constantFrom('Bearer', ' ', ',', '=', '"', '\\', 'realm', '\t', 'a=b', 'x=='),
    ),
  )
  .map((pieces) => pieces.join(''));

function encode({ scheme, params }: Generated): string {
  const list = params.map(([name, text]) => `${name}="${text.replace(/["\\]/g, '\\$&')}"`);
  return `${scheme} ${list.join(', ')}`;
}

function decoded({ scheme, params }: Generated): unknown {
  return { scheme: scheme.toLowerCase(), params: params.map(([name, text]) => [name.toLowerCase(), text]) };
}

function plain({ scheme, params }: Challenge): unknown {
  return { scheme, params: Object.entries(params) };
}

/** Object.entries puts names that are whole numbers first; the order of parameters means nothing. */
function sorted(challenges: unknown[]): string[] {
  return challenges.map((item) =>
    JSON.stringify(item, (_, inner) => (Array.isArray(inner) ? [...inner].sort() : inner)),
  );
}

describe('parseChallenges', () => {
  it('never throws, and names only what it has read', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(hostile, fc.string())), (lines) => {
        for (const { scheme, params } of parseChallenges(lines).challenges) {
          assert.match(scheme, /^[^\s,"=]+$/);
          assert.equal(Object.getPrototypeOf(params), null);
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('reads back every challenge that is written as the grammar wants', () => {
    fc.assert(
      fc.property(fc.array(challenge), (challenges) => {
        const parsed = parseChallenges(challenges.map(encode));
        assert.equal(parsed.malformed, false);
        assert.deepEqual(sorted(parsed.challenges.map(plain)), sorted(challenges.map(decoded)));
      }),
      { numRuns: 1000 },
    );
  });

  it('gives the same for lines as for the lines joined with a comma', () => {
    fc.assert(
      fc.property(fc.array(challenge), (challenges) => {
        const lines = challenges.map(encode);
        assert.deepEqual(parseChallenges([lines.join(',')]), parseChallenges(lines));
        assert.deepEqual(parseChallenges([lines.join(' \t, ')]), parseChallenges(lines));
      }),
    );
  });

  it('gives the same for any lines that can be read, each beginning with a scheme', () => {
    let compared = 0;
    fc.assert(
      fc.property(fc.array(hostile), (lines) => {
        const readable = lines.filter((line) => !parseChallenges([line]).malformed);
        compared += readable.length;
        assert.deepEqual(parseChallenges([readable.join(',')]), parseChallenges(readable));
      }),
      { numRuns: 2000 },
    );
    assert(compared > 1000, `only ${compared} lines could be compared`);
  });

  it('takes no longer for a hostile megabyte than for a good one (F-R03)', () => {
    const size = 1024 * 1024;
    const shapes = [
      'a'.repeat(size),
      `Bearer ${'='.repeat(size)}`,
      `Bearer a${'='.repeat(size)}!`,
      `Bearer a${' '.repeat(size)}x`,
      `Bearer realm="${'\\"'.repeat(size / 2)}`,
      `Bearer realm="${'a'.repeat(size)}`,
      'a '.repeat(size / 2),
      'a, '.repeat(size / 3),
      ','.repeat(size),
      'Bearer a=b,'.repeat(size / 11),
      Array.from({ length: size / 16 }, (_, index) => `x y${index}="z"`).join(','),
    ];
    for (const shape of shapes) {
      const start = performance.now();
      parseChallenges([shape]);
      // A single pass takes some milliseconds; one that goes back for each character would take minutes.
      assert(performance.now() - start < 5000, `slow for ${shape.slice(0, 20)}…`);
    }
  });

  it('takes no parameter for a property of objects', () => {
    const { challenges, malformed } = parseChallenges([
      'Bearer __proto__="x",constructor="y",realm="https://a.example/"',
    ]);
    assert.equal(malformed, false);
    const [first] = challenges;
    assert.deepEqual(Object.keys(first?.params ?? {}), ['__proto__', 'constructor', 'realm']);
    assert.equal(first?.params['constructor'], 'y');
  });

  it('reads on after a parameter that came twice', () => {
    const { challenges, malformed } = parseChallenges(['Bearer realm="a",scope="x",scope="y",service="z"']);
    assert.equal(malformed, true);
    assert.deepEqual({ ...challenges[0]?.params }, { realm: 'a', scope: 'x', service: 'z' });
  });
});

describe('chooseChallenge', () => {
  const verdicts: Readonly<Record<string, RealmJudgement>> = {
    good: { verdict: 'allow', reason: 'same-host-port', url: 'https://good/' },
    odd: { verdict: 'notice', reason: 'cross-site', url: 'https://odd/' },
    bad: { verdict: 'deny', reason: 'special-address' },
  };
  const judge = (realm: string): RealmJudgement => verdicts[realm] ?? { verdict: 'deny', reason: 'invalid-realm' };
  const choose = (...lines: string[]) => chooseChallenge(parseChallenges(lines).challenges, judge);

  it('prefers the bearer realm with the best verdict, wherever it stands', () => {
    const chosen = choose('Bearer realm="odd"', 'Basic realm="x"', 'Bearer realm="good"');
    assert.equal(chosen.scheme === 'bearer' ? chosen.index : undefined, 2);
    assert.deepEqual(chosen.scheme === 'bearer' ? chosen.realm : undefined, verdicts['good']);
  });

  it('prefers a bearer realm with a notice to a password', () => {
    const chosen = choose('Basic realm="x"', 'Bearer realm="odd"', 'Bearer realm="odd"');
    assert.equal(chosen.scheme === 'bearer' ? chosen.index : undefined, 1);
  });

  it('never uses a challenge that names two realms', () => {
    assert.deepEqual(choose('Bearer realm="good",realm="odd"'), { scheme: 'none', reason: 'ambiguous-realm' });
    const chosen = choose('Bearer realm="good",realm="good", Basic realm="x"');
    assert.equal(chosen.scheme === 'basic' ? chosen.index : undefined, 1);
  });

  it('says which realm was refused and why, when nothing else is left', () => {
    assert.deepEqual(choose('Bearer service="x"', 'Bearer realm="bad"'), {
      scheme: 'none',
      reason: 'realm-denied',
      denied: { realm: 'bad', judgement: verdicts['bad'] },
    });
  });
});
