/**
 * What a kubelet remembers of a pull (pkg/kubelet/images/pullmanager and pkg/credentialprovider/keyring.go, Kubernetes
 * 1.36). So far: under which image, and by which hash of a credential.
 */
import { createHash } from 'node:crypto';
import type { AuthConfig } from '../credential.ts';
import { parseImageReference } from '../image-reference.ts';
import { goJson } from '../kubelet/api.ts';

/** The image as written, without its tag and digest. Throws ImageReferenceError. */
export function imageOfRecord(image: string): string {
  const { tag, digest } = parseImageReference(image);
  const suffix = `${tag === undefined ? '' : `:${tag}`}${digest === undefined ? '' : `@${digest}`}`;
  return image.slice(0, image.length - suffix.length);
}

/** SHA-256, in hex, of Go's JSON of the credential, which leaves out empty members. */
export function hashAuthConfig(authConfig: AuthConfig & { readonly email?: string }): string {
  const { username, password, email = '' } = authConfig;
  const members = Object.entries({ username, password, email }).filter(([, value]) => value !== '');
  return createHash('sha256')
    .update(goJson(Object.fromEntries(members)))
    .digest('hex');
}
