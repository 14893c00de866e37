/** YAML by itself: what a text means, or that it means nothing. */
import fc from 'fast-check';
import { decodeBytes } from '../../../src/kubelet/go-bytes.ts';
import { type GoValue, resolveGoYaml } from '../../../src/kubelet/go-value.ts';
import { parseGoYaml } from '../../../src/kubelet/go-yaml.ts';
import { GoYamlError } from '../../../src/kubelet/go-yaml-text.ts';
import { type Answer, define, type Plain } from '../differential.ts';
import { good, mostly } from '../generate/choice.ts';
import { bytesOf } from '../generate/document.ts';

const scalar = mostly(
  fc.oneof(
    good(
      'a',
      'b',
      'a b',
      '1',
      '1.5',
      'yes',
      'true',
      '~',
      'null',
      '"x"',
      "'x'",
      '""',
      "''",
      'a:b',
      '-1',
      'on',
      '017',
      '.5',
    ),
    good(
      '0x1f',
      '1_000',
      '0b1',
      '1e3',
      '.inf',
      '.nan',
      '2001-01-01',
      '<<',
      '=',
      '"\\n"',
      '"\\u00e9"',
      '"\\x41"',
      "'it''s'",
    ),
    good(
      '!!str 1',
      '!!int "1"',
      '!!bool yes',
      '!!float 1',
      '!!null ""',
      '!x y',
      '&a b',
      '*a',
      '!!binary YQ==',
      '!!str',
      '12:30',
      '0o7',
      '+1',
    ),
  ),
  good(
    '"',
    "'",
    '@',
    '`',
    '%a',
    '"\\q"',
    '!!int a',
    '!!binary %',
    '!<tag:yaml.org,2002:str> 1',
    '&a',
    '! 1',
    '*b',
    '"a\n b"',
    "'a\n\n b'",
    '\u00e9',
    '\t',
    '? a',
    ': b',
    '- a',
  ),
  8,
);
const key = mostly(
  good('a', 'b', 'c', '"d"', "'e'"),
  good('1', 'yes', '~', '<<', '1.5', '&a k', '*a', '!!str k', '[a]', '{a: b}', '? a', ''),
  8,
);
const flow = fc.oneof(
  fc.array(scalar, { maxLength: 3 }).map((items) => `[${items.join(', ')}]`),
  fc
    .array(fc.tuple(key, scalar), { maxLength: 3 })
    .map((pairs) => `{${pairs.map((pair) => pair.join(': ')).join(', ')}}`),
  good(
    '{}',
    '[]',
    '{a}',
    '[a: b]',
    '{a: , b}',
    '[,]',
    '{a:b}',
    '["a":b]',
    '[a, ]',
    '{? a : b}',
    '[',
    '{',
    '{a: [b}',
    '[a]]',
  ),
);
const blockScalar = fc
  .tuple(
    good('|', '>', '|-', '>-', '|+', '>2', '|1', '|9', '> # x', '|x'),
    fc.array(good('  a', '  b', '', '   c', ' d', '\t', '  # e', 'f'), { maxLength: 4 }),
  )
  .map(([head, lines]) => [head, ...lines].join('\n'));
const value = fc.oneof(
  { weight: 6, arbitrary: scalar },
  { weight: 2, arbitrary: flow },
  { weight: 1, arbitrary: blockScalar },
  { weight: 1, arbitrary: good('') },
);
const line = fc
  .tuple(
    good('', '', '', '  ', '  ', '    ', ' ', '\t'),
    fc.oneof(
      {
        weight: 5,
        arbitrary: fc.tuple(key, good(': ', ': ', ':', ' : ', ':\t'), value).map((parts) => parts.join('')),
      },
      { weight: 3, arbitrary: fc.tuple(good('- ', '- ', '-', '- - ', '-\t'), value).map((parts) => parts.join('')) },
      { weight: 1, arbitrary: fc.tuple(good('- '), key, good(': '), value).map((parts) => parts.join('')) },
      {
        weight: 1,
        arbitrary: good(
          '---',
          '...',
          '# x',
          '',
          '%YAML 1.1',
          '%TAG ! !',
          '? a',
          ': b',
          '--- a',
          '<<: *a',
          '<<: [*a]',
          'a: &a {b: c}',
          '- &a {b: c}',
        ),
      },
      { weight: 1, arbitrary: value },
    ),
    good('', '', '', '', ' # x', ' ', '#', '\r'),
  )
  .map((parts) => parts.join(''));

/** Maps with names, and maps into which they are merged. */
const merged = fc
  .array(
    good(
      '<<: *a',
      '<<: [*a, *b]',
      '<<: [*b, *a]',
      'z: {<<: [*a, *b], b: x}',
      'z: {b: x, <<: *b}',
      'b: y',
      '<<: [*b, {c: q}]',
    ),
    { minLength: 1, maxLength: 3 },
  )
  .map((lines) => ['a: &a {b: one, c: yes}', 'm: &b {b: two, d: 3}', ...lines]);

const lines = fc.oneof(
  { weight: 4, arbitrary: fc.array(line, { minLength: 1, maxLength: 6 }) },
  { weight: 1, arbitrary: fc.tuple(merged, fc.array(line, { maxLength: 1 })).map((parts) => parts.flat()) },
);

export const yaml = define({
  name: 'yaml',
  share: 80,
  questions: lines.map((all) => `${all.join('\n')}\n`),
  ask: (text) => ({ text: bytesOf(text).toString('base64') }),
  // Values that a key stands before, and lists and maps that are keys themselves, are quoted as Go prints them.
  comparable: (answer) => ('refused' in answer ? { refused: withoutValues(String(answer.refused)) } : answer),
  ours: (text): Answer => {
    try {
      const { value, duplicates } = resolveGoYaml(parseGoYaml(decodeBytes(bytesOf(text))).root);
      const strict = duplicates.map((duplicate) => `\n  ${duplicate.text}`).join('');
      return { accepted: [plain(value), strict === '' ? '' : `yaml: unmarshal errors:${strict}`] };
    } catch (error) {
      if (!(error instanceof GoYamlError)) throw error;
      return { refused: error.message };
    }
  },
});

function plain(value: GoValue): Plain {
  if (value.kind === 'array') return value.items.map(plain);
  if (value.kind === 'string' || value.kind === 'bool') return value.value;
  if (value.kind !== 'object') return value.kind === 'null' ? null : 0;
  return Object.fromEntries(value.members.map((member) => [member.name, plain(member.value)]));
}

export function withoutValues(error: string): string {
  return (
    error
      // Of several such keys, which one is random.
      .replace(/(unsupported map key) of type: [\s\S]*$/, '$1')
      .replace(/(invalid map key:)[\s\S]*$/, '$1')
  );
}
