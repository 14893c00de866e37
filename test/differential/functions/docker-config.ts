/** Docker configs and pull secrets, decoded and looked up. */
import fc from 'fast-check';
import type { AuthConfig } from '../../../src/credential.ts';
import {
  DockerConfigError,
  type DockerConfigForm,
  decodeAuth,
  decodeDockerConfig,
} from '../../../src/kubelet/docker-config.ts';
import { dockerConfigPlaces } from '../../../src/kubelet/docker-config-search.ts';
import { lookupInTurn } from '../../../src/kubelet/keyring.ts';
import { createPullSecretKeyring } from '../../../src/kubelet/pull-secret.ts';
import { type Answer, type Differential, define, type Plain } from '../differential.ts';
import { good, mostly } from '../generate/choice.ts';
import { authField, configWith, entriesWith, hubKey, keyFor } from '../generate/docker-config.ts';
import { bytesOf, textOf, writtenJson } from '../generate/document.ts';
import { imageName } from '../generate/image.ts';
import type { Value } from '../generate/spelling.ts';
import { type KeyringCase, keyringsOf, sourcesFor, toKeyring } from './keyring.ts';

export const configJson = configDifferential('config-json', 'config.json', configWith(entriesWith()));
export const dockercfg = configDifferential('dockercfg', '.dockercfg', entriesWith());

function configDifferential(name: string, form: DockerConfigForm, document: fc.Arbitrary<Value>): Differential {
  return define({
    name,
    questions: writtenJson(mostly(document, good<Value>(null, [], 'x', 5), 30), 5),
    ask: (text) => ({ text: bytesOf(text).toString('base64') }),
    ours: (text) => {
      const config = orFault(() => decodeDockerConfig(textOf(text), form));
      if (config === undefined) return { refused: true };
      const entries = Object.entries(config).map(([key, { username, password, email }]): [string, Plain] => {
        return [key, [username, password, email]];
      });
      return { accepted: Object.fromEntries(entries) };
    },
  });
}

function orFault<T>(decode: () => T): T | undefined {
  try {
    return decode();
  } catch (error) {
    if (!(error instanceof DockerConfigError)) throw error;
    return undefined;
  }
}

const folder = mostly(
  good('/', '/var/lib/kubelet', '/root', '/home/kubelet', '/srv/a b'),
  good('/root/', '//', '/a//b', '/a/../b', '/a/./b/', '/../a', '/a/..', '/\u00e9/...'),
  1,
);

export const configPlaces = define({
  name: 'config-places',
  refuses: false,
  questions: fc.record({ rootDir: folder, workingDir: folder, home: mostly(folder, good('')) }),
  ours: ({ home, ...folders }) => {
    const places = dockerConfigPlaces({ ...folders, ...(home !== '' && { home }) });
    return { accepted: places.map(({ path }) => path) };
  },
});

const invalidText = fc
  .array(good(0x41, 0x3a, 0x80, 0xc2, 0xe2, 0x82, 0xac, 0xed, 0xa0, 0xf0, 0x9f, 0x98, 0x80, 0xff), { maxLength: 7 })
  .map((bytes) => Buffer.from(bytes).toString('base64'));

export const auth = define({
  name: 'auth-field',
  questions: fc.record({ auth: mostly(authField, invalidText, 6) }),
  ours: ({ auth: text }): Answer => {
    const decoded = decodeAuth(text);
    return 'fault' in decoded ? { refused: decoded.fault } : { accepted: [decoded.username, decoded.password] };
  },
});

interface SecretsCase {
  readonly secrets: readonly { readonly type: string; readonly data: Readonly<Record<string, string>> }[];
  readonly node: KeyringCase['keyrings'][number];
  readonly image: string;
}

function secretFor(image: string): fc.Arbitrary<SecretsCase['secrets'][number]> {
  const entries = entriesWith(mostly(keyFor(image), hubKey, 4), true);
  const json = fc.tuple(
    good('kubernetes.io/dockerconfigjson'),
    good('.dockerconfigjson'),
    writtenJson(configWith(entries, 1), 60),
  );
  const older = fc.tuple(good('kubernetes.io/dockercfg'), good('.dockercfg'), writtenJson(entries, 60));
  const type = good('kubernetes.io/dockerconfigjson', 'kubernetes.io/dockercfg', 'Opaque', '');
  const mixed = fc.tuple(type, good('.dockerconfigjson', '.dockercfg', 'x'), good('{}', '', '{', 'null'));
  return fc
    .oneof({ weight: 4, arbitrary: json }, { weight: 3, arbitrary: older }, { weight: 1, arbitrary: mixed })
    .map(([kind, key, text]) => ({ type: kind, data: { [key]: text } }));
}

const secretsCase: fc.Arbitrary<SecretsCase> = imageName.chain((image) => {
  return fc.record({
    secrets: fc.array(secretFor(image), { minLength: 1, maxLength: 2 }),
    node: mostly(fc.constant<SecretsCase['node']>([]), sourcesFor(image), 2),
    image: fc.constant(image),
  });
});

export const pullSecrets = define({
  name: 'pull-secrets',
  questions: secretsCase,
  ask: ({ secrets, node, image }) => ({
    secrets: secrets.map(({ type, data }) => {
      const encoded = Object.entries(data).map(([key, text]) => [key, bytesOf(text).toString('base64')]);
      return { type, data: Object.fromEntries(encoded) };
    }),
    node: keyringsOf([node])[0],
    image,
  }),
  ours: ({ secrets, node, image }) => {
    const read = secrets.map(({ type, data }) => ({
      type,
      data: Object.fromEntries(Object.entries(data).map(([key, text]) => [key, textOf(text)])),
    }));
    const keyring = orFault(() => createPullSecretKeyring(read));
    if (keyring === undefined) return { refused: 'malformed' };
    const found = lookupInTurn<AuthConfig>([keyring, toKeyring(node)], image);
    if (found.length === 0) return { refused: 'nothing' };
    return { accepted: found.map(({ username, password }) => [username, password]) };
  },
});
