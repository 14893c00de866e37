/**
 * Several ways to install purser on one node, side by side: each is a provider of its own name, made from the one of the
 * example, and is asked about one repository of its own name only. So a scenario can break one and leave the others.
 */
import { symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import type { Kubelet } from './kubelet.ts';
import { hosts, type KubeletChanges, type Node, user } from './node.ts';
import type { Pod } from './pod.ts';
import { kubeletVersion } from './surroundings.ts';

export interface InstallOptions {
  readonly name: string;
  /** What its secret's file holds. */
  readonly password: string;
  /** Makes the executable; default: a symbolic link to purser. */
  readonly place?: (path: string) => void;
  /** Variables that the example disarms and this one does not. */
  readonly armed?: readonly string[];
  /** Default: the host of passwords. */
  readonly host?: string;
  /** Default: one that names its config. */
  readonly args?: readonly string[];
}

export interface Install {
  readonly name: string;
  /** As purser is asked about it. */
  readonly image: string;
  /** Path of its PurserConfig, which serves the image out of a secret's file, unless a scenario writes another. */
  readonly config: string;
  /** Path of that file, and what it holds. */
  readonly secret: string;
  readonly password: string;
  readonly args: readonly string[];
  /** For the kubelet's config. */
  readonly provider: object;
  /** Made when it is wanted; it can be made once. */
  pod(): Pod;
}

export function install(node: Node, options: InstallOptions): Install {
  const { purser, folder } = node;
  const {
    name,
    password,
    place = (path) => symlinkSync(purser.program, path),
    armed = [],
    host = hosts.password,
  } = options;
  const image = `${host}/${name}/app`;
  const config = join(folder, `${name}.json`);
  const secret = purser.secret(name, password);
  writeFileSync(config, configText({ matchImages: [image], provider: 'static', username: user, passwordFile: secret }));
  place(join(purser.binDir, name));
  node.publish(`${name}/app`);
  const [example] = parse(purser.providerConfigText).providers;
  const env = example.env.filter((variable: { name: string }) => !armed.includes(variable.name));
  const { args = [`--config=${config}`] } = options;
  const provider = { ...example, name, matchImages: [`${host}/${name}/`], args, env };
  return { name, image, config, secret, password, args, provider, pod: () => node.pod({ name, image: `${image}:v1` }) };
}

/** A PurserConfig with these entries. */
export function configText(...registries: readonly object[]): string {
  return JSON.stringify({ apiVersion: 'purser/v1', kind: 'PurserConfig', registries });
}

/** Restarts the kubelet with all of them, in a config that lint has accepted. */
export async function restartWith(
  node: Node,
  installs: readonly Install[],
  changes: KubeletChanges = {},
): Promise<Kubelet> {
  const { purser, folder } = node;
  const config = join(folder, 'installs.json');
  const providers = installs.map(({ provider }) => provider);
  writeFileSync(config, JSON.stringify({ ...parse(purser.providerConfigText), providers }));
  purser.lint(config, kubeletVersion);
  return node.restartKubelet({ credentialProviders: { config, binDir: purser.binDir }, ...changes });
}

/** The portable file, started by the Node that runs the tests. */
export function portable(path: string): void {
  const file = fileURLToPath(new URL('../../../dist/purser.cjs', import.meta.url));
  wrapper(`exec ${process.execPath} --disable-sigusr1 ${file} "$@"`)(path);
}

/** A program of two lines that starts another one. */
export function wrapper(command: string): (path: string) => void {
  return (path) => writeFileSync(path, `#!/bin/sh\n${command}\n`, { mode: 0o755 });
}
