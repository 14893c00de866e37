/**
 * lint: what is wrong with a config before a kubelet, or serve, stumbles over it. Each file is a kubelet's
 * CredentialProviderConfig (or a directory of them), a PurserConfig or a docker config; what it is, its content tells.
 * Every finding has a place and a cure, and none shows a secret. Files of several kinds are also looked at side by side.
 * docs/lint.md explains all findings.
 */
import { type DocumentKind, detectKind, documentKinds } from '../document-kind.ts';
import type { Edge } from '../edge.ts';
import { exitCode, PurserError } from '../errors.ts';
import { placeProblems } from '../finding.ts';
import { lintDockerConfig } from '../kubelet/docker-config-lint.ts';
import { decodeBytes } from '../kubelet/go-bytes.ts';
import type { ConfigLocation, FileFinding } from '../kubelet/provider-config-files.ts';
import type { ProviderDefinition } from '../provider.ts';
import { maskLogins } from '../redact.ts';
import { absolutePath } from './ask.ts';
import { readConfigLocation } from './kubelet-config.ts';
import { type KubeletOptions, lintKubeletConfig } from './lint-kubelet.ts';
import { lintPurserConfig } from './lint-purser.ts';
import { describeReports, type LintReport } from './lint-text.ts';
import { type Linted, lintTogether } from './lint-together.ts';

export interface LintOptions extends KubeletOptions {
  readonly kind?: DocumentKind;
  readonly output: 'text' | 'json';
}

/** Resolves with 2 if anything is an error. */
export async function lint(
  files: readonly string[],
  options: LintOptions,
  edge: Edge,
  providers: readonly ProviderDefinition[],
): Promise<number> {
  const linted: Linted[] = [];
  for (const file of files) linted.push(await lintNamed(file, options, edge, providers));
  const reports = lintTogether(linted).map(presentable);
  if (options.output === 'json') edge.writeOut(`${JSON.stringify(reports.length === 1 ? reports[0] : reports)}\n`);
  else edge.writeOut(describeReports(reports, { color: edge.isTerminal(1) && !edge.env['NO_COLOR'] }));
  const failed = reports.some(({ findings }) => findings.some(({ severity }) => severity === 'error'));
  return failed ? exitCode.config : exitCode.ok;
}

/** As it is shown: by place, and without the password that somebody may have put in front of a host. */
function presentable(report: LintReport): LintReport {
  const findings = inOrder(report.findings).map((finding) => ({
    ...finding,
    path: maskLogins(finding.path),
    message: maskLogins(finding.message),
    ...(finding.todo !== undefined && { todo: maskLogins(finding.todo) }),
  }));
  const { kubelet } = report;
  if (kubelet?.error === undefined) return { ...report, findings };
  return { ...report, findings, kubelet: { ...kubelet, error: maskLogins(kubelet.error) } };
}

/** Files in the order in which they were found. */
function inOrder(findings: readonly FileFinding[]): readonly FileFinding[] {
  const files = [...new Set(findings.map(({ file }) => file))];
  return findings.toSorted((a, b) => {
    return files.indexOf(a.file) - files.indexOf(b.file) || a.line - b.line || a.column - b.column;
  });
}

async function lintNamed(
  file: string,
  options: LintOptions,
  edge: Edge,
  providers: readonly ProviderDefinition[],
): Promise<Linted> {
  const path = absolutePath(file, edge);
  let location: ConfigLocation;
  try {
    location = readConfigLocation(path);
  } catch (error) {
    if (!(error instanceof PurserError)) throw error;
    return failed(file, error.facts.found, error.facts.todo);
  }
  const bytes = location.kind === 'file' ? location.file.bytes : undefined;
  const text = bytes instanceof Uint8Array ? decodeBytes(bytes) : undefined;
  const kind = options.kind ?? (location.kind === 'directory' ? 'kubelet' : detectKind(text ?? '', file));
  const report = { file, ...(kind !== undefined && { kind }) };
  if (kind === 'kubelet') {
    const binDir = options.binDir === undefined ? {} : { binDir: absolutePath(options.binDir, edge) };
    const { findings, kubelet, configs } = lintKubeletConfig(location, { ...options, ...binDir });
    const named = findings.map((found) => ({ ...found, file: renamed(found.file, path, file) }));
    return {
      report: { ...report, kubelet, findings: named },
      kubelet: configs.map((config) => ({ ...config, path: renamed(config.path, path, file) })),
    };
  }
  if (location.kind === 'directory') {
    return failed(file, 'it is a directory', 'name a file; only a kubelet reads directories');
  }
  if (text === undefined) {
    const fault = bytes === 'ENOENT' ? 'no such file' : `it cannot be read (${bytes})`;
    return failed(file, fault, 'name a readable file');
  }
  if (kind === undefined) {
    const fault = 'neither its kind nor its members say what it is';
    return failed(file, fault, `say it with --kind ${documentKinds.join(', ')}`);
  }
  if (kind === 'purser') {
    const { findings, lint } = await lintPurserConfig({ file, path, text }, edge, providers);
    return { report: { ...report, findings }, ...(lint !== undefined && { purser: { ...lint, path } }) };
  }
  const { errors, warnings } = lintDockerConfig(text, kind === 'dockercfg' ? '.dockercfg' : 'config.json');
  const findings = [...placeProblems(text, errors, 'error'), ...placeProblems(text, warnings, 'warning')];
  return { report: { ...report, findings: findings.map((finding) => ({ file, ...finding })) } };
}

function failed(file: string, message: string, todo: string): Linted {
  return { report: { file, findings: [{ file, severity: 'error', path: '', line: 1, column: 1, message, todo }] } };
}

/** The name as it was given, for a file or for what lies in a directory. */
function renamed(found: string, path: string, given: string): string {
  return found.startsWith(path) ? given + found.slice(path.length) : found;
}
