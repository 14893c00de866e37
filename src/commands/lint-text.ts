/** Findings as compilers print them, `FILE:LINE:COLUMN: severity: …`, so that editors and people find the place. */
import { styleText } from 'node:util';
import type { DocumentKind } from '../document-kind.ts';
import { printable } from '../errors.ts';
import type { Severity } from '../finding.ts';
import type { FileFinding } from '../kubelet/provider-config-files.ts';

import type { KubeletVerdict } from './lint-kubelet.ts';

/** What was found in one of the files named. */
export interface LintReport {
  /** As named. */
  readonly file: string;
  readonly kind?: DocumentKind;
  /** Only for a kubelet's config. */
  readonly kubelet?: KubeletVerdict;
  readonly findings: readonly FileFinding[];
}

export interface TextOptions {
  readonly color: boolean;
}

export function describeReports(reports: readonly LintReport[], options: TextOptions): string {
  const lines = reports.flatMap((report) => [
    ...report.findings.map((finding) => describeFinding(finding, options)),
    describeVerdict(report),
  ]);
  return `${lines.join('\n')}\n`;
}

function describeFinding(
  { file, line, column, severity, path, message, todo, rule }: FileFinding,
  { color }: TextOptions,
): string {
  const paint = color ? styleText(shades[severity], severity, { validateStream: false }) : severity;
  const sentence = [path, todo === undefined ? message : `${message}; ${todo}`]
    .filter((part) => part !== '')
    .join(': ');
  return `${shown(`${file}:${line}:${column}`)}: ${paint}: ${shown(sentence)}${rule === undefined ? '' : ` [${rule}]`}`;
}

const shades = { error: 'red', warning: 'yellow' } as const satisfies Record<Severity, string>;

/** Long enough for what a kubelet prints of a large config. */
const maxTextBytes = 64 * 1024;

function shown(text: string): string {
  return printable(text.replaceAll('\n', '\\n'), maxTextBytes);
}

function describeVerdict({ file, kind, kubelet, findings }: LintReport): string {
  const [errors, warnings] = (['error', 'warning'] as const).map((severity) => {
    return findings.filter((finding) => finding.severity === severity).length;
  });
  const counts = [count(errors, 'error'), count(warnings, 'warning')].filter((text) => text !== undefined).join(', ');
  const name = shown(file);
  if (kubelet !== undefined) {
    const { version, rules, starts, executables, error = '', hash } = kubelet;
    const who = `kubelet ${version}${rules === undefined ? '' : ` (by the rules of ${rules})`}`;
    if (!starts) return `${name}: ${who} does not start with it: ${shown(error)}`;
    const what = `${who} ${executables ? 'starts with it' : 'accepts it'}`;
    return `${name}: ${[what, hash, counts].filter((part) => part !== undefined && part !== '').join(', ')}`;
  }
  return `${name}: ${kind === undefined ? 'not looked at' : subject[kind]}: ${counts === '' ? 'nothing to say' : counts}`;
}

const subject = {
  kubelet: 'CredentialProviderConfig',
  purser: 'PurserConfig',
  'docker-config': 'docker config',
  dockercfg: '.dockercfg',
} as const;

function count(number = 0, noun: string): string | undefined {
  return number === 0 ? undefined : `${number} ${noun}${number === 1 ? '' : 's'}`;
}
