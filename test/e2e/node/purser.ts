/**
 * purser as an operator installs it: the built executable in a kubelet's bin directory, the CredentialProviderConfig of
 * the examples, which `purser lint` accepts, and a PurserConfig to which each scenario adds its entries.
 */
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createLog, type Log } from '../log.ts';

/** As in a PurserConfig. */
export type Entry = Readonly<Record<string, unknown>> & { readonly matchImages: readonly string[] };

export interface InstalledPurser {
  /** Path of the executable. */
  readonly program: string;
  readonly binDir: string;
  /** Path of the CredentialProviderConfig, and its text. */
  readonly providerConfig: string;
  readonly providerConfigText: string;
  /** Path of the PurserConfig, which is read at each run. */
  readonly config: string;
  /** One line for each run that answered. */
  readonly log: Log;
  /** Adds entries to the PurserConfig. */
  serve(...entries: readonly Entry[]): void;
  /** Writes a secret's file, anew if it is there, and gives its path. */
  secret(file: string, text: string): string;
  /** Throws with what lint says when a kubelet of this version would not take the file or directory. */
  lint(path: string, kubelet: string): void;
}

export interface InstallOptions {
  /** Of the executable, and so of the provider. */
  readonly name?: string;
  /** Default: a folder of its own. */
  readonly binDir?: string;
}

/** `folder` takes everything else, and is made. */
export function installPurser(folder: string, options: InstallOptions = {}): InstalledPurser {
  const { name = 'purser', binDir = join(folder, 'bin') } = options;
  const at = (...names: readonly string[]): string => {
    const path = join(folder, ...names);
    mkdirSync(dirname(path), { recursive: true, mode: 0o755 });
    return path;
  };
  const program = join(binDir, name);
  mkdirSync(binDir, { recursive: true, mode: 0o755 });
  copyFileSync(fileURLToPath(new URL('../../../dist/purser', import.meta.url)), program);
  const config = at('purser.json');
  const log = createLog(at('purser.log'));
  const entries: Entry[] = [];
  const serve = (...more: readonly Entry[]): void => {
    entries.push(...more);
    const document = { apiVersion: 'purser/v1', kind: 'PurserConfig', log: log.path, registries: entries };
    replaceFile(config, JSON.stringify(document));
  };
  const providerConfigText = exampleFor(name, config);
  const providerConfig = at('credential-provider-config.yaml');
  writeFileSync(providerConfig, providerConfigText);
  return {
    program,
    binDir,
    providerConfig,
    providerConfigText,
    config,
    log,
    serve,
    secret(file, text) {
      const path = at('secrets', file);
      replaceFile(path, text);
      return path;
    },
    lint(path, kubelet) {
      execFileSync(program, ['lint', '--kubelet-version', kubelet, '--bin-dir', binDir, path], {
        stdio: ['ignore', 'pipe', 'pipe'],
      });
    },
  };
}

/** The example itself: another name where there are two, and the comment that names another config taken at its word. */
function exampleFor(name: string, config: string): string {
  const example = new URL('../../../examples/kubelet/credential-provider-config.yaml', import.meta.url);
  const commented = '# args: [--config=/etc/purser/config.yaml]';
  const text = readFileSync(example, 'utf8');
  if (!text.includes(commented)) throw new Error(`the example has no ${commented}`);
  return text.replace('- name: purser ', `- name: ${name} `).replace(commented, `args: ["--config=${config}"]`);
}

/** Whole or not at all, as everybody should write a file that somebody else reads at any time. */
function replaceFile(path: string, text: string): void {
  writeFileSync(`${path}.new`, text, { mode: 0o600 });
  renameSync(`${path}.new`, path);
}
