/** What a kubelet remembers of its pulls. */
import fc from 'fast-check';
import {
  encodePulledRecord,
  encodePullIntent,
  hashAuthConfig,
  type PulledRecord,
  recordFileName,
} from '../../../src/node/pull-record.ts';
import { decodePulledRecord, decodePullIntent, PullRecordError } from '../../../src/node/pull-record-decode.ts';
import { type Answer, define, type Plain, verdict } from '../differential.ts';
import { anyText, good, mostly } from '../generate/choice.ts';
import { bytesOf, textOf, writtenJson } from '../generate/document.ts';
import { imageName } from '../generate/image.ts';
import type { Member, Value } from '../generate/spelling.ts';

export const intent = define({
  name: 'pull-intent',
  refuses: false,
  questions: fc.record({ image: mostly(imageName, anyText, 2) }),
  ours: ({ image }) => ({ accepted: [recordFileName(image), encodePullIntent(image)] }),
});

const account = fc.record({ uid: anyText, namespace: anyText, name: anyText });
const secret = fc.record({ uid: anyText, namespace: anyText, name: anyText, credentialHash: anyText });
const credentials = fc.record(
  {
    kubernetesSecrets: fc.array(secret, { maxLength: 2 }),
    kubernetesServiceAccounts: fc.array(account, { maxLength: 2 }),
    nodePodsAccessible: fc.boolean(),
  },
  { requiredKeys: [] },
);

export const record = define<PulledRecord>({
  name: 'pull-record',
  refuses: false,
  questions: fc.record({
    imageRef: mostly(good(`sha256:${'0a'.repeat(32)}`), anyText, 2),
    lastUpdatedTime: fc.oneof(
      fc.integer({ min: 0, max: 253402300799999 }),
      good(0, 999, 1000, 951782400000, 1700000000123),
    ),
    credentialMapping: fc.dictionary(mostly(imageName, anyText, 3), credentials, { maxKeys: 3 }),
  }),
  ours: (question) => ({ accepted: [recordFileName(question.imageRef), encodePulledRecord(question)] }),
});

export const hash = define({
  name: 'credential-hash',
  refuses: false,
  questions: fc.record({ username: anyText, password: anyText, email: mostly(good(''), anyText, 1) }),
  ours: (credential) => ({ accepted: hashAuthConfig(credential) }),
});

const odd = good<Value>(null, 5, true, [], { members: [] }, 'text');

function struct(...members: readonly (readonly [name: string, value: fc.Arbitrary<Value>])[]): fc.Arbitrary<Value> {
  const present = members.map(([name, value]) =>
    mostly<readonly Member[]>(
      mostly(value, odd, 120).map((found) => [[name, found]]),
      fc.constant([]),
      60,
    ),
  );
  const stranger = fc.tuple(good('Image', 'imageref', 'KIND', 'apiversion', 'name', '', 'kind', 'uid'), odd);
  const strangers = mostly<readonly Member[]>(
    fc.constant([]),
    stranger.map((one) => [one]),
    60,
  );
  return fc.tuple(...present, strangers).map((parts) => ({ members: parts.flat() }));
}

const versionText = mostly(
  good('v1beta1', 'v1beta1', 'v1alpha1').map((version) => `kubelet.config.k8s.io/${version}`),
  good('kubelet.config.k8s.io/v1', 'v1beta1', '', 'a/b/c', 'kubelet.config.k8s.io/v1beta1 '),
  40,
);

const kinds = (usual: string): fc.Arbitrary<string> => {
  return mostly(good(usual), good('ImagePullIntent', 'ImagePulledRecord', 'KubeletConfiguration', ''), 40);
};

