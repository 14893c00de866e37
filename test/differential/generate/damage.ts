/** What happens to a text under hands and tools: characters that come and go, lines twice, ends cut off. */
import fc from 'fast-check';
import { good } from './choice.ts';

export const damage = fc.oneof(
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

export type Damage = typeof damage extends fc.Arbitrary<infer T> ? T : never;

export function applyDamage(text: string, harm: Damage): string {
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
