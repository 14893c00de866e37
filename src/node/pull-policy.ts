/**
 * imagePullPolicy: https://kubernetes.io/docs/concepts/containers/images/#imagepullpolicy-defaulting and
 * pkg/apis/core/v1/defaults.go. Left out: the decision whether to pull, which belongs to the image manager.
 */
import { ImageReferenceError, parseImageReference, withDefaultTag } from '../image-reference.ts';

export type PullPolicy = 'Always' | 'IfNotPresent' | 'Never';

/** What the API server fills in: a digest does not count where the tag is `latest`, nor does a name nobody can read. */
export function defaultPullPolicy(image: string): PullPolicy {
  try {
    return withDefaultTag(parseImageReference(image)).tag === 'latest' ? 'Always' : 'IfNotPresent';
  } catch (error) {
    if (!(error instanceof ImageReferenceError)) throw error;
    return 'IfNotPresent';
  }
}

/** What a kubelet asks the runtime for: the text as written, with the default tag behind it. Throws ImageReferenceError. */
export function imageForRuntime(image: string): string {
  const reference = parseImageReference(image);
  return reference.tag === undefined && reference.digest === undefined ? `${image}:latest` : image;
}
