/**
 * Credential provider configs to compare ourselves with a kubelet: most of them right, or wrong in one place, as JSON or
 * as YAML in its many spellings, some damaged as text.
 */
import fc from 'fast-check';

export interface ConfigCase {
  /** Names and bytes of the files; a lone file is named without a directory. */
  readonly files: readonly { readonly name: string; readonly bytes: Uint8Array }[];
  readonly directory: boolean;
  /** KubeletServiceAccountTokenForCredentialProviders. */
  readonly gate: boolean;
}

type Value = null | boolean | number | string | Raw | readonly Value[] | Members;
type Member = readonly [name: string, value: Value];
/** In the order in which they are written; names may repeat. */
interface Members {
  readonly members: readonly Member[];
}
/** YAML that stands as it is; in JSON a text. */
interface Raw {
  readonly raw: string;
}

const good = <T>(...values: readonly T[]): fc.Arbitrary<T> => fc.constantFrom(...values);

function mostly<T>(usual: fc.Arbitrary<T>, odd: fc.Arbitrary<T>, weight = 30): fc.Arbitrary<T> {
  return fc.oneof({ weight, arbitrary: usual }, { weight: 1, arbitrary: odd });
}

const name = mostly(
  good('purser', 'ecr-credential-provider', 'a', 'b', 'c', 'purser-team'),
  good('', 'a/b', 'a b', '.', '..', 'a\tb', 'ä', '"', 'a\\b', ' ', '...', '\u00a0', '\u2028', 'yes', '1', '~'),
);

const pattern = mostly(
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
  25,
);

const duration = mostly<Value>(
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
);

const pluginVersion = mostly<Value>(
  good(...['v1', 'v1', 'v1', 'v1beta1', 'v1alpha1'].map((version) => `credentialprovider.kubelet.k8s.io/${version}`)),
  good<Value>('', 'v1', 'credentialprovider.kubelet.k8s.io/v2', null, 1, 'credentialprovider.kubelet.k8s.io/v1 '),
);

