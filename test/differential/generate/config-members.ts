/** Members of a credential provider config: mostly right, and sometimes wrong in every way that came to mind. */
import fc from 'fast-check';
import { good, mostly } from './choice.ts';
import { type Member, mapping, type Value } from './spelling.ts';

export const name = mostly(
  good('purser', 'ecr-credential-provider', 'a', 'b', 'c', 'purser-team', 'gcr', 'acr', 'quay', 'harbor', 'x.sh'),
  good('', 'a/b', 'a b', '.', '..', 'a\tb', 'ä', '"', 'a\\b', ' ', '...', '\u00a0', '\u2028', 'yes', '1', '~'),
  60,
);

export const pattern = mostly(
  fc.oneof(
    good(
      'registry.example.com',
      '*.example.com',
      'a.b:5000',
      'a.b:5000/team/',
      '*.dkr.ecr.*.amazonaws.com',
      'localhost',
    ),
    good('a.b/c', 'docker.io', '*', '*.*', '[::1]:5000', 'a.b/*', 'https://a.b', 'index.docker.io', 'a.b/c:v1', 'a.b:'),
  ),
  fc.oneof(
    good(
      '',
      ':',
      ':5000',
      'a.b:port',
      'a.b:*',
      'a.b:80:80',
      'a:b:80',
      '::1',
      '[::1]',
      '[::1',
      '::1]',
      '[a]',
      '[1.2.3.4]:5',
    ),
    good(
      '[::1%25eth0]:5',
      '[::1%eth0]',
      '[fe80::1%25]',
      'a b',
      'a.b/ c',
      'a%41.b',
      'a.b/%41',
      'a.b/%zz',
      'a%zz',
      '%',
      'ä.b',
    ),
    good(
      'a@b',
      'a:b@c',
      'a b@c',
      'a%zz@b',
      '@',
      'a?b',
      'a#b',
      'a#%zz',
      '?',
      '#',
      'a\\b',
      'a<b',
      'a"b',
      'a^b',
      'a|b',
      'a`b',
    ),
    good(
      'reg[0-9].example',
      'a[b',
      'a]b',
      'a\u0000b',
      'a\tb',
      'a\nb',
      'a\u007f',
      '/',
      '//',
      '/a',
      'a//b',
      '[::ffff:1.2.3.4]:1',
    ),
    good(
      '[1::2::3]',
      '[::1]a',
      '[::1]:',
      'a.b:0x50',
      'a.b: 80',
      'a.b:٣',
      '\u{1f600}.b',
      'a.b/\u2028',
      '*:5000',
      'a:443:',
    ),
    fc.string({ unit: fc.constantFrom(...'ab.:/[]*%@?#\\ 0-1"<>{}|^`~!$&\'()+,;=_'), maxLength: 10 }),
  ),
  80,
);

export const duration = mostly<Value>(
  good('0s', '5m', '1h30m', '12h', '0', '1.5h', '10s', '1ms'),
  fc.oneof(
    good<Value>(
      '-1m',
      '-1ns',
      '-1.5s',
      '-0',
      '',
      '5',
      5,
      0,
      '5d',
      '1h 2m',
      null,
      '1µs',
      '1μs',
      '2562047h47m16.854775807s',
    ),
    good<Value>(
      '2562048h',
      '9223372036854775807ns',
      '9223372036854775808ns',
      '-9223372036854775808ns',
      '+5m',
      '.5s',
      '5.s',
    ),
    good<Value>(
      '.s',
      '1e3s',
      'ä',
      '1"s',
      '1\\s',
      true,
      [],
      mapping('a', 'b'),
      '1h1h',
      '-2h45m0.000000001s',
      '-100us',
      '-1.0001ms',
    ),
    good<Value>(
      '0.9223372036854775808h',
      '1.00000000000000000001s',
      '99999999999999999999s',
      { raw: '5:00' },
      { raw: '1m0s' },
    ),
  ),
  60,
);

export const pluginVersion = mostly<Value>(
  good(...['v1', 'v1', 'v1', 'v1beta1', 'v1alpha1'].map((version) => `credentialprovider.kubelet.k8s.io/${version}`)),
  good<Value>('', 'v1', 'credentialprovider.kubelet.k8s.io/v2', null, 1, 'credentialprovider.kubelet.k8s.io/v1 '),
);

export const key = mostly(
  good('example.com/role', 'role', 'a.b/c', 'Example.com/Role', 'x-y_z.1'),
  fc.oneof(
    good(
      '',
      '/',
      'a/',
      '/a',
      'a/b/c',
      '-a',
      'a-',
      'a_b/c',
      'ä',
      'a b',
      'İ',
      'K',
      'a.b/ä',
      '.a/b',
      'a..b/c',
      '_',
      'a'.repeat(64),
    ),
    good(
      'a'.repeat(63),
      `${'a'.repeat(64)}/b`,
      `${'a'.repeat(254)}/b`,
      `${'ä'.repeat(32)}`,
      `a/${'b'.repeat(64)}`,
      'a\nb',
      '1',
    ),
  ),
  12,
);

export const text = fc.oneof(
  good(
    'x',
    '--config=/etc/purser/config.yaml',
    'a: b',
    '# no',
    '',
    ' ',
    'yes',
    'null',
    '017',
    '1.5',
    "it's",
    '"',
    '{',
    '- a',
  ),
  good(
    '*a',
    '&a',
    '!a',
    '%a',
    '@a',
    '`a',
    '|',
    '>',
    '\t',
    'a\nb',
    'é',
    '\u{1f600}',
    '2001-01-01',
    '<<',
    '=',
    '~',
    '.inf',
    '0x1f',
  ),
);

export const odd = good<Value>(
  null,
  true,
  7,
  1.5,
  'text',
  [],
  mapping('x', 'y'),
  ['x'],
  { raw: '!!str 5' },
  { raw: '' },
);

export function optional(
  member: string,
  value: fc.Arbitrary<Value>,
  presence = 0.995,
): fc.Arbitrary<readonly Member[]> {
  const present = mostly(value, odd, 300).map((found): readonly Member[] => [[member, found]]);
  return fc.oneof(
    { weight: Math.round(presence * 1000), arbitrary: present },
    { weight: Math.round((1 - presence) * 1000), arbitrary: fc.constant<readonly Member[]>([]) },
  );
}

const strangers = mostly<readonly Member[]>(
  fc.constant([]),
  fc
    .tuple(
      good('matchimages', 'MatchImages', 'unknown', 'x y', 'ä', '"', '<<', 'name', 'apiVersion', 'kind', '1', ''),
      odd,
    )
    .map((pair) => [pair]),
  160,
);

export function members(...parts: readonly fc.Arbitrary<readonly Member[]>[]): fc.Arbitrary<Value> {
  const ordered = fc.tuple(...parts, strangers).map((found) => found.flat());
  const any = ordered.chain((found) => fc.shuffledSubarray(found, { minLength: found.length }));
  return fc.oneof(ordered, any).map((found) => ({ members: found }));
}
