/** verify as a person runs it: a config in a file, a fake registry, a built file. */
import type { TestContext } from 'node:test';
import { type Build, folder, type RunOptions, type RunResult, run } from '../built.ts';
import { createIndex } from '../fake/image.ts';
import { type Registry, type RegistryOptions, startRegistry } from '../fake/registry.ts';

/** Made up, and easy to find wherever it should not be. */
export const password = 'c4nary-pa:ss wörd';
export const users = { robot: password };

/** A registry with a private `team/app:1.0` and a public `open/app:1.0`, both for amd64 and arm64. */
export async function startWithImages(t: TestContext, options: RegistryOptions = {}): Promise<Registry> {
  const registry = await startRegistry(options);
  t.after(() => registry.close());
  registry.add('team/app', '1.0', createIndex());
  registry.add('open/app', '1.0', createIndex(), { visibility: 'public' });
  return registry;
}

export interface ConfigOptions {
  readonly password?: string;
  readonly caFile?: string;
  readonly plainHTTP?: boolean;
}

/** Path of a config that serves `robot` for a host. */
export function configFor(t: TestContext, host: string, options: ConfigOptions = {}): string {
  const { plainHTTP = true, password: own = password, caFile } = options;
  const entry = { matchImages: [host], provider: 'static', username: 'robot', password: own, plainHTTP };
  const registries = [{ ...entry, ...(caFile !== undefined && { caFile }) }];
  const config = { apiVersion: 'purser/v1', kind: 'PurserConfig', registries };
  return `${folder(t, { 'config.json': JSON.stringify(config) })}/config.json`;
}

/** Without the line a second that tells how far it is: a slow machine has some, a fast one none. */
export async function verify(
  build: Build,
  config: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<RunResult> {
  const result = await run(build, { ...options, args: ['verify', '--config', config, ...args] });
  const progress = /^\S+ {2}(?:asking the registry|\d+\/\d+ blobs .*)\n/gm;
  return { ...result, stderr: result.stderr.replace(progress, '') };
}
