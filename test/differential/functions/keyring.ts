/** Keyrings: which credentials an image gets, in which order. */
import fc from 'fast-check';
import type { AuthConfig } from '../../../src/credential.ts';
import { createKeyring, type Keyring, lookupInTurn } from '../../../src/kubelet/keyring.ts';
import { define } from '../differential.ts';
import { mostly, scratched } from '../generate/choice.ts';
import { hubKey, keyFor } from '../generate/docker-config.ts';
import { imageName } from '../generate/image.ts';

type Source = Readonly<Record<string, AuthConfig>>;

export interface KeyringCase {
  /** Keyrings of sources; each in the order in which it is looked at. */
  readonly keyrings: readonly (readonly Source[])[];
  readonly image: string;
}

/** Each credential can be told from the others. */
export function sourcesFor(image: string): fc.Arbitrary<readonly Source[]> {
  const key = scratched(mostly(keyFor(image), hubKey, 3), ':/.*%@\u00e9 ', 20);
  const pair = fc.tuple(key, fc.nat(999));
  return fc.array(fc.array(pair, { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 2 }).map((sources) => {
    return sources.map((pairs) => {
      return Object.fromEntries(pairs.map(([name, at]) => [name, { username: `u${at}`, password: `p${at}` }]));
    });
  });
}

/** For the kubelet's side: lists, in our order, because a Go map has none. */
export function keyringsOf(keyrings: KeyringCase['keyrings']): unknown[][] {
  return keyrings.map((sources) =>
    sources.map((source) => Object.entries(source).map(([key, { username, password }]) => [key, username, password])),
  );
}

export function toKeyring(sources: readonly Source[]): Keyring {
  return createKeyring(sources);
}

export const keyring = define<KeyringCase>({
  name: 'keyring',
  share: 80,
  questions: imageName.chain((image) => {
    return fc.record({
      keyrings: fc.array(sourcesFor(image), { minLength: 1, maxLength: 2 }),
      image: scratched(fc.constant(image), ':/.% ', 30),
    });
  }),
  ask: ({ keyrings, image }) => ({ keyrings: keyringsOf(keyrings), image }),
  ours: ({ keyrings, image }) => {
    const all = keyrings.map(toKeyring);
    const entries = all.map((one) => one.entries);
    const found = lookupInTurn(all, image);
    if (found.length === 0) return { refused: entries };
    return { accepted: { entries, credentials: found.map(({ username, password }) => [username, password]) } };
  },
});
