/**
 * The `Retry-After` header, RFC 9110 section 10.2.3: seconds, or a date in one of the three forms of section 5.6.7.
 * Read by hand, because runtimes disagree about what else is a date.
 */

/** Milliseconds to wait; `undefined` for what is absent, unreadable or not in the future. */
export function parseRetryAfter(value: string | null, now: number): number | undefined {
  const text = (value ?? '').trim();
  if (/^[0-9]{1,9}$/.test(text)) return Number(text) * 1000;
  const date = parseHttpDate(text, now);
  return date === undefined || date <= now ? undefined : date - now;
}

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const clockTime = '(?<time>[0-9]{2}:[0-9]{2}:[0-9]{2})';
const forms = [
  new RegExp(`^[A-Z][a-z]{2}, (?<day>[0-9]{2}) (?<month>[A-Z][a-z]{2}) (?<year>[0-9]{4}) ${clockTime} GMT$`),
  new RegExp(`^[A-Z][a-z]+day, (?<day>[0-9]{2})-(?<month>[A-Z][a-z]{2})-(?<year>[0-9]{2}) ${clockTime} GMT$`),
  new RegExp(`^[A-Z][a-z]{2} (?<month>[A-Z][a-z]{2}) (?<day>[ 0-9][0-9]) ${clockTime} (?<year>[0-9]{4})$`),
];

/** Milliseconds since the epoch. */
function parseHttpDate(text: string, now: number): number | undefined {
  for (const form of forms) {
    const { day = '', month = '', year = '', time = '' } = form.exec(text)?.groups ?? {};
    const index = months.indexOf(month);
    if (index === -1) continue;
    const fullYear = year.length === 2 ? nearestYear(Number(year), now) : Number(year);
    const [hours = 0, minutes = 0, seconds = 0] = time.split(':').map(Number);
    return Date.UTC(fullYear, index, Number(day), hours, minutes, seconds);
  }
  return undefined;
}

/** Two digits that would lie more than fifty years ahead mean the century before. */
function nearestYear(digits: number, now: number): number {
  const thisYear = new Date(now).getUTCFullYear();
  const year = thisYear - (thisYear % 100) + digits;
  return year > thisYear + 50 ? year - 100 : year;
}
