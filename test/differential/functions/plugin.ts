/** What a kubelet and a plugin write to each other, and the keys under which answers are kept. */
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import {
  apiVersions,
  type CacheKeyType,
  decodeRequest,
  decodeResponse,
  encodeRequest,
  encodeResponse,
  isCacheKeyType,
} from '../../../src/kubelet/api.ts';
import { credentialCacheKey, registryCacheKey, serviceAccountCacheKey } from '../../../src/kubelet/cache-key.ts';
import { type Answer, define, type Plain } from '../differential.ts';
import { anyText, good, mostly } from '../generate/choice.ts';
import { bytesOf, textOf, writtenJson } from '../generate/document.ts';
import { imageName } from '../generate/image.ts';
import type { Member, Value } from '../generate/spelling.ts';
import { durationText } from './text.ts';

const apiVersion = good(...apiVersions);

/** A kubelet starts with no config whose keys are not names of annotations; ours may be odder, but for one. */
const annotationKey = mostly(good('example.com/role', 'a', 'b', '1', '10', '9'), anyText, 2).filter(
  (key) => key !== '__proto__',
);

export const request = define({
  name: 'plugin-request',
  refuses: false,
  questions: fc.record({
    apiVersion,
    // A pod without an image never gets here.
    image: mostly(
      imageName,
      anyText.map((text) => `${text}x`),
      2,
    ),
    token: anyText,
    annotations: fc.dictionary(annotationKey, anyText, { maxKeys: 3 }),
  }),
  ours: ({ apiVersion: version, image, token, annotations }) => {
    const text = encodeRequest({
      apiVersion: version,
      image,
      serviceAccountToken: token,
      serviceAccountAnnotations: annotations,
    });
    // What a kubelet would write, read as the plugin reads it.
    const understood = decodeRequest(Buffer.from(text));
    const { serviceAccountToken = '', serviceAccountAnnotations = null } = understood;
    return { accepted: [text, understood.image, serviceAccountToken, serviceAccountAnnotations] };
  },
});

const odd = good<Value>(null, 5, true, [], { members: [] }, '', 'text');

function member(name: fc.Arbitrary<string>, value: fc.Arbitrary<Value>, weight = 60): fc.Arbitrary<readonly Member[]> {
  const present = fc.tuple(name, mostly(value, odd, weight)).map((one) => [one]);
  return mostly<readonly Member[]>(present, fc.constant([]), weight);
}

function ordered(...members: readonly fc.Arbitrary<readonly Member[]>[]): fc.Arbitrary<Value> {
  const strangers = fc.tuple(
    good('APIVersion', 'Kind', 'kInd', 'cachekeytype', 'expiresAt', 'auth', '', 'metadata', '\u212aind'),
    odd,
  );
  return fc
    .tuple(
      ...members,
      mostly<readonly Member[]>(
        fc.constant([]),
        strangers.map((one) => [one]),
        15,
      ),
    )
    .chain((parts) => {
      const all = parts.flat();
      return fc
        .oneof(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length }))
        .map((list) => ({ members: list }));
    });
}

const authConfig = ordered(member(good('username'), anyText, 40), member(good('password'), anyText, 40));
const authKey = mostly(good('r.io', '*.r.io', 'r.io/team', '', '1', '__proto__'), anyText, 8);
const auth = fc.array(fc.tuple(authKey, mostly(authConfig, odd, 60)), { maxLength: 2 }).map((members) => ({ members }));
const versionText = mostly<Value>(
  good<Value>(...apiVersions),
  good<Value>('v1', '', 'a/b/c', '/', `${apiVersions[0]} `, null, 5),
  30,
);

const document = ordered(
  member(good('apiVersion'), versionText),
  member(good('kind'), mostly(good('CredentialProviderResponse'), good('CredentialProviderRequest', 'List', ''), 40)),
  member(
    good('cacheKeyType'),
    mostly<Value>(good<Value>('Image', 'Registry', 'Global'), good<Value>('image', '', 'Token', null), 20),
  ),
  member(good('cacheDuration'), mostly<Value>(good<Value>('0s', '5m', '12h0m0s', '0', null), durationText, 8)),
  member(good('auth'), mostly<Value>(auth, good<Value>(null), 6)),
);

