/** image-reference.json: the grammar of image names, and what its readers make of a name. */
import assert from 'node:assert/strict';
import {
  formatReference,
  ImageReferenceError,
  imageName,
  parseImageReference,
  withDefaultTag,
} from '../../src/image-reference.ts';
import { defaultPullPolicy, imageForRuntime } from '../../src/node/pull-policy.ts';
import { imageOfRecord } from '../../src/node/pull-record.ts';
import { pullReference } from '../../src/runtime/pull-reference.ts';
import { casesByKind, objectOf, textOf, type VectorTable } from './table.ts';

export const table: VectorTable = {
  name: 'image-reference',
  cases: (document) =>
    casesByKind(document, {
      parse: (vector) => assert.deepEqual(answer(textOf(vector, 'input')), objectOf(vector['expect'])),
    }),
};

function answer(image: string): Record<string, unknown> {
  try {
    const written = parseImageReference(image);
    const reference = withDefaultTag(written);
    return {
      ok: true,
      registry: reference.host,
      repository: reference.repository,
      tag: reference.tag ?? null,
      tag_was_defaulted: reference.tag !== written.tag,
      digest: reference.digest ?? null,
      canonical: formatReference(reference),
      runtime_pull_ref: pullReference(image),
      kubelet_cri_image: imageForRuntime(image),
      credential_lookup_key: imageName(reference),
      default_pull_policy: defaultPullPolicy(image),
      record_mapping_key: imageOfRecord(image),
    };
  } catch (error) {
    if (!(error instanceof ImageReferenceError)) throw error;
    return { ok: false, reason: 'InvalidImageName', error_class: error.errorClass, error_text: error.goText };
  }
}