const pad = (number: number, length = 2): string => String(number).padStart(length, '0');
const time = mostly(
  fc
    .tuple(fc.nat(9999), fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 31 }), fc.nat(23), fc.nat(59))
    .chain(([year, month, day, hour, minute]) =>
      good('Z', 'Z', '.5Z', '+02:00', '-23:59', '+00:00').map((end) => {
        return `${pad(year, 4)}-${pad(month)}-${pad(day)}T${pad(hour)}:${pad(minute)}:59${end}`;
      }),
    ),
  good(
    ...['2026-11-22T0:52:17Z', '2026-11-22T00:52:17,123456789012Z', '2026-11-22T00:52:60Z', '2026-11-22T24:00:00Z'],
    ...['2026-02-29T00:00:00Z', '2024-02-29T00:00:00Z', '1900-02-29T00:00:00Z', '2026-13-01T00:00:00Z'],
    ...['2026-11-22T00:52:17+24:00', '2026-11-22T00:52:17+24:60', '2026-11-22T00:52:17+25:00', '2026-00-01T00:00:00Z'],
    ...['2026-11-22 00:52:17Z', '2026-11-22t00:52:17z', '', '0001-01-01T00:00:00Z', '10000-01-01T00:00:00Z', '2026'],
    ...['2026-11-22T00:52:17', '2026-11-22T00:52:17.Z', '2026-1-2T00:52:17Z', '2026-11-22T00:52:17-00:61', 'now'],
  ),
  5,
);

const coordinates = [['uid', anyText] as const, ['namespace', anyText] as const, ['name', anyText] as const];
const credentialsDocument = struct(
  ['kubernetesSecrets', fc.array(struct(...coordinates, ['credentialHash', anyText]), { maxLength: 2 })],
  ['kubernetesServiceAccounts', fc.array(struct(...coordinates), { maxLength: 2 })],
  ['nodePodsAccessible', fc.boolean()],
);
const mapping = fc
  .array(fc.tuple(mostly(imageName, anyText, 3), credentialsDocument), { maxLength: 2 })
  .map((members) => ({ members }));

/** A kubelet reads YAML too where the text does not begin like JSON; nobody writes it, and we do not read it. */
function recordText(document: fc.Arbitrary<Value>, weight: number): fc.Arbitrary<string> {
  return writtenJson(document, weight).map((text) => (/^[ \t\r\n]*\{/.test(text) ? text : `{${text}`));
}

function orRefused(read: () => Plain): Answer {
  try {
    return { accepted: read() };
  } catch (error) {
    if (!(error instanceof PullRecordError)) throw error;
    return verdict(false);
  }
}

export const readIntent = define({
  name: 'read-intent',
  questions: recordText(struct(['kind', kinds('ImagePullIntent')], ['apiVersion', versionText], ['image', anyText]), 4),
  ask: (text) => ({ text: bytesOf(text).toString('base64') }),
  ours: (text) => orRefused(() => decodePullIntent(textOf(text))),
});

export const readRecord = define({
  name: 'read-record',
  questions: recordText(
    struct(
      ['kind', kinds('ImagePulledRecord')],
      ['apiVersion', versionText],
      ['lastUpdatedTime', time],
      ['imageRef', anyText],
      ['credentialMapping', mapping],
    ),
    10,
  ),
  ask: (text) => ({ text: bytesOf(text).toString('base64') }),
  ours: (text) =>
    orRefused(() => {
      const { imageRef, lastUpdatedTime, credentialMapping } = decodePulledRecord(textOf(text));
      const images = Object.entries(credentialMapping).map(([image, found]): [string, Plain] => {
        const secrets = (found.kubernetesSecrets ?? []).map((one) => [
          one.uid,
          one.namespace,
          one.name,
          one.credentialHash,
        ]);
        const accounts = (found.kubernetesServiceAccounts ?? []).map((one) => [one.uid, one.namespace, one.name]);
        return [image, [secrets, accounts, found.nodePodsAccessible ?? false]];
      });
      return [imageRef, Math.floor(lastUpdatedTime / 1000), Object.fromEntries(images)];
    }),
});
