/**
 * The files of a kubelet's pulls, read as a kubelet reads them (pkg/kubelet/images/pullmanager/fs_pullrecords.go,
 * Kubernetes 1.36): strictly, because a record that it cannot read lets nobody in. Left out: records in YAML and in Go's
 * own form (`__internal`), which a kubelet would read too, and nobody writes.
 */
import { checkGoType, type GoType } from '../kubelet/go-decode.ts';
import { GoJsonError, parseGoJson } from '../kubelet/go-json.ts';
import type { GoMember, GoValue } from '../kubelet/go-value.ts';
import { type PullCredentials, type PulledRecord, zeroTime } from './pull-record.ts';

/** A file that a kubelet could not read; `message` says why, in its words where they are known. */
export class PullRecordError extends Error {
  override readonly name = 'PullRecordError';
}

/** The image of a pull that was begun, as its pod has it. Throws PullRecordError. */
export function decodePullIntent(text: string): string {
  return textOf(decode(text, 'ImagePullIntent', { image: string }), 'image');
}

/** Throws PullRecordError. What is false or empty is left out of the credentials, as it is in the file. */
export function decodePulledRecord(text: string): PulledRecord {
  const document = decode(text, 'ImagePulledRecord', {
    lastUpdatedTime: string,
    imageRef: string,
    credentialMapping: { kind: 'map', name: `map[string]${credentials.name}`, element: credentials },
  });
  const mapping = memberOf(document, 'credentialMapping');
  const images = mapping?.kind === 'object' ? mapping.members : [];
  return {
    imageRef: textOf(document, 'imageRef'),
    lastUpdatedTime: timeOf(document),
    credentialMapping: Object.fromEntries(images.map(({ name, value }) => [name, credentialsOf(value)])),
  };
}

const string: GoType = { kind: 'string', name: 'string' };
const coordinates = { uid: string, namespace: string, name: string };

function listOf(name: string, fields: Readonly<Record<string, GoType>>): GoType {
  return { kind: 'slice', name: `[]v1beta1.${name}`, element: { kind: 'struct', name: `v1beta1.${name}`, fields } };
}

const credentials: GoType = {
  kind: 'struct',
  name: 'v1beta1.ImagePullCredentials',
  fields: {
    kubernetesSecrets: listOf('ImagePullSecret', { ...coordinates, credentialHash: string }),
    kubernetesServiceAccounts: listOf('ImagePullServiceAccount', coordinates),
    nodePodsAccessible: { kind: 'bool', name: 'bool' },
  },
};

/** 1.33 and 1.34 wrote the older one, with the same members. */
const apiVersions: readonly string[] = ['v1beta1', 'v1alpha1'].map((version) => `kubelet.config.k8s.io/${version}`);

function decode(text: string, kind: string, members: Readonly<Record<string, GoType>>): GoValue {
  const document = parse(text);
  // A kubelet takes these two names in any case, only to refuse all spellings but one afterwards.
  if (!apiVersions.includes(textOf(document, 'apiVersion')) || textOf(document, 'kind') !== kind) {
    throw new PullRecordError(`it is no ${kind} of ${apiVersions.join(' or ')}`);
  }
  const fields = { kind: string, apiVersion: string, ...members };
  const { fatal, strict } = checkGoType(document, { kind: 'struct', name: `v1beta1.${kind}`, fields });
  if (fatal !== undefined) throw new PullRecordError(fatal.text);
  if (strict.length === 0) return document;
  throw new PullRecordError(`strict decoding error: ${strict.map((problem) => problem.text).join(', ')}`);
}

function parse(text: string): GoValue {
  try {
    return parseGoJson(text);
  } catch (error) {
    if (!(error instanceof GoJsonError)) throw error;
    throw new PullRecordError(error.message, { cause: error });
  }
}

// From here on every type is right, and each member stands once.

function memberOf(value: GoValue, name: string): GoValue | undefined {
  const members: readonly GoMember[] = value.kind === 'object' ? value.members : [];
  return members.find((member) => member.name === name)?.value;
}

function textOf(value: GoValue, name: string): string {
  const member = memberOf(value, name);
  return member?.kind === 'string' ? member.value : '';
}

function itemsOf(value: GoValue, name: string): readonly GoValue[] {
  const member = memberOf(value, name);
  return member?.kind === 'array' ? member.items : [];
}

function credentialsOf(value: GoValue): PullCredentials {
  const secrets = itemsOf(value, 'kubernetesSecrets').map((secret) => {
    return { ...coordinatesOf(secret), credentialHash: textOf(secret, 'credentialHash') };
  });
  const accounts = itemsOf(value, 'kubernetesServiceAccounts').map(coordinatesOf);
  const everybody = memberOf(value, 'nodePodsAccessible');
  return {
    ...(secrets.length > 0 && { kubernetesSecrets: secrets }),
    ...(accounts.length > 0 && { kubernetesServiceAccounts: accounts }),
    ...(everybody?.kind === 'bool' && everybody.value && { nodePodsAccessible: true }),
  };
}

function coordinatesOf(value: GoValue): { readonly uid: string; readonly namespace: string; readonly name: string } {
  return { uid: textOf(value, 'uid'), namespace: textOf(value, 'namespace'), name: textOf(value, 'name') };
}

/** RFC 3339 as Go's package time takes it: an hour of one digit, and a fraction, which a record does not keep. */
const timeFormat =
  /^([0-9]{4})-([0-9]{2})-([0-9]{2})T([0-9]{1,2}):([0-9]{2}):([0-9]{2})(?:[.,][0-9]+)?(?:Z|([+-])([0-9]{2}):([0-9]{2}))$/;

function timeOf(document: GoValue): number {
  const member = memberOf(document, 'lastUpdatedTime');
  if (member?.kind !== 'string') return zeroTime;
  const found = timeFormat.exec(member.value);
  if (found === null) throw new PullRecordError('lastUpdatedTime is no time');
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = found.slice(1, 7).map(Number);
  const [aheadHours = 0, aheadMinutes = 0] = found.slice(8).map((digits = '0') => Number(digits));
  // Dates of the first century are not what Date.UTC takes small numbers for.
  const date = new Date(Date.UTC(2000, 0, 1, hour, minute, second));
  date.setUTCFullYear(year, month - 1, day);
  // A day that its month does not have is one of another month.
  const isDate = date.getUTCMonth() === month - 1;
  const isTime = hour < 24 && minute < 60 && second < 60 && aheadHours <= 24 && aheadMinutes <= 60;
  if (!isDate || !isTime) throw new PullRecordError('lastUpdatedTime is out of range');
  const ahead = (aheadHours * 60 + aheadMinutes) * 60_000;
  return date.getTime() - (found[7] === '-' ? -ahead : ahead);
}