/** Our own answers are responses like others; a kubelet must take every one. */
const ourOwn = fc
  .record({
    apiVersion,
    cacheKeyType: good<CacheKeyType>('Image', 'Registry', 'Global'),
    cacheDuration: good('0s', '43200s', '1s'),
    auth: fc.dictionary(authKey, fc.record({ username: anyText, password: anyText }), { maxKeys: 2 }),
  })
  .map(encodeResponse);

const stdout = mostly(
  fc.oneof({ weight: 4, arbitrary: writtenJson(document) }, { weight: 1, arbitrary: ourOwn }),
  good('', ' ', 'null', '[]', '5', '""', '{'),
  60,
);

export const response = define({
  name: 'plugin-response',
  share: 80,
  questions: stdout.chain((text) => {
    const named = apiVersions.find((version) => text.includes(`${version}"`)) ?? apiVersions[0];
    return fc.record({ apiVersion: mostly(fc.constant(named), apiVersion, 20), text: fc.constant(text) });
  }),
  ask: ({ apiVersion: version, text }) => ({ apiVersion: version, stdout: bytesOf(text).toString('base64') }),
  ours: ({ apiVersion: version, text }): Answer => {
    const decoded = decodeResponse(textOf(text), version);
    if ('fault' in decoded) return { refused: decoded.fault };
    const { cacheKeyType, cacheDuration, auth: configs } = decoded;
    if (!isCacheKeyType(cacheKeyType)) return { refused: 'cacheKeyType' };
    const entries = Object.entries(configs).map(([key, { username, password }]): [string, Plain] => [
      key,
      [username, password],
    ]);
    return { accepted: [cacheKeyType, String(cacheDuration ?? 'default'), Object.fromEntries(entries)] };
  },
});

/** A text, repeated. */
interface Part {
  readonly text: string;
  readonly times: number;
}

const short = fc.record({ text: anyText, times: good(1, 1, 2) });
const long = fc.record({
  text: good('a', 'b/c', '\u00e9'),
  times: good(65534, 65535, 65536, 32767, 32768, 21845, 21846, 70000),
});
const part = mostly<Part>(short, long, 12);

export const cacheKey = define({
  name: 'cache-key',
  questions: fc.record({
    namespace: part,
    name: part,
    uid: part,
    token: short,
    image: mostly<Part>(
      imageName.map((text) => ({ text, times: 1 })),
      part,
      2,
    ),
    annotations: fc.array(fc.tuple(part, part), { maxLength: 2 }),
    cacheType: good('Token', 'ServiceAccount', ''),
  }),
  ours: (question): Answer => {
    const annotations = question.annotations.map(([key, value]) => [expand(key), expand(value)] as const);
    const token = expand(question.token);
    const account = orTooLong(() =>
      serviceAccountCacheKey({
        namespace: expand(question.namespace),
        name: expand(question.name),
        uid: expand(question.uid),
        annotations: Object.fromEntries(annotations),
        cacheType: question.cacheType,
        tokenHash: token === '' ? '' : `sha256:${createHash('sha256').update(token).digest('hex')}`,
      }),
    );
    if (account === undefined) return { refused: 'service account' };
    const key = orTooLong(() => credentialCacheKey(registryCacheKey(expand(question.image)), account));
    return key === undefined ? { refused: 'image' } : { accepted: [sum(account), sum(key)] };
  },
});

function expand({ text, times }: Part): string {
  return text.repeat(times);
}

/** Node refuses a length that two bytes cannot hold. */
function orTooLong(create: () => Buffer): Buffer | undefined {
  try {
    return create();
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return undefined;
  }
}

function sum(key: Buffer): string {
  return `${key.length} ${createHash('sha256').update(key).digest('hex')}`;
}
