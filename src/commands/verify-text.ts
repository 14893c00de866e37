/** A VerifyReport for people who have never seen a kubelet: the verdict, then each credential, what was asked, and why. */
import { styleText } from 'node:util';
import type { Step } from '../attempt.ts';
import { exitCode, printable, type RequestFacts } from '../errors.ts';
import type { PullLevel } from '../runtime/pull.ts';
import { type Verdict, verdictExitCode } from '../verdict.ts';
import type { CredentialReport, VerifyReport } from '../verify.ts';
import { formatBytes } from './progress.ts';

export interface TextOptions {
  readonly level: PullLevel;
  readonly color: boolean;
}

export function describeReport(report: VerifyReport, { level, color }: TextOptions): string {
  const { notAsked, anonymous } = report;
  const paint = (verdict: Verdict): string => {
    const shade = verdictExitCode(verdict) === exitCode.ok ? 'green' : 'red';
    return color ? styleText(shade, verdict, { validateStream: false }) : verdict;
  };
  const lines = [
    printable(report.image),
    `  ${paint(report.verdict)}: ${printable(report.reason)}`,
    '',
    `  digest    ${report.digest ?? 'unknown'}`,
    `  platform  ${printable(report.platform ?? 'unknown')}`,
    `  content   ${contentOf(report, level)}`,
    '',
    ...credentialLines(report, paint),
    ...notAsked.flatMap((key) => [
      `  not tried: the credential for ${printable(key)}, it could not change the verdict`,
      '',
    ]),
    `  Without a credential, which a kubelet tries only when it has none: ${paint(anonymous.verdict)}`,
    ...(anonymous.steps.length === 0
      ? ['     not asked: nobody gets an answer now']
      : stepLines(anonymous.steps, anonymous.decidedBy)),
    ...notes('notice', report.notices),
    ...notes('warning', report.warnings),
  ];
  return `${lines.join('\n')}\n`;
}

function contentOf({ blobs, bytes }: VerifyReport, level: PullLevel): string {
  if (blobs === 0) return 'nothing came';
  const count = `${blobs} ${blobs === 1 ? 'blob' : 'blobs'}`;
  return level === 'full' && bytes > 0
    ? `${count}, ${formatBytes(bytes)}, each byte checked`
    : `${count} can be had; one byte of each was asked for`;
}

function credentialLines({ credentials, reason: known }: VerifyReport, paint: (verdict: Verdict) => string): string[] {
  if (credentials.length === 0) return ['  No entry serves this image: a kubelet gets no credential.', ''];
  const heading =
    credentials.length === 1
      ? '  A kubelet gets one credential:'
      : '  A kubelet gets these credentials, and tries them in this order until one pulls:';
  const lines = ({ provider, key, verdict, reason, steps, decidedBy }: CredentialReport, index: number): string[] => [
    `  ${index + 1}. for ${printable(key)}, from ${provider}: ${paint(verdict)}`,
    ...stepLines(steps, decidedBy),
    ...(reason === known ? [] : [`     ${printable(reason)}`]),
    '',
  ];
  return [heading, ...credentials.flatMap(lines)];
}

/** What was asked and answered, in order, what came several times once, and what decided where that came later. */
function stepLines(steps: readonly Step[], decidedBy: RequestFacts): string[] {
  const runs: { text: string; times: number }[] = [];
  for (const { request, sent } of steps) {
    const text = `${requestText(request)}${shows[sent]}`;
    const last = runs.at(-1);
    if (last?.text === text) last.times++;
    else runs.push({ text, times: 1 });
  }
  const isKnown = steps.some(({ request }) => requestText(request) === requestText(decidedBy));
  if (!isKnown && decidedBy.url !== '') runs.push({ text: requestText(decidedBy), times: 1 });
  return runs.map(({ text, times }) => `     ${text}${times === 1 ? '' : `  (${times} times)`}`);
}

const shows = {
  nothing: '',
  basic: '  (shows user and password)',
  form: '  (shows user and password)',
  bearer: '  (shows a token)',
} as const satisfies Record<Step['sent'], string>;

/** Digests are cut: they are in full above, and here they are only in the way. */
function requestText({ method, url, status }: RequestFacts): string {
  const short = printable(url).replace(/(sha[0-9]{3}:[0-9a-f]{12})[0-9a-f]+/g, '$1…');
  return `${status ?? '---'}  ${method.padEnd(4)}  ${short}`;
}

function notes(kind: string, texts: readonly string[]): string[] {
  return texts.length === 0 ? [] : ['', ...texts.map((text) => `  ${kind}: ${printable(text)}`)];
}
