/**
 * PurserConfig as a zod schema: says everything that is wrong with a config at once, each problem with its place and
 * what to write instead, and gives editors a JSON Schema. Loaded only when the decoder of config.ts has refused.
 */
import { z } from 'zod';
import { configApiVersion, configKind, decodeCacheDuration, isAbsolutePath } from './config.ts';
import { parseYaml } from './config-yaml.ts';
import { parseEntryPattern } from './entry-pattern.ts';
import { type ErrorCode, InputError, PurserError, quote } from './errors.ts';
import { isJsonObject, type Json, JsonError, type JsonObject, lineAndColumn, memberPath, parseJson } from './json.ts';
import { nearest } from './near-miss.ts';
import type { ProviderDefinition } from './provider.ts';

/** One thing to mend. `path` is dotted, such as `registries[0].matchImages[1]`; line and column count from 1. */
export interface ConfigProblem {
  readonly path: string;
  readonly line: number;
  readonly column: number;
  readonly message: string;
}

/** All problems of a config text, in the order of the file; none means that the decoder accepts it. */
export function findConfigProblems(text: string, providers: readonly ProviderDefinition[]): readonly ConfigProblem[] {
  const parsed = parseConfigText(text);
  const place = (offset: number, path: string, message: string): ConfigProblem & { offset: number } => {
    return { path, ...lineAndColumn(text, offset), message, offset };
  };
  if ('problems' in parsed) return parsed.problems.map(({ offset, message }) => place(offset, '', message));
  const found = collectProblems(parsed.value, providers).map(({ path, onName, message }) => {
    return place(offsetOf(parsed.positions, path, onName), pathText(path), message);
  });
  return found.sort((a, b) => a.offset - b.offset).map(({ offset: _, ...problem }) => problem);
}

/** The error for a config that the decoder refused: the first problem's code, all problems in its text. */
export async function explainRefusal(
  text: string,
  name: string,
  providers: readonly ProviderDefinition[],
): Promise<PurserError> {
  const problems = findConfigProblems(text, providers);
  const [first] = problems;
  // The decoder refused what the schema accepts: that is our fault, not the operator's.
  if (first === undefined)
    return new PurserError('INTERNAL', {
      doing: `reading the config ${quote(name)}`,
      found: 'the decoder and the schema disagree',
      todo: 'report it with the config, without its secrets',
    });
  const lines = problems.map(
    ({ path, line, column, message }) => `${line}:${column}: ${path === '' ? '' : `${path}: `}${message}`,
  );
  const isOne = problems.length === 1;
  return new InputError(codeOf(first), {
    doing: `reading the config ${quote(name)}`,
    found: isOne ? `at ${lines[0]}` : `${problems.length} problems: ${lines.join(' | ')}`,
    todo: isOne ? 'then check it with purser lint' : 'see them one by one with purser lint',
  });
}

function codeOf(problem: ConfigProblem): ErrorCode {
  if (problem.path.includes('.matchImages')) return 'CONFIG_MATCH_IMAGE';
  return problem.path === '' ? 'CONFIG_SYNTAX' : 'CONFIG_INVALID';
}

/** Offsets of values under their paths, of members' names under the path and `#name`; or why there is no document. */
export type ParsedText =
  | { readonly value: Json; readonly positions: ReadonlyMap<string, number> }
  | { readonly problems: readonly { readonly offset: number; readonly message: string }[] };

