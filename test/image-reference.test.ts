import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import {
  formatReference,
  ImageReferenceError,
  type ImageReferenceFault,
  imageName,
  parseImageReference,
  withDefaultTag,
} from '../src/image-reference.ts';

const hex = (length: number) => fc.stringMatching(new RegExp(`^[0-9a-f]{${length}}$`));
const component = fc.stringMatching(/^[a-z0-9]{1,4}(?:(?:[._]|__|-{1,3})[a-z0-9]{1,4}){0,2}$/);
const path = fc.array(component, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('/'));
const host = fc.stringMatching(/^(?:[A-Za-z0-9]{1,3}(?:-{1,2}[A-Za-z0-9]{1,3})?\.){1,3}[A-Za-z]{2,3}(?::[0-9]{1,5})?$/);
const tag = fc.stringMatching(/^\w[\w.-]{0,9}$/);
const digest = fc.oneof(
  hex(64).map((text) => `sha256:${text}`),
  hex(96).map((text) => `sha384:${text}`),
  hex(128).map((text) => `sha512:${text}`),
);
/** Text out of pieces that the grammar knows, joined without its permission. */
const nearReference = fc
  .array(
    fc.oneof(
      fc.constantFrom('/', ':', '@', '.', '_', '__', '-', '[', ']', 'A', ' ', 'é'),
      component,
      host,
      tag,
      digest,
    ),
    {
      maxLength: 7,
    },
  )
  .map((pieces) => pieces.join(''));

/** The grammar of distribution/reference v0.6.0 in one piece, as its package comment and regexp.go spell it. */
const wholeGrammar = (() => {
  const label = '(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])';
  const domain = `(?:${label}(?:\\.${label})*|\\[(?:[a-fA-F0-9:]+)\\])(?::[0-9]+)?`;
  const part = '[a-z0-9]+(?:(?:[._]|__|[-]+)[a-z0-9]+)*';
  const name = `(?:(${domain})/)?(${part}(?:/${part})*)`;
  const algorithm = '[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*';
  return new RegExp(`^${name}(?::([\\w][\\w.-]{0,127}))?(?:@(${algorithm}:[0-9a-fA-F]{32,}))?$`);
})();

function faultOf(text: string): ImageReferenceFault | undefined {
  try {
    parseImageReference(text);
    return undefined;
  } catch (error) {
    assert(error instanceof ImageReferenceError);
    return error.errorClass;
  }
}

describe('parseImageReference', () => {
  it('gives back the parts of a full reference', () => {
    fc.assert(
      fc.property(host, path, tag, digest, (host, repository, tag, digest) => {
        fc.pre(host !== 'docker.io' && host !== 'index.docker.io');
        const reference = { host, repository, tag, digest };
        assert.deepEqual(parseImageReference(`${host}/${repository}:${tag}@${digest}`), reference);
      }),
    );
  });

  it('puts a name without a host on Docker Hub, and one part below library/', () => {
    fc.assert(
      fc.property(path, (path) => {
        const first = path.split('/')[0] ?? '';
        fc.pre(!first.includes('.') && first !== 'localhost' && !/^[a-f0-9]{64}$/.test(path));
        const repository = path.includes('/') ? path : `library/${path}`;
        assert.deepEqual(parseImageReference(path), { host: 'docker.io', repository });
      }),
    );
  });

  it('reads its own normal form as the same reference', () => {
    fc.assert(
      fc.property(nearReference, (text) => {
        fc.pre(faultOf(text) === undefined);
        const reference = parseImageReference(text);
        assert.deepEqual(parseImageReference(formatReference(reference)), reference);
      }),
    );
  });

  it('agrees with the grammar written as one expression wherever a host is named', () => {
    let accepted = 0;
    fc.assert(
      fc.property(host, nearReference, (host, rest) => {
        fc.pre(!host.endsWith('docker.io'));
        const text = `${host}/${rest}`;
        const match = wholeGrammar.exec(text);
        const fault = faultOf(text);
        if (match === null) return assert(fault === 'format' || fault === 'uppercase', String(fault));
        if (fault !== undefined) return assert(fault.startsWith('digest-') || fault === 'too-long', fault);
        accepted++;
        const { tag, digest, ...name } = parseImageReference(text);
        assert.deepEqual([name.host, name.repository, tag, digest], match.slice(1));
      }),
      { numRuns: 2000 },
    );
    assert(accepted > 50, `only ${accepted} were accepted`);
  });

  it('refuses hostile text of a mebibyte at once', { timeout: 5000 }, () => {
    const size = 1024 * 1024;
    for (const piece of ['a', 'a/', 'a-', '-', '/', ':', '@', '.', 'a.', 'A', '[', '__', 'a@sha256:', '\0', 'é']) {
      const text = piece.repeat(Math.ceil(size / piece.length));
      assert.equal(faultOf(text), 'too-long');
      assert.notEqual(faultOf(text.slice(0, 4096)), undefined);
    }
  });

  it('needs one pass where a greedy grammar would go back', { timeout: 5000 }, () => {
    for (const piece of ['a', 'a-', 'a.', 'a__', '0']) {
      const text = piece.repeat(4000 / piece.length);
      for (let round = 0; round < 500; round++) assert.notEqual(faultOf(`${text}!`), undefined);
    }
  });

  it('keeps the name out of the message, for the message may be shown', () => {
    fc.assert(
      fc.property(nearReference, (text) => {
        try {
          parseImageReference(text);
        } catch (error) {
          assert(error instanceof ImageReferenceError);
          assert.match(error.message, /^[a-z0-9 -]+$/);
        }
      }),
    );
  });

  it('says for a name that is all hex digits what a kubelet says, in other words than for the rest', () => {
    const name = 'ab'.repeat(32);
    assert.equal(faultOf(name), 'hex64');
    assert.equal(faultOf(`${name}:v1`), undefined);
  });

  it('lowers letters as Go does when it looks for a name in upper case', () => {
    // Go lowers U+0130 to one letter and the Kelvin sign to k; both make a name that would be valid in lower case.
    assert.equal(faultOf('\u0130x.io/app'), 'uppercase');
    assert.equal(faultOf('\u212ax.io/app'), 'uppercase');
    assert.equal(faultOf('\u00e9x.io/app'), 'format');
  });
});

describe('readers of a reference', () => {
  it('name an image without tag and digest', () => {
    assert.equal(imageName(parseImageReference('nginx:1')), 'docker.io/library/nginx');
    assert.equal(imageName(parseImageReference('a_b.c/app')), 'a_b.c/app');
  });

  it('add latest only where there is neither tag nor digest', () => {
    const digest = `sha256:${'0'.repeat(64)}`;
    assert.equal(formatReference(withDefaultTag(parseImageReference('reg.io/a'))), 'reg.io/a:latest');
    assert.equal(formatReference(withDefaultTag(parseImageReference(`reg.io/a@${digest}`))), `reg.io/a@${digest}`);
    assert.equal(formatReference(withDefaultTag(parseImageReference('reg.io/a:b'))), 'reg.io/a:b');
  });
});
