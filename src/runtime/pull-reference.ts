/**
 * What containerd resolves when it is asked for an image (ParseDockerRef of
 * https://pkg.go.dev/github.com/distribution/reference): the normal form, and a digest makes the tag meaningless.
 */
import { formatReference, type ImageReference, parseImageReference, withDefaultTag } from '../image-reference.ts';

/** Throws ImageReferenceError. */
export function pullReference(image: string): string {
  const reference = withDefaultTag(parseImageReference(image));
  return formatReference(reference.digest === undefined ? reference : withoutTag(reference));
}

function withoutTag({ host, repository, digest }: ImageReference): ImageReference {
  return { host, repository, ...(digest !== undefined && { digest }) };
}
