/** R-PULL-03 and R-PULL-06: documents that are read, and those that must not be. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { IntegrityError } from '../../src/errors.ts';
import { type Digest, digestOf } from '../../src/registry/digest.ts';
import { parseManifest } from '../../src/registry/manifest.ts';
import { mediaTypes } from '../fake/image.ts';

const { oci, docker } = mediaTypes;
const digest = `sha256:${'a'.repeat(64)}`;
const config = { mediaType: oci.config, digest, size: 10 };
const layer = { mediaType: oci.layer, digest: `sha256:${'b'.repeat(64)}`, size: 20 };
const image = { schemaVersion: 2, mediaType: oci.manifest, config, layers: [layer] };
const entry = { mediaType: oci.manifest, digest, size: 10, platform: { os: 'linux', architecture: 'amd64' } };
const index = { schemaVersion: 2, mediaType: oci.index, manifests: [entry] };

interface Given {
  readonly contentType?: string;
  readonly path?: readonly Digest[];
}

function parse(document: unknown, { contentType, path }: Given = {}) {
  const bytes = Buffer.from(typeof document === 'string' ? document : JSON.stringify(document));
  const own = typeof document === 'object' && document !== null && 'mediaType' in document ? document.mediaType : '';
  return parseManifest(bytes, { contentType: contentType ?? String(own), path: path ?? [digestOf(bytes)] });
}

function assertRefused(document: unknown, because: RegExp, given?: Given): void {
  assert.throws(
    () => parse(document, given),
    (error: unknown) => {
      assert(error instanceof IntegrityError);
      assert.equal(error.code, 'VERIFY_MANIFEST');
      assert.match(error.message, because);
      return true;
    },
  );
}

describe('a manifest', () => {
  it('is read as image or index, by the type that it and its header name', () => {
    const parsed = parse(image, { contentType: `${oci.manifest.toUpperCase()}; charset=utf-8` });
    assert.equal(parsed.kind, 'image');
    assert.deepEqual(parsed.kind === 'image' && parsed.layers.map(({ size }) => size), [20]);
    assert.equal(parse(index).kind, 'index');
    assert.equal(parse({ ...image, mediaType: docker.manifest }).kind, 'image');
    assert.equal(parse({ ...index, mediaType: docker.index }).kind, 'index');
  });

  it('takes the type of its header where it names none, as OCI allows', () => {
    const { mediaType: _, ...silent } = image;
    assert.equal(parse(silent, { contentType: oci.manifest }).kind, 'image');
    assert.equal(parse({ ...silent, mediaType: '' }, { contentType: oci.manifest }).kind, 'image');
  });

  it('is read as every reader of manifests reads it where a member comes twice, with a warning', () => {
    const text = JSON.stringify(image).replace('"layers":', '"layers":[],"layers":');
    const parsed = parse(text, { contentType: oci.manifest });
    assert.equal(parsed.kind === 'image' && parsed.layers.length, 1);
    assert.match(parsed.warnings.join(), /twice/);
  });

  it('has no layers where Go wrote null', () => {
    const parsed = parse({ ...image, layers: null });
    assert.deepEqual(parsed.kind === 'image' && parsed.layers, []);
  });

  it('is an artifact where its config is no image config, or it says so', () => {
    const isImage = (document: object): unknown => {
      const parsed = parse(document);
      return parsed.kind === 'image' && parsed.isImage;
    };
    assert.equal(isImage(image), true);
    assert.equal(isImage({ ...image, artifactType: 'application/x' }), false);
    assert.equal(isImage({ ...image, config: { ...config, mediaType: 'application/vnd.oci.empty.v1+json' } }), false);
  });
});

describe('R-PULL-03, F-R02: a manifest is refused', () => {
  const cases: readonly (readonly [name: string, document: unknown, because: RegExp, given?: Given])[] = [
    ['that is image and index', { ...image, ...index }, /of an index and those of an image/],
    ['that is an index with a config', { ...index, config }, /of an index and those of an image/],
    ['that comes as another type', image, /calls itself .* but came as/, { contentType: oci.index }],
    ['that comes as no manifest', image, /but came as/, { contentType: 'application/json' }],
    ['without any type', { ...image, mediaType: undefined }, /is not a manifest/, { contentType: '' }],
    ['of schema 1 by its number', { ...image, schemaVersion: 1 }, /schema 1/],
    ['of schema 1 by its members', { ...image, fsLayers: [] }, /schema 1/],
    ['of schema 1 by its history', { ...image, history: [] }, /schema 1/],
    [
      'of schema 1 by its header',
      image,
      /schema 1/,
      { contentType: 'application/vnd.docker.distribution.manifest.v1+json' },
    ],
    ['of another schema', { ...image, schemaVersion: 3 }, /schemaVersion/],
    ['with a number in quotes', { ...image, schemaVersion: '2' }, /schemaVersion/],
    ['that is no object', '[]', /not an object/],
    ['that is no JSON', '{"schemaVersion":2', /./],
    ['whose type is a number', { ...image, mediaType: 1 }, /mediaType/, { contentType: oci.manifest }],
    ['without a config', { ...image, config: undefined }, /config is not a descriptor/],
    ['without layers', { ...image, layers: {} }, /layers are not a list/],
  ];
  for (const [name, document, because, given] of cases) {
    it(name, () => assertRefused(document, because, given));
  }

  it('in bytes that are no UTF-8', () => {
    const bytes = Buffer.from([0x7b, 0xff, 0xfe, 0x7d]);
    const options = { contentType: oci.manifest, path: [digestOf(bytes)] };
    assert.throws(() => parseManifest(bytes, options), { code: 'VERIFY_MANIFEST' });
  });

  for (const [name, change, because] of [
    ['a digest that is a path', { digest: 'sha256:../../x' }, /digest is not a digest/],
    ['a digest that is none', { digest: 5 }, /digest is not a digest/],
    ['a negative size', { size: -1 }, /size is not a number of bytes/],
    ['half a byte', { size: 1.5 }, /size is not a number of bytes/],
    ['a size beyond numbers', { size: 2 ** 53 }, /size is not a number of bytes/],
    ['a size in quotes', { size: '20' }, /size is not a number of bytes/],
    ['no size', { size: undefined }, /size is not a number of bytes/],
    ['a type of 256 characters', { mediaType: `a/${'b'.repeat(254)}` }, /is not a media type/],
    ['no type', { mediaType: undefined }, /is not a media type/],
  ] as const) {
    it(`with ${name} in a layer`, () => assertRefused({ ...image, layers: [{ ...layer, ...change }] }, because));
  }

  it('whose sizes add up to more than a number can say', () => {
    const huge = { ...layer, size: 2 ** 52 };
    assertRefused({ ...image, layers: [huge, huge, huge] }, /more than any disk has/);
  });
});

describe('R-PULL-06: a manifest is refused', () => {
  it('with more than a thousand layers or entries', () => {
    const layers = (count: number): object => ({ ...image, layers: Array.from({ length: count }, () => layer) });
    const entries = (count: number): object => ({ ...index, manifests: Array.from({ length: count }, () => entry) });
    parse(layers(1000));
    parse(entries(1000));
    assertRefused(layers(1001), /1001 layers/);
    assertRefused(entries(1001), /1001 manifests/);
  });

  it('with a config of more than 8 MiB', () => {
    const limit = 8 * 1024 * 1024;
    parse({ ...image, config: { ...config, size: limit } });
    assertRefused({ ...image, config: { ...config, size: limit + 1 } }, /8388608/);
  });

  it('as an index in an index in an index, and as one that contains itself or one around it', () => {
    const [one, two, three] = ['1', '2', '3'].map((text) => digestOf(Buffer.from(text)));
    assert(one !== undefined && two !== undefined && three !== undefined);
    parse(index, { path: [one, two] });
    assertRefused(index, /nested/, { path: [one, two, three] });
    for (const around of [one, two]) {
      const looping = { ...index, manifests: [entry, { ...entry, digest: around.text }] };
      assertRefused(looping, /contains itself/, { path: [one, two] });
    }
  });

  it('in one way only, whatever it is', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.json(),
          fc.string(),
          fc.jsonValue().map((value) => JSON.stringify({ ...image, layers: value })),
        ),
        (text) => {
          try {
            parse(text, { contentType: oci.manifest });
          } catch (error) {
            assert(error instanceof IntegrityError, String(error));
            assert.equal(error.code, 'VERIFY_MANIFEST');
          }
        },
      ),
      { numRuns: 1000 },
    );
  });
});
