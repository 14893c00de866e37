/**
 * Credential provider configs to compare ourselves with a kubelet: most of them right, or wrong in one place, as JSON or
 * as YAML in its many spellings, some damaged as text.
 */
import fc from 'fast-check';
import { applyDamage, type Damage, damage } from './damage.ts';
import { duration, good, key, members, mostly, name, odd, optional, pattern, pluginVersion, text } from './members.ts';
import { createStyle, toJson, toYaml, type Value } from './spelling.ts';

export interface ConfigCase {
  /** Names and bytes of the files; a lone file is named without a directory. */
  readonly files: readonly { readonly name: string; readonly bytes: Uint8Array }[];
  readonly directory: boolean;
  /** KubeletServiceAccountTokenForCredentialProviders. */
  readonly gate: boolean;
}

const environment = fc.array(
  mostly<Value>(
    members(optional('name', fc.oneof(good('HOME', 'BUN_OPTIONS', ''), text)), optional('value', text, 0.9)),
    odd,
    30,
  ),
  { maxLength: 2 },
);

const tokenAttributes = members(
  optional('serviceAccountTokenAudience', mostly(good<Value>('audience'), good<Value>('', 'ä', ' ')), 0.95),
  optional('cacheType', mostly(good<Value>('Token', 'ServiceAccount'), good<Value>('', 'token', 'Image', 'ä"')), 0.9),
  optional('requireServiceAccount', good<Value>(true, true, false), 0.95),
  optional('requiredServiceAccountAnnotationKeys', fc.array(key, { maxLength: 3 }), 0.4),
  optional('optionalServiceAccountAnnotationKeys', fc.array(key, { maxLength: 3 }), 0.4),
);

const provider = members(
  optional('name', name),
  optional('matchImages', fc.array(mostly<Value>(pattern, odd, 150), { minLength: 1, maxLength: 3 })),
  optional('defaultCacheDuration', duration),
  optional('apiVersion', pluginVersion),
  optional('args', fc.array(text, { maxLength: 2 }), 0.3),
  optional('env', environment, 0.3),
  optional('tokenAttributes', tokenAttributes, 0.25),
);

const config = members(
  optional(
    'apiVersion',
    mostly(
      good<Value>(...['v1', 'v1', 'v1', 'v1beta1', 'v1alpha1'].map((version) => `kubelet.config.k8s.io/${version}`)),
      good<Value>(
        'v1',
        '',
        'kubelet.config.k8s.io/v2',
        'kubelet.config.k8s.io',
        'a/b/c',
        '/',
        'kubelet.config.k8s.io/__internal',
        'v1/',
      ),
      60,
    ),
    0.99,
  ),
  optional('kind', mostly(good<Value>('CredentialProviderConfig'), good<Value>('KubeletConfig', '', 'List'), 60), 0.99),
  optional('providers', fc.array(mostly<Value>(provider, odd, 150), { minLength: 1, maxLength: 3 }), 0.99),
);

const written = fc
  .record({
    value: config,
    json: fc.boolean(),
    style: fc.array(fc.nat(1000), { minLength: 3, maxLength: 20 }),
    harms: fc.oneof(
      { weight: 3, arbitrary: fc.constant<Damage[]>([]) },
      { weight: 1, arbitrary: fc.array(damage, { minLength: 1, maxLength: 2 }) },
    ),
  })
  .map(({ value, json, style, harms }) => {
    const choices = createStyle(style);
    const text = json ? toJson(value, choices) : toYaml(value, choices).replace(/^\n/, '');
    return harms.reduce(applyDamage, text);
  });

/** Lone surrogates from U+DC80 on stand for single bytes. */
function toBytes(text: string): Uint8Array {
  return Buffer.concat(
    [...text].map((c) => (/^[\udc80-\udcff]$/.test(c) ? Buffer.from([c.charCodeAt(0) - 0xdc00]) : Buffer.from(c))),
  );
}

/** Where a second byte order mark follows the first, the library skips the first character of each line, by mistake. */
const oneMark = written.map((text) => text.replace(/^\ufeff{2,}/, '\ufeff'));

const encoded = oneMark.chain((text) =>
  mostly(
    fc.constant(toBytes(text)),
    fc.constant(Buffer.from(`\ufeff${text.replace(/^\ufeff/, '').toWellFormed()}`, 'utf16le')),
    60,
  ),
);

export const configCase: fc.Arbitrary<ConfigCase> = fc
  .record({
    texts: fc.oneof(
      { weight: 3, arbitrary: fc.tuple(encoded) },
      { weight: 1, arbitrary: fc.array(encoded, { minLength: 0, maxLength: 3 }) },
    ),
    names: fc.shuffledSubarray(['a.yaml', 'b.json', 'B.yml', '.c.yaml', 'd.conf', 'e.YAML', 'ä.yaml', 'a.yaml.json'], {
      minLength: 3,
      maxLength: 3,
    }),
    gate: mostly(fc.constant(true), fc.constant(false), 6),
    directory: fc.boolean(),
  })
  .map(({ texts, names, gate, directory }) => {
    const inDirectory = texts.length !== 1 || directory;
    const files = texts.map((bytes, index) => ({ name: inDirectory ? (names[index] ?? 'z.yaml') : 'config', bytes }));
    return { files, directory: inDirectory, gate };
  });
