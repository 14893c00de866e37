/** Patterns and images: what covers what. */
import fc from 'fast-check';
import { matchGlob } from '../../../src/kubelet/go-glob.ts';
import { toBytes } from '../../../src/kubelet/go-text.ts';
import { parseGoUrl } from '../../../src/kubelet/go-url.ts';
import { isDefaultRegistry } from '../../../src/kubelet/keyring.ts';
import { matchesImage, parseMatchImage } from '../../../src/kubelet/match-image.ts';
import { define, verdict } from '../differential.ts';
import { good, mostly, scratched } from '../generate/choice.ts';
import { imageName, patternFor } from '../generate/image.ts';

const odd = ':/.*?[]@%#-^\\ 0a\u0000\u00e9\u{1f600}';

export const urlMatch = define({
  name: 'url-match',
  share: 100,
  questions: imageName.chain((text) => {
    return fc.record({ pattern: scratched(patternFor(text), odd), text: scratched(fc.constant(text), odd, 12) });
  }),
  ours: ({ pattern, text }) => {
    const parsed = parseMatchImage(pattern);
    return 'problem' in parsed ? { refused: parsed.problem } : verdict(matchesImage(parsed, text));
  },
});

const addressSoup = fc
  .array(good('1', 'fe80', '0', 'ffff', 'a', ':', ':', ':', '::', '.', '10.0.0.1', '255'), { maxLength: 9 })
  .map((pieces) => pieces.join(''));

/** About eight fields, which is what an address has. */
const addressFields = fc
  .tuple(
    fc.array(mostly(good('0', '1', 'fe80', 'FFFF'), good('', '12345', 'g'), 20), { minLength: 5, maxLength: 9 }),
    good('', '', ':1.2.3.4', ':1.2.3.256', '::', ':', '%25eth0'),
  )
  .map(([fields, end]) => fields.join(':') + end);

const address = fc.oneof(
  addressSoup,
  addressFields,
  good('::1', 'fe80::1%25eth0', 'fe80::1%25en%201', '::ffff:1.2.3.4', '1.2.3.4', '%25', 'fe80::1%eth0', '::%25'),
);

const bracketed = fc
  .tuple(good('', 'u:p@', 'u@', '%41@'), address, good('', ':5000', ':', ':x', '/a', ':1/%2f?q#f', '?a=%zz', '#%zz'))
  .map(([user, inside, rest]) => `${user}[${inside}]${rest}`);

const authority = scratched(fc.oneof(imageName, bracketed, bracketed), odd, 3);

export const url = define({
  name: 'url',
  questions: fc.tuple(good('https://', 'https://', 'http://'), authority).map((parts) => ({ text: parts.join('') })),
  ours: ({ text }) => {
    const parsed = parseGoUrl(toBytes(text));
    if ('problem' in parsed) return { refused: parsed.problem };
    const encode = (bytes: string): string => Buffer.from(bytes, 'latin1').toString('base64');
    return { accepted: [encode(parsed.host), encode(parsed.path)] };
  },
});

type Piece = readonly [pattern: string, text: string];

const fitting = good<Piece>(
  ...([
    ['*', ''],
    ['*', 'ab'],
    ['?', 'a'],
    ['?', '\u{1f600}'],
    ['a', 'a'],
    ['-', '-'],
    ['[ab]', 'b'],
    ['[^a]', 'b'],
    ['[a-c]', 'c'],
    ['[a\\-c]', '-'],
    ['[\\]]', ']'],
    ['[*]', '*'],
    ['[^^]', 'a'],
    ['\\*', '*'],
    ['\\a', 'a'],
    ['\u00e9', '\u00e9'],
    ['[\u00e0-\u00ff]', '\u00e9'],
    ['*b', 'aab'],
    ['**', 'a'],
  ] satisfies Piece[]),
);
const oddPattern = good(
  '[',
  ']',
  '[]',
  '[^]',
  '[]a]',
  '[-a]',
  '[a-]',
  '[a',
  '\\',
  '/',
  '[b-a]',
  '*/',
  '[^a-b]',
  'b',
  '?',
);
const oddText = good('', 'a', 'c', '/', ']', '^', '\u00ea');

const oddPiece: fc.Arbitrary<Piece> = fc.tuple(oddPattern, oddText);

export const glob = define({
  name: 'glob',
  questions: fc.array(mostly<Piece>(fitting, oddPiece, 4), { maxLength: 4 }).map((pieces) => ({
    pattern: pieces.map(([pattern]) => pattern).join(''),
    text: pieces.map(([, text]) => text).join(''),
  })),
  ours: ({ pattern, text }) => verdict(matchGlob(toBytes(pattern), toBytes(text))),
});

export const defaultRegistry = define({
  name: 'default-registry',
  questions: fc.record({
    image: scratched(
      fc.oneof(good('docker.io/library/a', 'index.docker.io/a', 'team/app', 'app', ''), imageName),
      './:',
      2,
    ),
  }),
  ours: ({ image }) => verdict(isDefaultRegistry(image)),
});
