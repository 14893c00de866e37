/**
 * What a kubelet remembers of a pull (pkg/kubelet/images/pullmanager and pkg/credentialprovider/keyring.go, Kubernetes
 * 1.36): under which image and which file name, in which bytes, and by which hash of a credential. Left out: when
 * which is written. Reading them is pull-record-decode.ts.
 */
import { createHash } from 'node:crypto';
import type { AuthConfig } from '../credential.ts';
import { parseImageReference } from '../image-reference.ts';
import type { Json } from '../json.ts';
import { goJson, goJsonMap } from '../kubelet/api.ts';

/** Who may use the image without a pull, and by which proof. */
export interface PullCredentials {
  readonly kubernetesSecrets?: readonly (ServiceAccount & { readonly credentialHash: string })[];
  readonly kubernetesServiceAccounts?: readonly ServiceAccount[];
  readonly nodePodsAccessible?: boolean;
}

interface ServiceAccount {
  readonly uid: string;
  readonly namespace: string;
  readonly name: string;
}

export interface PulledRecord {
  /** As the runtime names the image. */
  readonly imageRef: string;
  /** Milliseconds since the epoch, or `zeroTime`; a record keeps whole seconds. */
  readonly lastUpdatedTime: number;
  /** By `imageOfRecord`. */
  readonly credentialMapping: Readonly<Record<string, PullCredentials>>;
}

/** Go's first moment, by which it means none. */
export const zeroTime = Date.parse('0001-01-01T00:00:00Z');

/** The image as written, without its tag and digest. Throws ImageReferenceError. */
export function imageOfRecord(image: string): string {
  const { tag, digest } = parseImageReference(image);
  const suffix = `${tag === undefined ? '' : `:${tag}`}${digest === undefined ? '' : `@${digest}`}`;
  return image.slice(0, image.length - suffix.length);
}

/** Below `pulling` for an intent, of which the key is the pod's image; below `pulled` for a record, by its `imageRef`. */
export function recordFileName(key: string): string {
  return `sha256-${createHash('sha256').update(key).digest('hex')}`;
}

const apiVersion = 'kubelet.config.k8s.io/v1beta1';

/** The file that stands while a pull runs. */
export function encodePullIntent(image: string): string {
  return `${goJson({ kind: 'ImagePullIntent', apiVersion, image })}\n`;
}

/** The file that stays after it. */
export function encodePulledRecord({ imageRef, lastUpdatedTime, credentialMapping }: PulledRecord): string {
  const time =
    lastUpdatedTime === zeroTime ? null : new Date(lastUpdatedTime).toISOString().replace(/\.[0-9]{3}Z$/, 'Z');
  const head = goJson({ kind: 'ImagePulledRecord', apiVersion, lastUpdatedTime: time, imageRef }).slice(0, -1);
  const isEmpty = Object.keys(credentialMapping).length === 0;
  return `${head}${isEmpty ? '' : `,"credentialMapping":${goJsonMap(credentialMapping, membersOf)}`}}\n`;
}

/** In the order of Go's struct, empty members left out. */
function membersOf(credentials: PullCredentials): Json {
  const { kubernetesSecrets = [], kubernetesServiceAccounts = [], nodePodsAccessible = false } = credentials;
  return {
    ...(kubernetesSecrets.length > 0 && {
      kubernetesSecrets: kubernetesSecrets.map((secret) => ({
        ...coordinates(secret),
        credentialHash: secret.credentialHash,
      })),
    }),
    ...(kubernetesServiceAccounts.length > 0 && {
      kubernetesServiceAccounts: kubernetesServiceAccounts.map(coordinates),
    }),
    ...(nodePodsAccessible && { nodePodsAccessible }),
  };
}

function coordinates({ uid, namespace, name }: ServiceAccount): { uid: string; namespace: string; name: string } {
  return { uid, namespace, name };
}

/** SHA-256, in hex, of Go's JSON of the credential, which leaves out empty members. */
export function hashAuthConfig(authConfig: AuthConfig & { readonly email?: string }): string {
  const { username, password, email = '' } = authConfig;
  const members = Object.entries({ username, password, email }).filter(([, value]) => value !== '');
  return createHash('sha256')
    .update(goJson(Object.fromEntries(members)))
    .digest('hex');
}
