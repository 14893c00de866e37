/** Durations, and texts as Go writes them down. */
import fc from 'fast-check';
import { goJson } from '../../../src/kubelet/api.ts';
import { formatSeconds, parseDuration } from '../../../src/kubelet/duration.ts';
import { checkGoType, type GoType } from '../../../src/kubelet/go-decode.ts';
import { GoJsonError, parseGoJson } from '../../../src/kubelet/go-json.ts';
import { goQuote } from '../../../src/kubelet/go-text.ts';
import type { GoValue } from '../../../src/kubelet/go-value.ts';
import { type Answer, define, verdict } from '../differential.ts';
import { anyText, good, mostly, scratched } from '../generate/choice.ts';
import { bytesOf, writtenJson } from '../generate/document.ts';
import type { Value } from '../generate/spelling.ts';

const number = mostly(
  fc.oneof(
    fc.nat(200).map(String),
    good('0', '00', '1.5', '.5', '5.', '0.1', '9223372036', '1.000000001', '0.9999999999999999', '16.854775807'),
  ),
  good(
    '',
    '.',
    '9223372036854775807',
    '9223372036854775808',
    '99999999999999999999',
    '1.2.3',
    '1e3',
    '\u0663',
    '2562047',
    '2562048',
  ),
  6,
);
const unit = mostly(
  good('ns', 'us', '\u00b5s', '\u03bcs', 'ms', 's', 'm', 'h'),
  good('', 'd', 'S', 'w', ' s', 's ', 'sec', 'min', '\u00e9'),
  6,
);
const parts = fc.array(fc.tuple(number, unit), { minLength: 1, maxLength: 3 }).map((all) => all.flat().join(''));

export const durationText = mostly(
  scratched(
    fc.oneof(
      fc.tuple(good('', '', '', '-', '+'), parts).map((both) => both.join('')),
      // What we write ourselves.
      fc.integer({ min: -10, max: 2 ** 40 }).map(formatSeconds),
    ),
    '0.-+ smh\u00b5"\\\u0000\u00e9',
    6,
  ),
  good(
    '',
    '0',
    '-0',
    '+0',
    '-',
    '+',
    '00',
    '--1s',
    '2562047h47m16.854775807s',
    '-2562047h47m16.854775808s',
    '2562047h47m16.854775808s',
  ),
  12,
);

export const duration = define({
  name: 'duration',
  questions: fc.record({ text: durationText }),
  ours: ({ text }) => {
    const nanoseconds = parseDuration(text);
    return nanoseconds === undefined ? verdict(false) : { accepted: String(nanoseconds) };
  },
});

const durationValue = mostly<Value>(durationText, good<Value>(null, 5, 0, 1.5, true, [], { members: [] }), 6);
const member = fc.tuple(
  mostly(good('duration'), good('Duration', 'duratiOn', 'other', '', 'duration '), 12),
  durationValue,
);
const durationDocument = writtenJson(
  mostly<Value>(
    fc.array(member, { minLength: 0, maxLength: 2 }).map((members) => ({ members })),
    good<Value>(null, 'x', 5, [], true),
    20,
  ),
);
const documentType: GoType = {
  kind: 'struct',
  name: 'main.document',
  fields: { duration: { kind: 'duration', name: '' } },
};

export const durationJson = define({
  name: 'duration-json',
  questions: fc.record({ text: durationDocument }),
  ask: ({ text }) => ({ text: bytesOf(text).toString('base64') }),
  ours: ({ text }) => readDuration(text),
});

function readDuration(text: string): Answer {
  let value: GoValue;
  try {
    value = parseGoJson(text);
  } catch (error) {
    if (!(error instanceof GoJsonError)) throw error;
    return { refused: error.message };
  }
  const { fatal, strict } = checkGoType(value, documentType);
  if (fatal !== undefined) return { refused: fatal.text };
  if (strict.length > 0) return { refused: strict.map((problem) => problem.text) };
  const members = value.kind === 'object' ? value.members : [];
  const last = members.findLast(({ name }) => name === 'duration')?.value;
  return { accepted: last?.kind === 'string' ? String(parseDuration(last.value)) : 'none' };
}

export const json = define({
  name: 'go-json',
  refuses: false,
  questions: fc.record({ text: anyText }),
  ours: ({ text }) => ({ accepted: goJson([text]) }),
});

/**
 * Which characters are printable is a question of the Unicode version: Go 1.26 knows 15.0, whatever runs us may know more. So
 * these are from blocks that were full by then.
 */
const oldCharacter = fc
  .oneof(
    ...[
      [0x20, 0x7ff],
      [0x2000, 0x206f],
      [0x4e00, 0x9fff],
      [0xe000, 0xfaff],
      [0xff00, 0xffff],
      [0x1f600, 0x1f64f],
      [0x10fff0, 0x10ffff],
    ].map(([min = 0, max = 0]) => fc.integer({ min, max })),
  )
  .map((codePoint) => String.fromCodePoint(codePoint));

const quoted = fc.oneof(
  anyText.map((text) => Buffer.from(text)),
  fc.string({ unit: oldCharacter, maxLength: 4 }).map((text) => Buffer.from(text)),
  fc
    .array(good(0x41, 0x80, 0xc0, 0xc2, 0xe2, 0x82, 0xac, 0xed, 0xa0, 0xf0, 0x9f, 0xff), { maxLength: 6 })
    .map((bytes) => Buffer.from(bytes)),
);

export const quote = define({
  name: 'go-quote',
  refuses: false,
  questions: quoted,
  ask: (bytes) => ({ text: bytes.toString('base64') }),
  ours: (bytes) => ({ accepted: goQuote(bytes.toString('latin1')) }),
});
