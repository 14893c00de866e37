/** R-PULL-01 and R-PULL-02: what is a digest, and whether bytes are the ones it names. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { createVerifier, digestOf, parseDigest } from '../../src/registry/digest.ts';

const lengths = { sha256: 64, sha384: 96, sha512: 128 } as const;

describe('R-PULL-01: a digest', () => {
  for (const [algorithm, length] of Object.entries(lengths)) {
    it(`of ${algorithm} has ${length} lower case hex digits`, () => {
      const text = `${algorithm}:${'0a'.repeat(length / 2)}`;
      assert.deepEqual(parseDigest(text), { algorithm, hex: '0a'.repeat(length / 2), text });
      assert.equal(parseDigest(`${text}0`), undefined);
      assert.equal(parseDigest(text.slice(0, -1)), undefined);
      assert.equal(parseDigest(text.toUpperCase()), undefined);
    });
  }

  const zeros = '0'.repeat(64);
  for (const text of [
    '',
    zeros,
    `:${zeros}`,
    `md5:${'0'.repeat(32)}`,
    `sha1:${'0'.repeat(40)}`,
    `toString:${zeros}`,
    `__proto__:${zeros}`,
    `sha256:${zeros}\n`,
    ` sha256:${zeros}`,
    `sha256:${zeros.slice(0, 61)}/..`,
    `sha256:../../${zeros.slice(6)}`,
    `sha256:${zeros}?x`,
    `sha256:${zeros.slice(0, 63)}g`,
    `sha256:${zeros.slice(0, 63)}\u0660`,
    `sha256+b64:${zeros}`,
  ]) {
    it(`is not ${JSON.stringify(text).slice(0, 40)}`, () => assert.equal(parseDigest(text), undefined));
  }

  it('is nothing that needs escaping in a path', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.string().map((rest) => `sha256:${rest}`),
        ),
        (text) => {
          const digest = parseDigest(text);
          assert(digest === undefined || /^[a-z0-9]+:[0-9a-f]+$/.test(digest.text));
        },
      ),
      { numRuns: 2000 },
    );
  });
});

describe('R-PULL-02: bytes', () => {
  const bytes = fc.uint8Array({ maxLength: 200 });
  const cuts = fc.array(fc.nat(200), { maxLength: 4 });

  it('are taken in any pieces, and only if all of them are right', () => {
    fc.assert(
      fc.property(bytes, cuts, (content, places) => {
        const text = `sha256:${createHash('sha256').update(content).digest('hex')}`;
        assert.equal(digestOf(content).text, text);
        const verifier = createVerifier({ digest: digestOf(content), size: content.length });
        const edges = [0, ...places.map((at) => Math.min(at, content.length)).sort((a, b) => a - b), content.length];
        for (const [index, edge] of edges.entries()) verifier.update(content.subarray(edges[index - 1] ?? 0, edge));
        verifier.finish();
        assert.equal(verifier.bytes, content.length);
      }),
    );
  });

  it('are refused with one bit changed, one byte more, or one byte less', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 100 }), fc.nat(), (content, at) => {
        const expected = { digest: digestOf(content), size: content.length };
        const check = (other: Uint8Array) => () => {
          const verifier = createVerifier(expected);
          verifier.update(other);
          verifier.finish();
        };
        const flipped = Uint8Array.from(content);
        flipped[at % content.length] = (content[at % content.length] ?? 0) ^ 1;
        assert.throws(check(flipped), { code: 'VERIFY_DIGEST' });
        assert.throws(check(Uint8Array.from([...content, 0])), { code: 'VERIFY_SIZE' });
        assert.throws(check(content.subarray(1)), { code: 'VERIFY_SIZE' });
      }),
    );
  });

  it('are refused at the first one too many, before the end', () => {
    const verifier = createVerifier({ digest: digestOf(new Uint8Array(5)), size: 5 });
    verifier.update(new Uint8Array(5));
    assert.throws(() => verifier.update(new Uint8Array(1)), { code: 'VERIFY_SIZE' });
  });

  it('are checked by all three algorithms', () => {
    for (const algorithm of ['sha256', 'sha384', 'sha512'] as const) {
      const content = Buffer.from('content');
      const verifier = createVerifier({ digest: digestOf(content, algorithm) });
      verifier.update(content);
      verifier.finish();
    }
  });
});
