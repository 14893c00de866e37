/** lint of files that belong together: a kubelet's config, and the PurserConfig that its entries for purser lead to. */
import { basename } from 'node:path';
import { defaultConfigPath } from '../config-file.ts';
import type { ConfigLint } from '../config-lint.ts';
import { placeProblems } from '../finding.ts';
import { isOwnEntry, ownConfigPath } from '../kubelet/own-entry.ts';
import type { ConfigInFile, FileFinding } from '../kubelet/provider-config-files.ts';
import type { ProviderEntry } from '../kubelet/provider-entry.ts';
import { lintTokens, type ProviderFinding } from '../token-lint.ts';
import type { LintReport } from './lint-text.ts';

/** What one of the files named came to, and what it held if it could be read. */
export interface Linted {
  readonly report: LintReport;
  readonly kubelet?: readonly ConfigInFile[];
  readonly purser?: ConfigLint & { readonly path: string };
}

/** The reports, with what is found only where both are seen. */
export function lintTogether(linted: readonly Linted[]): readonly LintReport[] {
  const kubelets = linted.flatMap(({ kubelet = [] }) => kubelet);
  const paths = linted.flatMap(({ purser }) => (purser === undefined ? [] : [purser.path]));
  if (kubelets.length === 0 || paths.length === 0) return linted.map(({ report }) => report);
  const own = kubelets.flatMap(({ providers }) => providers.filter(isOwnEntry));
  const found = linted.map(({ purser }) => {
    if (purser?.config === undefined) return undefined;
    return lintTokens(
      purser.config,
      own.filter((provider) => leadsTo(provider, purser.path, paths)),
    );
  });
  const ofProviders = found.flatMap((tokens) => tokens?.providers ?? []);
  return linted.map(({ report, kubelet = [], purser }, index) => {
    const entries = found[index]?.entries ?? [];
    return {
      ...report,
      findings: [
        ...report.findings,
        ...kubelet.flatMap((config) => place(config, ofProviders)),
        ...entries.flatMap(({ entry, advice }): FileFinding[] => {
          const place = purser?.locate?.(entry, undefined);
          return place === undefined ? [] : [{ file: report.file, severity: 'warning', ...place, ...advice }];
        }),
      ],
    };
  });
}

/** On a workstation the files lie elsewhere than on the node: then the name decides, and a single one is the one meant. */
function leadsTo(provider: ProviderEntry, path: string, paths: readonly string[]): boolean {
  const named = ownConfigPath(provider) ?? defaultConfigPath;
  if (paths.length === 1 || named === path) return true;
  return !paths.includes(named) && basename(named) === basename(path);
}

function place({ path: file, text, providers }: ConfigInFile, found: readonly ProviderFinding[]): FileFinding[] {
  return found
    .filter(({ provider }) => providers.includes(provider))
    .flatMap(({ problem, severity }) => placeProblems(text, [problem], severity))
    .map((finding) => ({ file, ...finding }));
}
