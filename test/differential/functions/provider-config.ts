/**
 * Credential provider configs to compare ourselves with a kubelet: most of them right, or wrong in one place, as JSON or
 * as YAML in its many spellings, some damaged as text.
 */
import fc from 'fast-check';
import { checkProviderConfigFiles, selectConfigFiles } from '../../../src/kubelet/provider-config-files.ts';
import { type Answer, type Differential, define, type Plain } from '../differential.ts';
import { good, mostly } from '../generate/choice.ts';
import {
  duration,
  key,
  members,
  name,
  odd,
  optional,
  pattern,
  pluginVersion,
  text,
} from '../generate/config-members.ts';
import { bytesOf, written } from '../generate/document.ts';
import type { Value } from '../generate/spelling.ts';
import { withoutValues } from './yaml.ts';

interface ConfigCase {
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
  optional('matchImages', fc.array(mostly<Value>(pattern, odd, 300), { minLength: 1, maxLength: 3 })),
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
        '/v1',
        '__internal',
        '/__internal',
        'a/__internal',
      ),
      60,
    ),
    0.995,
  ),
  optional(
    'kind',
    mostly(good<Value>('CredentialProviderConfig'), good<Value>('KubeletConfig', '', 'List'), 120),
    0.995,
  ),
  optional('providers', fc.array(mostly<Value>(provider, odd, 300), { minLength: 1, maxLength: 3 }), 0.995),
);

/** Where a second byte order mark follows the first, the library skips the first character of each line, by mistake. */
const oneMark = written(config, 10).map((text) => text.replace(/^\ufeff{2,}/, '\ufeff'));

const encoded = oneMark.chain((text) => (isPlain(text) ? mostly(asIs(text), asUtf16(text), 60) : asIs(text)));

/**
 * The library reads UTF-16 in blocks of half as many characters. That decides which of two faults it finds first, and we
 * count as for UTF-8: so a text with a forbidden character is only asked in UTF-8.
 */
function isPlain(text: string): boolean {
  return !/[\0-\x08\x0b\x0c\x0e-\x1f\x7f\x80-\x84\x86-\x9f\ud800-\udfff\ufeff\ufffe\uffff]/.test(text);
}

function asIs(text: string): fc.Arbitrary<Uint8Array> {
  return fc.constant(bytesOf(text));
}

function asUtf16(text: string): fc.Arbitrary<Uint8Array> {
  return fc.constant(Buffer.from(`\ufeff${text}`, 'utf16le'));
}

const readNames = ['a.yaml', 'b.json', 'B.yml', '.c.yaml', 'ä.yaml', 'a.yaml.json'];

function shuffled(...names: readonly string[]): fc.Arbitrary<string[]> {
  return fc.shuffledSubarray([...names], { minLength: 3, maxLength: 3 });
}

const configCase: fc.Arbitrary<ConfigCase> = fc
  .record({
    texts: fc.oneof(
      { weight: 3, arbitrary: fc.tuple(encoded) },
      { weight: 1, arbitrary: fc.array(encoded, { minLength: 0, maxLength: 3 }) },
    ),
    names: mostly(shuffled(...readNames), shuffled(...readNames, 'd.conf', 'e.YAML', '.yaml', 'x'), 3),
    gate: mostly(fc.constant(true), fc.constant(false), 10),
    directory: fc.boolean(),
  })
  .map(({ texts, names, gate, directory }) => {
    const inDirectory = texts.length !== 1 || directory;
    const files = texts.map((bytes, index) => ({ name: inDirectory ? (names[index] ?? 'z.yaml') : 'config', bytes }));
    return { files, directory: inDirectory, gate };
  });

/** Against a kubelet of a version such as v1.36.3. */
export function providerConfigOf(kubeletVersion: string): Differential {
  const minor = Number(/^v1\.([0-9]+)/.exec(kubeletVersion)?.[1]);
  return define({
    name: 'provider-config',
    questions: configCase,
    ask: (question) => toQuestion(question, minor),
    ours: (question) => answerTo(question, kubeletVersion),
    comparable: (answer) => ('refused' in answer ? { refused: comparable(String(answer.refused)) } : answer),
  });
}

function toQuestion({ files, directory, gate }: ConfigCase, minor: number): unknown {
  const placed = files.map(({ name, bytes }) => [
    directory ? `config/${name}` : 'config/only',
    Buffer.from(bytes).toString('base64'),
  ]);
  return {
    ...(minor >= 33 ? { gate } : {}),
    path: directory ? 'config' : 'config/only',
    files: Object.fromEntries(files.length === 0 ? [['config/none', '']] : placed),
  };
}

function answerTo({ files, directory, gate }: ConfigCase, kubeletVersion: string): Answer {
  const bytesOfFile = (name: string): Uint8Array => files.find((file) => file.name === name)?.bytes ?? Buffer.alloc(0);
  const read = (name: string) => ({ path: `config/${name}`, bytes: bytesOfFile(name) });
  const names = selectConfigFiles(files.map(({ name }) => name));
  const location = directory
    ? ({ kind: 'directory', path: 'config', files: names.map(read), ignored: [] } as const)
    : ({ kind: 'file', file: { path: 'config/only', bytes: files[0]?.bytes ?? Buffer.alloc(0) } } as const);
  const { error, hash = '' } = checkProviderConfigFiles(location, { featureGate: gate, kubeletVersion });
  return error === undefined ? { accepted: hash } : { refused: error };
}

/** An error without what it says by chance, or of where the kubelet was built, or quotes of the file. */
function comparable(error: string): Plain {
  const parts = withoutValues(error)
    .replace(/ in scheme "[^"]*"$/, '')
    .replace(/(is missing in) '[\s\S]*'$/, '$1')
    // In random order before 1.33; errors that differ only in it are not merged there.
    .replace(/(supported values: )"credentialprovider[^"]*"(?:, "credentialprovider[^"]*")*/g, '$1')
    .replace(/^(failed to validate credential provider config: )\[(.*)\]$/s, '$1$2')
    .split(/(?<=config: )|, (?=providers)/);
  return [...new Set(parts)];
}