const key = mostly(
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

const text = fc.oneof(
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

const odd = good<Value>(null, true, 7, 1.5, 'text', [], mapping('x', 'y'), ['x'], { raw: '!!str 5' }, { raw: '' });

function mapping(name: string, value: Value): Members {
  return { members: [[name, value]] };
}

function optional(member: string, value: fc.Arbitrary<Value>, presence = 0.99): fc.Arbitrary<readonly Member[]> {
  const present = mostly(value, odd, 150).map((found): readonly Member[] => [[member, found]]);
  return fc.oneof(
    { weight: Math.round(presence * 100), arbitrary: present },
    { weight: Math.round((1 - presence) * 100), arbitrary: fc.constant<readonly Member[]>([]) },
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
  80,
);

function members(...parts: readonly fc.Arbitrary<readonly Member[]>[]): fc.Arbitrary<Value> {
  const ordered = fc.tuple(...parts, strangers).map((found) => found.flat());
  const any = ordered.chain((found) => fc.shuffledSubarray(found, { minLength: found.length }));
  return fc.oneof(ordered, any).map((found) => ({ members: found }));
}

const environment = fc.array(
  mostly<Value>(
    members(optional('name', fc.oneof(good('HOME', 'BUN_OPTIONS', ''), text)), optional('value', text, 0.9)),
    odd,
    30,
  ),
  { maxLength: 2 },
);

const tokenAttributes = members(
  optional('serviceAccountTokenAudience', mostly(good<Value>('audience'), good<Value>('', 'ä', ' ')), 0.95),
  optional('cacheType', mostly(good<Value>('Token', 'ServiceAccount'), good<Value>('', 'token', 'Image', 'ä"')), 0.9),
  optional('requireServiceAccount', good<Value>(true, true, false), 0.95),
  optional('requiredServiceAccountAnnotationKeys', fc.array(key, { maxLength: 3 }), 0.4),
  optional('optionalServiceAccountAnnotationKeys', fc.array(key, { maxLength: 3 }), 0.4),
);

const provider = members(
  optional('name', name),
  optional('matchImages', fc.array(mostly<Value>(pattern, odd, 150), { minLength: 1, maxLength: 3 })),
  optional('defaultCacheDuration', duration),
  optional('apiVersion', pluginVersion),
  optional('args', fc.array(text, { maxLength: 2 }), 0.3),
  optional('env', environment, 0.3),
  optional('tokenAttributes', tokenAttributes, 0.25),
);

const config = members(
  optional(
    'apiVersion',
    mostly(
      good<Value>(...['v1', 'v1', 'v1', 'v1beta1', 'v1alpha1'].map((version) => `kubelet.config.k8s.io/${version}`)),
      good<Value>(
        'v1',
        '',
        'kubelet.config.k8s.io/v2',
        'kubelet.config.k8s.io',
        'a/b/c',
        '/',
        'kubelet.config.k8s.io/__internal',
        'v1/',
      ),
      60,
    ),
    0.99,
  ),
  optional('kind', mostly(good<Value>('CredentialProviderConfig'), good<Value>('KubeletConfig', '', 'List'), 60), 0.99),
  optional('providers', fc.array(mostly<Value>(provider, odd, 150), { minLength: 1, maxLength: 3 }), 0.99),
);

/** How a value is written down; `style` is a stream of choices, so that one text has many spellings. */
interface Style {
  choose(count: number): number;
}

function createStyle(seed: readonly number[]): Style {
  let at = 0;
  return { choose: (count) => (seed[at++ % seed.length] ?? 0) % count };
}

function isRaw(value: Value): value is Raw {
  return typeof value === 'object' && value !== null && 'raw' in value;
}

function isMapping(value: Value): value is Members {
  return typeof value === 'object' && value !== null && 'members' in value;
}

function isList(value: Value): value is readonly Value[] {
  return Array.isArray(value);
}

function toJson(value: Value, style: Style): string {
  const gap = ['', '', ' ', '\n', '\t', '\r\n'][style.choose(6)] ?? '';
  if (isRaw(value)) return JSON.stringify(value.raw);
  if (isMapping(value)) {
    const inner = value.members.map(
      ([member, item]) => `${gap}${JSON.stringify(member)}${gap}:${gap}${toJson(item, style)}`,
    );
    return `{${inner.join(',')}${gap}}`;
  }
  if (isList(value)) return `[${gap}${value.map((item) => toJson(item, style)).join(`,${gap}`)}]`;
  const quoted = JSON.stringify(value);
  return style.choose(20) === 0
    ? quoted.replace(/[a-z]/, (letter) => `\\u00${letter.charCodeAt(0).toString(16)}`)
    : quoted;
}

function toYaml(value: Value, style: Style, indent = ''): string {
  if (isRaw(value)) return ` ${value.raw}\n`;
  if (isMapping(value) && value.members.length > 0) return `\n${mappingLines(value, style, indent)}`;
  if (!isList(value) || value.length === 0 || style.choose(4) === 0) return ` ${flow(value, style)}${ending(style)}`;
  // A list may stand at the column of its key.
  const inner = style.choose(2) === 0 ? indent : `${indent}  `;
  const items = value.map((item) => {
    if (!isMapping(item) || item.members.length === 0) return `${inner}-${toYaml(item, style, `${inner}  `)}`;
    return `${inner}- ${mappingLines(item, style, `${inner}  `).slice(inner.length + 2)}`;
  });
  return `\n${items.join('')}`;
}

function mappingLines(value: Members, style: Style, indent: string): string {
  return value.members
    .map(([member, item]) => `${indent}${keyText(member, style)}:${toYaml(item, style, `${indent}  `)}`)
    .join('');
}

function ending(style: Style): string {
  return ['\n', '\n', '\n', '\n', ' # x\n', ' \n', '\n\n', '\r\n'][style.choose(8)] ?? '\n';
}

function keyText(member: string, style: Style): string {
  if (/^[A-Za-z]+$/.test(member)) return style.choose(15) === 0 ? `"${member}"` : member;
  return style.choose(3) === 0 ? member : JSON.stringify(member);
}

function flow(value: Value, style: Style): string {
  if (isRaw(value)) return value.raw;
  if (isMapping(value))
    return `{${value.members.map(([member, item]) => `${keyText(member, style)}: ${flow(item, style)}`).join(', ')}}`;
  if (isList(value)) return `[${value.map((item) => flow(item, style)).join(', ')}]`;
  if (typeof value !== 'string') return String(value);
  const plain = /^[A-Za-z0-9/][A-Za-z0-9./:-]*$/.test(value);
  const choice = style.choose(plain ? 8 : 5);
  if (choice === 0) return `'${value.replaceAll("'", "''")}'`;
  if (choice === 1 && !value.includes('\n')) return value;
  if (choice === 2) return `!!str ${JSON.stringify(value)}`;
  return plain ? value : JSON.stringify(value);
}

const damage = fc.oneof(
  fc.record({
    kind: fc.constant('insert' as const),
    at: fc.nat(),
    text: fc.oneof(
      good(...'{}[],:-#&*!|>\'"%@`?\t\n\r \\\u0085\u2028\u00a0\u0000\u0007'),
      good(
        '---\n',
        '...\n',
        '- ',
        ': ',
        '&a ',
        '*a',
        '<<: *a',
        '!!int ',
        '? ',
        '%YAML 1.1\n',
        '\ufeff',
        '|\n',
        '>-\n',
        '\ud83d\ude00',
        '\udcff',
        '\udce4',
      ),
    ),
  }),
  fc.record({ kind: fc.constant('delete' as const), at: fc.nat(), count: fc.integer({ min: 1, max: 3 }) }),
  fc.record({ kind: fc.constant('repeat-line' as const), at: fc.nat() }),
  fc.record({ kind: fc.constant('indent' as const), at: fc.nat(), text: good(' ', '  ', '\t', '') }),
  fc.record({ kind: fc.constant('cut' as const), at: fc.nat() }),
  fc.record({
    kind: fc.constant('append' as const),
    text: good(
      '---\n{',
      '---\na: b\n',
      '...\n',
      '\n\n',
      '...\n}',
      '}',
      '# end',
      '---\n\t',
      '--- \n',
      '\u0000',
      ' {}',
      '\n{}',
    ),
  }),
  fc.record({
    kind: fc.constant('prepend' as const),
    text: good(
      '\ufeff',
      '---\n',
      '%YAML 1.1\n---\n',
      '# x\n',
      '\n',
      ' ',
      '\t',
      '%YAML 1.2\n---\n',
      '--- # x\n',
      '\u00a0',
      '\ufeff\n',
      '{',
      '...\n',
    ),
  }),
);

type Damage = typeof damage extends fc.Arbitrary<infer T> ? T : never;

function apply(text: string, harm: Damage): string {
  const at = 'at' in harm ? harm.at % (text.length + 1) : 0;
  const start = text.lastIndexOf('\n', at - 1) + 1;
  const end = text.indexOf('\n', at) + 1 || text.length;
  if (harm.kind === 'insert') return text.slice(0, at) + harm.text + text.slice(at);
  if (harm.kind === 'delete') return text.slice(0, at) + text.slice(at + harm.count);
  if (harm.kind === 'repeat-line') return text.slice(0, end) + text.slice(start, end) + text.slice(end);
  if (harm.kind === 'indent')
    return text.slice(0, start) + harm.text + text.slice(start).replace(harm.text === '' ? /^ / : /^/, '');
  if (harm.kind === 'cut') return text.slice(0, at);
  return harm.kind === 'append' ? text + harm.text : harm.text + text;
}

const written = fc
  .record({
    value: config,
    json: fc.boolean(),
    style: fc.array(fc.nat(1000), { minLength: 3, maxLength: 20 }),
    harms: fc.oneof(
      { weight: 3, arbitrary: fc.constant<Damage[]>([]) },
      { weight: 1, arbitrary: fc.array(damage, { minLength: 1, maxLength: 2 }) },
    ),
  })
  .map(({ value, json, style, harms }) => {
    const choices = createStyle(style);
    const text = json ? toJson(value, choices) : toYaml(value, choices).replace(/^\n/, '');
    return harms.reduce(apply, text);
  });

/** Lone surrogates from U+DC80 on stand for single bytes. */
function toBytes(text: string): Uint8Array {
  return Buffer.concat(
    [...text].map((c) => (/^[\udc80-\udcff]$/.test(c) ? Buffer.from([c.charCodeAt(0) - 0xdc00]) : Buffer.from(c))),
  );
}

/** Where a second byte order mark follows the first, the library skips the first character of each line, by mistake. */
const oneMark = written.map((text) => text.replace(/^\ufeff{2,}/, '\ufeff'));

const encoded = oneMark.chain((text) =>
  mostly(
    fc.constant(toBytes(text)),
    fc.constant(Buffer.from(`\ufeff${text.replace(/^\ufeff/, '').toWellFormed()}`, 'utf16le')),
    60,
  ),
);

export const configCase: fc.Arbitrary<ConfigCase> = fc
  .record({
    texts: fc.oneof(
      { weight: 3, arbitrary: fc.tuple(encoded) },
      { weight: 1, arbitrary: fc.array(encoded, { minLength: 0, maxLength: 3 }) },
    ),
    names: fc.shuffledSubarray(['a.yaml', 'b.json', 'B.yml', '.c.yaml', 'd.conf', 'e.YAML', 'ä.yaml', 'a.yaml.json'], {
      minLength: 3,
      maxLength: 3,
    }),
    gate: mostly(fc.constant(true), fc.constant(false), 6),
    directory: fc.boolean(),
  })
  .map(({ texts, names, gate, directory }) => {
    const inDirectory = texts.length !== 1 || directory;
    const files = texts.map((bytes, index) => ({ name: inDirectory ? (names[index] ?? 'z.yaml') : 'config', bytes }));
    return { files, directory: inDirectory, gate };
  });
