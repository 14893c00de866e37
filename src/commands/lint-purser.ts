/** lint of a PurserConfig: the text, and the files that it names as far as they are on this machine. */
import { holdsOpenSecret, maxConfigBytes } from '../config-file.ts';
import { type ConfigLint, lintConfig } from '../config-lint.ts';
import type { Edge } from '../edge.ts';
import { tryEntries } from '../entry-trial.ts';
import { PurserError } from '../errors.ts';
import { checkPrivate, readTrustedFile } from '../file.ts';
import { type Finding, type Problem, placeProblems } from '../finding.ts';
import type { FileFinding } from '../kubelet/provider-config-files.ts';
import type { ProviderDefinition } from '../provider.ts';
import { answerTime, createMachine } from './serve.ts';

export interface NamedText {
  /** As named. */
  readonly file: string;
  /** Absolute. */
  readonly path: string;
  readonly text: string;
}

export interface PurserLint {
  readonly findings: readonly FileFinding[];
  /** Absent where the text could not be read. */
  readonly lint?: ConfigLint;
}

export async function lintPurserConfig(
  { file, path, text }: NamedText,
  edge: Edge,
  providers: readonly ProviderDefinition[],
): Promise<PurserLint> {
  const fault = faultOf(text);
  if (fault !== undefined) {
    return { findings: placeProblems(text, [fault], 'error').map((finding) => ({ file, ...finding })) };
  }
  const lint = lintConfig(text.replace(/^\uFEFF/, ''), providers);
  const more = [...lintTrust(path, lint, edge), ...(await lintFiles(lint, edge))];
  return { findings: [...lint.findings, ...more].map((finding) => ({ file, ...finding })), lint };
}

/** Why serve would not even look at what the text says. */
function faultOf(text: string): Problem | undefined {
  const broken = text.search(/[\ud800-\udfff]/u);
  if (broken !== -1) return { path: '', offset: broken, message: 'a byte is no UTF-8', todo: 'save it as UTF-8' };
  if (Buffer.byteLength(text) <= maxConfigBytes) return undefined;
  return { path: '', offset: 0, message: `it holds more than ${maxConfigBytes} bytes`, todo: 'make it smaller' };
}

/** serve reads nothing that others could have written; elsewhere than on its node that need not be so. */
function lintTrust(path: string, { config }: ConfigLint, { uid }: Edge): readonly Finding[] {
  try {
    const { mode } = readTrustedFile(path, { uid, maxBytes: maxConfigBytes, privateMode: false });
    if (config?.entries.some(holdsOpenSecret)) checkPrivate(path, mode);
    return [];
  } catch (error) {
    if (!(error instanceof PurserError)) throw error;
    if (error.code !== 'FILE_TRUST') return [];
    const { found, todo } = error.facts;
    const message = `here serve would refuse the file: ${found}`;
    return [{ severity: 'warning', rule: 'untrusted-file', path: '', line: 1, column: 1, message, todo }];
  }
}

async function lintFiles({ config, locate }: ConfigLint, edge: Edge): Promise<readonly Finding[]> {
  if (config === undefined || locate === undefined) return [];
  const machine = createMachine(edge, edge.deadline(answerTime), () => undefined);
  return (await tryEntries(config, machine)).map(({ entry, file, code, found, todo }): Finding => {
    const place = locate(entry, file);
    const message = file === undefined ? found : `${file}: ${found}`;
    if (code === 'FILE_MISSING') {
      return { severity: 'warning', rule: 'absent-file', ...place, message: `${message} on this machine`, todo };
    }
    if (code === 'FILE_READ') return { severity: 'warning', rule: 'unreadable-file', ...place, message, todo };
    return { severity: 'error', ...place, message, todo };
  });
}
