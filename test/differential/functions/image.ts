/** Image references, and what a kubelet makes of the image that a pod names. */
import fc from 'fast-check';
import {
  ImageReferenceError,
  imageName as nameOf,
  parseImageReference,
  withDefaultTag,
} from '../../../src/image-reference.ts';
import { defaultPullPolicy, imageForRuntime } from '../../../src/node/pull-policy.ts';
import { imageOfRecord } from '../../../src/node/pull-record.ts';
import { type Answer, define } from '../differential.ts';
import { good, mostly, scratched } from '../generate/choice.ts';
import { imageName } from '../generate/image.ts';

const hex = (length: number): string => '0123456789abcdef'.repeat(8).slice(0, length);

const tag = mostly(
  good('', '', ':latest', ':v1.2', ':1', ':_x', ':A-b', `:${'t'.repeat(128)}`),
  good(':', ':.x', ':-x', ':a+b', `:${'t'.repeat(129)}`, ':a:b', ':\u00e9'),
  8,
);

const digest = mostly(
  good('', '', '', `@sha256:${hex(64)}`, `@sha512:${hex(128)}`, `@sha384:${hex(96)}`),
  good(
    '@',
    '@sha256:',
    `@sha256:${hex(63)}`,
    `@sha256:${hex(65)}`,
    `@sha256:${hex(64).toUpperCase()}`,
    `@SHA256:${hex(64)}`,
    `@md5:${hex(32)}`,
    `@sha256:${hex(64)}@sha256:${hex(64)}`,
    `@sha256+b64:${hex(64)}`,
    `@a.b_c-d:${hex(40)}`,
    `@sha512:${hex(64)}`,
    `@sha384:${hex(64)}`,
  ),
  4,
);

const name = mostly(
  fc.oneof(
    imageName,
    good('app', 'library/app', 'team/app', 'docker.io/app', 'index.docker.io/team/app', 'localhost/app', 'LOCAL/app'),
  ),
  good(
    '',
    hex(64),
    `a/${hex(64)}`,
    hex(63),
    'A',
    'App/a',
    'a/App',
    'a_b.c/app',
    'a-.b/c',
    'a--b/c',
    'a___b/c',
    '/a',
    'a/',
    'a//b',
    `r.io/${'a/'.repeat(125)}abc`,
    `r.io/${'a'.repeat(255)}`,
    `r.io/${'a'.repeat(256)}`,
    `${'a'.repeat(255)}`,
    `${'r'.repeat(300)}.io/a`,
    '[::1]:5000/a',
    '[fe80::1]/a',
    '[::1%25eth0]/a',
    'a.io:99999999/a',
    '\u0130/a',
    'a/\u0130',
    'K/a',
    '\u212a/a',
    'stra\u00dfe/a',
    '\u03a3/a',
    'docker.io',
    'docker.io/',
    'http://a.io/b',
    'sha256:abc',
  ),
  4,
);

const image = scratched(
  fc.tuple(name, tag, digest).map((parts) => parts.join('')),
  'aA0.:/@_-+[]% \n\u00e9\u0130\u212a\u{1f600}',
  5,
);

const questions = fc.record({ image });

export const parseImage = define({
  name: 'parse-image',
  share: 100,
  questions,
  ours: ({ image: text }) =>
    orRefusal(
      () => {
        const reference = withDefaultTag(parseImageReference(text));
        return { accepted: [nameOf(reference), reference.tag ?? '', reference.digest ?? ''] };
      },
      ({ goText }) => goText,
    ),
});

export const podImage = define({
  name: 'pod-image',
  questions,
  ours: ({ image: text }) =>
    orRefusal(
      () => ({ accepted: [defaultPullPolicy(text), imageForRuntime(text), imageOfRecord(text)] }),
      () => defaultPullPolicy(text),
    ),
});

function orRefusal(accept: () => Answer, refusal: (error: ImageReferenceError) => string): Answer {
  try {
    return accept();
  } catch (error) {
    if (!(error instanceof ImageReferenceError)) throw error;
    return { refused: refusal(error) };
  }
}
