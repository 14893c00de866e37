/** How the demo looks: numbered headings, plain sentences, and the bytes of files and programs set off by a bar. */
import { isDeepStrictEqual, styleText } from 'node:util';

let step = 0;

export function heading(text: string): void {
  step++;
  console.log(`\n${styleText('bold', `${step}. ${text}`)}`);
}

export function say(...lines: readonly string[]): void {
  for (const line of lines) console.log(`   ${line}`);
}

export function show(text: string): void {
  for (const line of text.trimEnd().split('\n')) console.log(`   ${styleText('dim', '|')} ${line}`);
}

/** Says what holds, or ends the demo with what was found instead. */
export function check(claim: string, found: unknown, expected: unknown): void {
  if (!isDeepStrictEqual(found, expected)) {
    throw new Error(`not true that ${claim}: expected ${JSON.stringify(expected)}, found ${JSON.stringify(found)}`);
  }
  console.log(`   ${styleText('green', 'ok')} ${claim}`);
}

export function mebibytes(bytes: number): string {
  return `${(bytes / 1024 / 1024).toFixed(1)} MiB`;
}
