/** Which entries of a CredentialProviderConfig start purser, and which config of ours they name. */
import type { ProviderEntry } from './provider-entry.ts';

/** By its file name, which may carry an ending where one node has several; or by a variable that only it reads. */
export function isOwnEntry({ name, env }: ProviderEntry): boolean {
  return /^purser(?![A-Za-z0-9])/.test(name.value) || env.some((variable) => variable.name.value.startsWith('PURSER_'));
}

/** The file that serve would read, as written there; `undefined` where the default is read. */
export function ownConfigPath({ args, env }: ProviderEntry): string | undefined {
  const texts = args.map(({ value }) => value);
  const pair = texts.indexOf('--config');
  if (pair !== -1) return texts[pair + 1];
  const joined = texts.find((text) => text.startsWith('--config='))?.slice('--config='.length);
  return joined ?? (env.findLast(({ name }) => name.value === 'PURSER_CONFIG')?.value.value || undefined);
}
