/**
 * The type of a YAML scalar, as the YAML library inside Kubernetes decides it (https://yaml.org/type/): the words and
 * numbers of YAML 1.1, extended by Go's own notation for integers; dates and base-60 numbers stay text.
 */
import type { YamlScalar } from './go-yaml.ts';
import { yamlError } from './go-yaml-text.ts';

type ScalarType = 'null' | 'bool' | 'int' | 'uint' | 'float' | 'string';
/** `text` is how the value reads as a JSON member name. */
export interface Scalar {
  readonly type: ScalarType;
  readonly text: string;
}

const tagPrefix = 'tag:yaml.org,2002:';
const tagTypes: ReadonlyMap<string, readonly ScalarType[]> = new Map([
  ['bool', ['bool']],
  ['int', ['int', 'uint']],
  ['float', ['float', 'int']],
  ['null', ['null']],
]);

export function resolveScalar({ tag, value, implicit, mark }: YamlScalar): Scalar {
  if (tag === '') return implicit ? resolveText(value) : { type: 'string', text: value };
  const name = tag.startsWith(tagPrefix) ? tag.slice(tagPrefix.length) : '';
  if (name === 'binary') return { type: 'string', text: decodeBinary(value, mark.offset) };
  if (name === 'timestamp') {
    if (isTimestamp(value)) return { type: 'string', text: value };
  } else {
    const types = tagTypes.get(name);
    // Text, and every tag that the library does not know.
    if (types === undefined) return { type: 'string', text: value };
    const scalar = resolveText(value);
    if (types.includes(scalar.type)) {
      return name === 'float' && scalar.type === 'int'
        ? { type: 'float', text: floatText(Number(scalar.text)) }
        : scalar;
    }
  }
  const { type } = resolveText(value);
  const shown = type === 'uint' ? 'int' : type === 'string' ? 'str' : type;
  throw yamlError(`cannot decode !!${shown} \`${value}\` as a !!${name}`, mark.offset);
}

/** The words of YAML 1.1, in the spellings that count. */
const words: readonly (Scalar & { readonly spellings: readonly string[] })[] = [
  { type: 'null', text: '', spellings: ['', '~', 'null', 'Null', 'NULL'] },
  {
    type: 'bool',
    text: 'true',
    spellings: ['y', 'Y', 'yes', 'Yes', 'YES', 'true', 'True', 'TRUE', 'on', 'On', 'ON'],
  },
  {
    type: 'bool',
    text: 'false',
    spellings: ['n', 'N', 'no', 'No', 'NO', 'false', 'False', 'FALSE', 'off', 'Off', 'OFF'],
  },
  { type: 'float', text: '.inf', spellings: ['.inf', '.Inf', '.INF', '+.inf', '+.Inf', '+.INF'] },
  { type: 'float', text: '-.inf', spellings: ['-.inf', '-.Inf', '-.INF'] },
  { type: 'float', text: '.nan', spellings: ['.nan', '.NaN', '.NAN'] },
];

function resolveText(text: string): Scalar {
  const word = words.find(({ spellings }) => spellings.includes(text));
  if (word !== undefined) return word;
  const string: Scalar = { type: 'string', text };
  if (text.startsWith('.')) return resolveFloat(text) ?? string;
  if (!/^[-+0-9]/.test(text)) return string;
  const plain = text.replaceAll('_', '');
  return resolveInteger(plain) ?? resolveFloat(plain) ?? string;
}

const maxInt64 = (1n << 63n) - 1n;

/** Go's own notation for integers: 0x, 0o or a leading 0, 0b, decimal. */
function resolveInteger(text: string): Scalar | undefined {
  const match = /^([-+]?)(0[xX][0-9a-fA-F]+|0[oO][0-7]+|0[bB][01]+|0[0-7]*|[1-9][0-9]*)$/.exec(text);
  if (match === null) return undefined;
  const [, sign = '', digits = ''] = match;
  const magnitude = BigInt(/^0[0-7]/.test(digits) ? `0o${digits}` : digits.toLowerCase());
  const value = sign === '-' ? -magnitude : magnitude;
  if (value <= maxInt64 && value >= -maxInt64 - 1n) return { type: 'int', text: String(value) };
  return sign === '' && value < 1n << 64n ? { type: 'uint', text: String(value) } : undefined;
}

function resolveFloat(text: string): Scalar | undefined {
  if (!/^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$/.test(text)) return undefined;
  const value = Number(text);
  return Number.isFinite(value) ? { type: 'float', text: floatText(value) } : undefined;
}

/** The shortest decimal that is the same 32-bit number, in Go's %g form: how the library names a key like 1.50. */
function floatText(value: number): string {
  const single = Math.fround(value);
  if (!Number.isFinite(single)) return single > 0 ? '.inf' : '-.inf';
  if (single === 0) return Object.is(value, -0) ? '-0' : '0';
  let digits = 1;
  while (Math.fround(Number(single.toPrecision(digits))) !== single) digits++;
  const [mantissa = '', exponent = ''] = single.toExponential(digits - 1).split('e');
  const power = Number(exponent);
  if (power >= -4 && power < 21) return Number(single.toPrecision(digits)).toString();
  return `${mantissa}e${power < 0 ? '-' : '+'}${String(Math.abs(power)).padStart(2, '0')}`;
}

function isTimestamp(text: string): boolean {
  const match =
    /^(\d{4})-(\d{1,2})-(\d{1,2})(?:(?:[Tt](\d{1,2}):(\d{1,2}):(\d{1,2})(?:[.,]\d+)?(?:Z|[-+]\d\d:\d\d))|(?: (\d{1,2}):(\d{1,2}):(\d{1,2})(?:[.,]\d+)?))?$/.exec(
      text,
    );
  if (match === null) return false;
  const [year = 0, month = 0, day = 0, ...time] = match.slice(1).map((part) => Number(part ?? 0));
  const [h1 = 0, m1 = 0, s1 = 0, h2 = 0, m2 = 0, s2 = 0] = time;
  const days = new Date(Date.UTC(year, month, 0)).getUTCDate();
  return month >= 1 && month <= 12 && day >= 1 && day <= days && h1 + h2 < 24 && m1 + m2 < 60 && s1 + s2 < 60;
}

function decodeBinary(text: string, offset: number): string {
  const compact = text.replace(/[\r\n]/g, '');
  if (compact.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(compact)) {
    throw yamlError('!!binary value contains invalid base64 data', offset);
  }
  return Buffer.from(compact, 'base64').toString('utf8');
}
