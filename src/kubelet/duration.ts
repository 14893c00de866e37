/**
 * Go duration text, as `time.ParseDuration` reads it and `Duration.String` writes it: decimal numbers with the units
 * `ns us µs ms s m h`. https://pkg.go.dev/time#ParseDuration
 */

const unitNanoseconds: Readonly<Record<string, bigint>> = {
  ns: 1n,
  us: 1_000n,
  µs: 1_000n, // U+00B5, micro sign
  μs: 1_000n, // U+03BC, Greek mu
  ms: 1_000_000n,
  s: 1_000_000_000n,
  m: 60_000_000_000n,
  h: 3_600_000_000_000n,
};

const maxInt64 = (1n << 63n) - 1n;
const part = /([0-9]*)(?:\.([0-9]*))?(ns|us|µs|μs|ms|s|m|h)/y;

/** Nanoseconds, or `undefined` where Go reports an error. */
export function parseDuration(text: string): bigint | undefined {
  const negative = text.startsWith('-');
  const rest = negative || text.startsWith('+') ? text.slice(1) : text;
  if (rest === '0') return 0n;
  if (rest === '') return undefined;
  let total = 0n;
  part.lastIndex = 0;
  while (part.lastIndex < rest.length) {
    const at = part.lastIndex;
    const match = part.exec(rest);
    if (match === null) return undefined;
    const [matched, whole = '', fraction = '', unit = ''] = match;
    if (whole === '' && fraction === '') return undefined;
    const nanoseconds = unitNanoseconds[unit];
    if (nanoseconds === undefined) return undefined;
    total += BigInt(whole === '' ? '0' : whole) * nanoseconds + fractionOf(fraction, nanoseconds);
    // The most negative value has one more than the most positive one.
    if (total > maxInt64 + (negative ? 1n : 0n)) return undefined;
    part.lastIndex = at + matched.length;
  }
  return negative ? -total : total;
}

/** Go keeps only as many digits of a fraction as fit an int64 and computes the rest in floating point. */
function fractionOf(digits: string, nanoseconds: bigint): bigint {
  let value = 0n;
  let scale = 1;
  for (const digit of digits) {
    const next = value * 10n + BigInt(digit);
    if (next > maxInt64) break;
    value = next;
    scale *= 10;
  }
  return BigInt(Math.trunc(Number(value) * (Number(nanoseconds) / scale)));
}

/** Whole seconds, rounded down: the least surprising form that every kubelet accepts. */
export function formatSeconds(milliseconds: number): string {
  return `${Math.max(0, Math.floor(milliseconds / 1000))}s`;
}
