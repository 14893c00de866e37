/**
 * Where a config is found, and how its text becomes a PurserConfig. A config that is JSON, and right, loads neither the
 * YAML parser nor the schema.
 */
import { decodeConfig, type Entry, type PurserConfig } from './config.ts';
import { InputError, PurserError, quote } from './errors.ts';
import { checkPrivate, readTrustedFile } from './file.ts';
import { type Json, parseJson } from './json.ts';
import type { ProviderDefinition } from './provider.ts';

export const defaultConfigPath = '/etc/purser/config.yaml';

/** A large fleet's config is a few hundred kilobytes. */
export const maxConfigBytes = 1024 * 1024;

/** Where a config may come from, first to last; `path` is absolute. */
export interface ConfigSource {
  readonly path: string;
  /** Only the default file may be absent. */
  readonly optional: boolean;
}

/** `--config`, then PURSER_CONFIG, then the default. Relative paths are resolved by whoever allows them. */
export function locateConfig(option: string | undefined, variable: string | undefined): ConfigSource {
  const named = option ?? (variable === undefined || variable === '' ? undefined : variable);
  if (named === undefined) return { path: defaultConfigPath, optional: true };
  if (!named.startsWith('/')) {
    throw new InputError('CONFIG_READ', {
      // Not quoted: whoever puts the config itself there puts a password there.
      doing: `reading the config that ${option === undefined ? 'PURSER_CONFIG' : '--config'} names`,
      found: 'the path is relative',
      todo: 'name the file by its absolute path',
    });
  }
  return { path: named, optional: false };
}

/** Reads, checks and decodes the config; all its problems come in one error. */
export async function loadConfig(
  source: ConfigSource,
  providers: readonly ProviderDefinition[],
  uid: number | undefined,
): Promise<PurserConfig> {
  const file = readConfigFile(source, uid);
  if (file === undefined) return { entries: [], automatic: providers };
  const config = await parseConfig(file.text, source.path, providers);
  if (config.entries.some(holdsOpenSecret)) checkPrivate(source.path, file.mode);
  return config;
}

/** Whether the file that holds the entry must be private. */
export function holdsOpenSecret(entry: Entry): boolean {
  return !entry.allowReadable && (entry.provider.holdsSecret?.(entry.options) ?? false);
}

function readConfigFile(source: ConfigSource, uid: number | undefined): ReturnType<typeof readTrustedFile> | undefined {
  try {
    return readTrustedFile(source.path, { uid, maxBytes: maxConfigBytes, privateMode: false });
  } catch (error) {
    if (!(error instanceof PurserError) || error.code !== 'FILE_MISSING') throw error;
    if (source.optional) return undefined;
    throw new InputError('CONFIG_MISSING', { ...error.facts, doing: `reading the config ${quote(source.path)}` });
  }
}

/** Text, JSON or YAML, to config. `name` is how problems name the file. */
export async function parseConfig(
  text: string,
  name: string,
  providers: readonly ProviderDefinition[],
): Promise<PurserConfig> {
  const document = await parseDocument(text);
  const config = document === undefined ? undefined : decodeConfig(document, providers);
  if (config !== undefined) return config;
  const { explainRefusal } = await import('./config-schema.ts');
  throw await explainRefusal(text, name, providers);
}

/** JSON is known by its first character; the YAML parser is loaded for anything else. `undefined`: not readable. */
async function parseDocument(text: string): Promise<Json | undefined> {
  if (!/^\s*\{/.test(text)) {
    const { parseYaml } = await import('./config-yaml.ts');
    const parsed = parseYaml(text);
    return 'problems' in parsed ? undefined : parsed.value;
  }
  try {
    return parseJson(text);
  } catch {
    // The refusal is explained from the text, with its position.
    return undefined;
  }
}