/** JSON or YAML, told apart by its first character. */
export function parseConfigText(text: string): ParsedText {
  if (!/^\s*\{/.test(text)) return parseYaml(text);
  const positions = new Map<string, number>();
  try {
    return { value: parseJson(text, { positions }), positions };
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    return { problems: [{ offset: error.offset, message: error.message }] };
  }
}

type Path = readonly (string | number)[];

interface Problem {
  readonly path: Path;
  /** The member's name is at fault, not its value. */
  readonly onName?: boolean;
  readonly message: string;
}

function collectProblems(document: Json, providers: readonly ProviderDefinition[]): readonly Problem[] {
  const problems = check(document, frameSchema, document, []);
  const registries = isJsonObject(document) ? document['registries'] : undefined;
  if (!Array.isArray(registries)) return problems;
  for (const [index, item] of registries.entries()) {
    if (isJsonObject(item)) problems.push(...checkEntry(document, item, index, providers));
  }
  return problems;
}

function checkEntry(
  document: Json,
  item: JsonObject,
  index: number,
  providers: readonly ProviderDefinition[],
): readonly Problem[] {
  const path = ['registries', index];
  const name = item['provider'];
  const provider = providers.find((definition) => definition.name === name);
  if (provider === undefined) {
    const meant = typeof name === 'string' ? nearestProvider(name, providers) : undefined;
    const unknown = check(document, unknownProviderSchema(providers), item, path);
    if (meant === undefined) return unknown;
    // A misspelt provider must not hide what else is wrong with its entry.
    const { provider: _, ...others } = item;
    const itself = unknown.filter(({ path: [, , member] }) => member === 'provider');
    return [...itself, ...checkMembers(document, { ...others, provider: meant.name }, index, meant)];
  }
  return checkMembers(document, item, index, provider);
}

function nearestProvider(name: string, providers: readonly ProviderDefinition[]): ProviderDefinition | undefined {
  const near = nearest(
    name,
    providers.map((provider) => provider.name),
  );
  return providers.find((provider) => provider.name === near);
}

function checkMembers(
  document: Json,
  item: JsonObject,
  index: number,
  provider: ProviderDefinition,
): readonly Problem[] {
  const path = ['registries', index];
  const crossing = provider.rules?.(item) ?? [];
  return [
    ...check(document, entrySchema(provider), item, path),
    ...crossing.map(({ member, message }) => ({ path: member === undefined ? path : [...path, member], message })),
  ];
}

function check(document: Json, schema: z.ZodType, value: Json, base: Path): Problem[] {
  const result = schema.safeParse(value);
  if (result.success) return [];
  return result.error.issues.flatMap((issue) => {
    const path = [...base, ...issue.path.filter((part) => typeof part !== 'symbol')];
    return problemsOf(document, schema, issue, path);
  });
}

function problemsOf(document: Json, schema: z.ZodType, issue: z.core.$ZodIssue, path: Path): Problem[] {
  if (issue.code === 'unrecognized_keys') {
    const known = schema instanceof z.ZodObject ? Object.keys(schema.shape) : [];
    return issue.keys.map((key) => ({ path: [...path, key], onName: true, message: unknownMember(key, known) }));
  }
  if (issue.code !== 'invalid_type') return [{ path, message: issue.message }];
  const value = valueAt(document, path);
  if (value === undefined) return [{ path, message: 'missing; add it' }];
  return [
    { path, message: `${typeName(value)} stands where ${expectedNames[issue.expected] ?? issue.expected} belongs` },
  ];
}

const expectedNames: Readonly<Record<string, string>> = {
  string: 'text',
  boolean: 'true or false',
  array: 'a list',
  object: 'a mapping',
};

function typeName(value: Json): string {
  if (value === null) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a mapping';
  if (typeof value === 'string') return 'text';
  return typeof value === 'number' ? 'a number' : 'true or false';
}

function unknownMember(name: string, known: readonly string[]): string {
  const near = nearest(name, known);
  return near === undefined ? `unknown member; known are ${known.join(', ')}` : `unknown member; did you mean ${near}?`;
}

function valueAt(document: Json, path: Path): Json | undefined {
  let value: Json | undefined = document;
  for (const part of path) {
    if (typeof part === 'number') value = Array.isArray(value) ? value[part] : undefined;
    else value = isJsonObject(value) ? value[part] : undefined;
  }
  return value;
}

function pathText(path: Path): string {
  return path.reduce<string>(
    (text, part) => (typeof part === 'number' ? `${text}[${part}]` : memberPath(text, part)),
    '',
  );
}

/** The value's own place, or the nearest one around it where the value is missing. */
function offsetOf(positions: ReadonlyMap<string, number>, path: Path, onName = false): number {
  if (onName) {
    const offset = positions.get(`${pathText(path)}#name`);
    if (offset !== undefined) return offset;
  }
  for (let length = path.length; length >= 0; length--) {
    const offset = positions.get(pathText(path.slice(0, length)));
    if (offset !== undefined) return offset;
  }
  return 0;
}

const absolutePath = z
  .string()
  .refine(isAbsolutePath, 'not an absolute path; name the file from / on')
  .meta({ pattern: '^/' });

const matchImage = z.string().superRefine((text, refinement) => {
  const pattern = parseEntryPattern(text);
  if (!('problem' in pattern)) return;
  refinement.addIssue({ code: 'custom', message: `${quote(text)}: ${pattern.problem}; ${pattern.todo}` });
});

const duration = z
  .string()
  .refine((text) => decodeCacheDuration(text) !== null, 'not a duration; write it as 90s, 10m or 1h30m')
  .meta({ pattern: '^[-+]?(0|([0-9]*\\.?[0-9]*(ns|us|\u00b5s|\u03bcs|ms|s|m|h))+)$' });

/** What every entry may say; all other members belong to its provider. */
const commonFields = {
  matchImages: z
    .array(matchImage)
    .min(1, 'the list is empty; name at least one registry')
    .describe('Registry hosts, each with an optional path: that repository and all below it'),
  cacheDuration: duration.optional().describe('Longest time a kubelet may keep the answer, such as 10m'),
  caFile: absolutePath.optional().describe('PEM file with certificate authorities to trust beside the system store'),
  plainHTTP: z.boolean().optional().describe('Speak HTTP without TLS to this registry'),
  allowReadable: z.boolean().optional().describe('Accept secret files that group or others can read'),
};

const frameFields = {
  $schema: z.string().optional().describe('For editors; not read'),
  apiVersion: z.literal(configApiVersion, `write ${configApiVersion}`),
  kind: z.literal(configKind, `write ${configKind}`),
  log: absolutePath.optional().describe('Absolute path of a file that gets one line for each answer'),
  automatic: z.boolean().optional().describe('Serve hosts that a provider recognises without an entry (default true)'),
};

const registriesText = 'Entries: of those that match an image the most specific is asked first';

const frameSchema = z.strictObject({
  ...frameFields,
  registries: z.array(z.looseObject({})).optional().describe(registriesText),
});

function entrySchema(provider: ProviderDefinition) {
  const { matchImages, ...others } = commonFields;
  return z.strictObject({ matchImages, provider: z.literal(provider.name), ...provider.fields(z), ...others });
}

function unknownProviderSchema(providers: readonly ProviderDefinition[]) {
  const names = providers.map(({ name }) => name).join(', ');
  const provider = z.string().superRefine((text, refinement) => {
    const near = nearestProvider(text, providers);
    const todo = near === undefined ? `use one of ${names}` : `did you mean ${near.name}?`;
    refinement.addIssue({ code: 'custom', message: `no provider is named ${quote(text)}; ${todo}` });
  });
  return z.looseObject({ ...commonFields, provider });
}

/**
 * The JSON Schema of a PurserConfig, for editors: draft 7, which all of them know. It accepts more than the decoder, never
 * less: what needs more than a pattern is left to `purser lint`.
 */
export function configJsonSchema(providers: readonly ProviderDefinition[]): Json {
  const [first, ...others] = providers.map(entrySchema);
  if (first === undefined) throw new Error('there is no provider');
  const registries = z.array(z.union([first, ...others])).optional();
  const schema = z.strictObject({ ...frameFields, registries: registries.describe(registriesText) });
  const titled = schema.meta({ title: configKind });
  return JSON.parse(JSON.stringify(z.toJSONSchema(titled, { target: 'draft-7', unrepresentable: 'any', io: 'input' })));
}
