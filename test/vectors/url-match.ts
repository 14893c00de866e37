/** url-match.json: which pattern covers which image, and in which order credentials are tried. */
import assert from 'node:assert/strict';
import { ImageReferenceError, imageName, parseImageReference, withDefaultTag } from '../../src/image-reference.ts';
import { registryCacheKey } from '../../src/kubelet/cache-key.ts';
import { createKeyring, isDefaultRegistry, type KeyringSource, lookupInTurn } from '../../src/kubelet/keyring.ts';
import { type MatchImage, matchesImage, parseMatchImage } from '../../src/kubelet/match-image.ts';
import { casesByKind, listOf, objectOf, textOf, type Vector, type VectorTable } from './table.ts';

export const table: VectorTable = {
  name: 'url-match',
  cases: (document) =>
    casesByKind(document, {
      'urls-match': checkMatch,
      'is-default-registry': (vector) => assert.equal(isDefaultRegistry(textOf(vector, 'image')), vector['default']),
      'parse-image': checkImage,
      'plugin-invoked': checkInvoked,
      'keyring-lookup': checkLookup,
      'keyring-union': checkUnion,
    }),
};

function checkMatch(vector: Vector): void {
  const pattern = parseMatchImage(textOf(vector, 'pattern'));
  assert.equal('problem' in pattern, vector['patternInvalid'] ?? false, 'whether the pattern is invalid');
  assert.equal(covers(pattern, textOf(vector, 'image')), vector['match'], 'whether it matches');
}

function covers(pattern: ReturnType<typeof parseMatchImage>, image: string): boolean {
  return isPattern(pattern) && matchesImage(pattern, image);
}

function isPattern(pattern: ReturnType<typeof parseMatchImage>): pattern is MatchImage {
  return !('problem' in pattern);
}

function checkImage(vector: Vector): void {
  const image = textOf(vector, 'image');
  try {
    const reference = withDefaultTag(parseImageReference(image));
    const { tag = '', digest = '' } = reference;
    const expected = { repo: vector['repo'], tag: vector['tag'], digest: vector['digest'] };
    assert.equal(vector['ok'], true, 'we accept it');
    assert.deepEqual({ repo: imageName(reference), tag, digest }, expected);
  } catch (error) {
    if (!(error instanceof ImageReferenceError)) throw error;
    assert.equal(vector['ok'], false, `we refuse it: ${error.message}`);
    assert.equal(`couldn't parse image name ${JSON.stringify(image)}: ${error.goText}`, vector['error']);
  }
}

function checkInvoked(vector: Vector): void {
  const image = imageName(parseImageReference(textOf(vector, 'image')));
  const patterns = listOf(vector, 'matchImages').map((pattern) => parseMatchImage(String(pattern)));
  assert.equal(image, vector['imageInRequest']);
  assert.equal(registryCacheKey(image), vector['registryCacheKey']);
  assert.equal(
    patterns.some((pattern) => covers(pattern, image)),
    vector['invoked'],
    'whether the plugin is called',
  );
}

function checkLookup(vector: Vector): void {
  const keyring = createKeyring(listOf(vector, 'sources').map(sourceOf));
  const credentials = keyring.lookup(textOf(vector, 'image'));
  assert.deepEqual(keyring.entries, vector['normalizedKeys']);
  assert.deepEqual(credentials, vector['creds']);
  assert.equal(credentials.length > 0, vector['found']);
}

function checkUnion(vector: Vector): void {
  const keyrings = listOf(vector, 'groups').map((group) => createKeyring(listOf({ group }, 'group').map(sourceOf)));
  const credentials = lookupInTurn(keyrings, textOf(vector, 'image'));
  assert.deepEqual(credentials, vector['creds']);
  assert.equal(credentials.length > 0, vector['found']);
}

/** A map of keys to user names and passwords. */
export function sourceOf(value: unknown): KeyringSource {
  const credentials = Object.entries(objectOf(value)).map(([key, entry]) => {
    const credential = objectOf(entry);
    return [key, { username: textOf(credential, 'username'), password: textOf(credential, 'password') }] as const;
  });
  return Object.fromEntries(credentials);
}
