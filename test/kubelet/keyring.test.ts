import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { compareBytes } from '../../src/kubelet/api.ts';
import { createKeyring, type KeyringSource, lookupInTurn } from '../../src/kubelet/keyring.ts';
import { matchesImage, parseMatchImage } from '../../src/kubelet/match-image.ts';

const key = fc.stringMatching(/^(?:https:\/\/)?[ab*](?:\.[ab*])?(?::1)?(?:\/v[12])?(?:\/[ab]{0,2}){0,2}$/);
const image = fc.stringMatching(/^[ab](?:\.[ab])?(?::1)?\/[ab]{1,2}(?:\/[ab]{1,2})?$/);
const credential = fc.record({ username: fc.string({ maxLength: 3 }), password: fc.constant('') });
const sources = fc.array(fc.dictionary(key, credential, { maxKeys: 4 }), { maxLength: 3 });

const as = (username: string) => ({ username, password: '' });
const users = (found: readonly { username: string }[]) => found.map(({ username }) => username);

describe('createKeyring', () => {
  it('finds exactly the credentials whose entry covers the image, in falling byte order', () => {
    fc.assert(
      fc.property(sources, image, (sources, image) => {
        const keyring = createKeyring(sources);
        const matches = keyring.matches(image);
        const covering = keyring.entries.filter((entry) => {
          const pattern = parseMatchImage(entry);
          return !('problem' in pattern) && matchesImage(pattern, image);
        });
        assert.deepEqual([...new Set(matches.map(({ entry }) => entry))], covering);
        assert.deepEqual(covering, covering.toSorted(compareBytes).reverse());
      }),
      { numRuns: 1000 },
    );
  });

  it('says of each credential from which source and key it came', () => {
    fc.assert(
      fc.property(sources, image, (sources, image) => {
        const keyring = createKeyring(sources);
        for (const { authConfig, key, source } of keyring.matches(image)) {
          assert.equal(sources[source]?.[key], authConfig);
        }
        const plain = keyring.matches(image).map(({ authConfig }) => ({ ...authConfig }));
        assert.deepEqual(keyring.lookup(image), plain);
      }),
    );
  });

  it('varies by path exactly where an entry with a path covers the host', () => {
    fc.assert(
      fc.property(sources, image, (sources, image) => {
        const keyring = createKeyring(sources);
        const host = image.slice(0, image.indexOf('/'));
        const varies = keyring.entries.some((entry) => {
          const slash = entry.indexOf('/');
          const pattern = parseMatchImage(slash === -1 ? entry : entry.slice(0, slash));
          return slash !== -1 && !('problem' in pattern) && matchesImage(pattern, image);
        });
        assert.equal(keyring.variesByPath(image), varies);
        const all = ['a', 'b/b', 'z'].map((path) => keyring.lookup(`${host}/${path}`));
        if (!varies) for (const found of all) assert.deepEqual(found, keyring.lookup(image));
      }),
      { numRuns: 1000 },
    );
  });

  it('keeps the order of the sources among equal entries', () => {
    const keyring = createKeyring([
      { 'https://a.io/v1/x': as('1') },
      { 'a.io/x': as('2') },
      { 'http://a.io/v2/x': as('3') },
    ]);
    assert.deepEqual(keyring.entries, ['a.io/x']);
    assert.deepEqual(users(keyring.lookup('a.io/x/y')), ['1', '2', '3']);
  });

  it('skips a key that is no URL, and only that key', () => {
    const keyring = createKeyring([{ 'a.io:port': as('bad'), 'a.io': as('good') }]);
    assert.deepEqual(keyring.entries, ['a.io']);
    assert.deepEqual(users(keyring.lookup('a.io/x')), ['good']);
  });

  it('falls back to index.docker.io only when nothing else covers an image of Docker Hub', () => {
    const hub: KeyringSource = { 'https://index.docker.io/v1/': as('hub') };
    assert.deepEqual(users(createKeyring([hub]).lookup('docker.io/library/nginx')), ['hub']);
    assert.deepEqual(users(createKeyring([hub, { 'docker.io': as('own') }]).lookup('docker.io/library/nginx')), [
      'own',
    ]);
    assert.deepEqual(users(createKeyring([hub]).lookup('quay.io/a')), []);
  });

  it('reads an entry once more, as a kubelet does, so that an escaped % counts twice', () => {
    // The entry is `a.io/%41`, of which a second reading makes `a.io/A`.
    const keyring = createKeyring([{ 'a.io/%2541': as('twice') }]);
    assert.deepEqual(keyring.entries, ['a.io/%41']);
    assert.deepEqual(users(keyring.lookup('a.io/A')), ['twice']);
  });

  it('takes names that mean something to JavaScript for keys like others', () => {
    const source = Object.fromEntries(['__proto__', 'constructor'].map((key) => [key, as(key)]));
    const keyring = createKeyring([source]);
    assert.deepEqual(users(keyring.lookup('__proto__/x')), ['__proto__']);
    assert.deepEqual(users(keyring.lookup('constructor/x')), ['constructor']);
  });
});

describe('lookupInTurn', () => {
  it('orders by depth inside a keyring, never across keyrings', () => {
    const secrets = createKeyring([{ 'a.io': as('shallow') }]);
    const node = createKeyring([{ 'a.io/deep': as('deep') }]);
    assert.deepEqual(users(lookupInTurn([secrets, node], 'a.io/deep/x')), ['shallow', 'deep']);
  });
});
