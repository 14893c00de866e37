/**
 * Each entry of a PurserConfig tried offline, as serve would use it: which files it reads, and which of them it would
 * refuse on this machine. Where a provider would ask somebody, the trial of its entry ends. Nothing that is read leaves.
 */
import type { Entry, PurserConfig } from './config.ts';
import type { EntryPattern } from './entry-pattern.ts';
import { type ErrorCode, PurserError } from './errors.ts';
import { contextFor, type Machine } from './plugin.ts';
import type { PlanRequest, ProviderContext } from './provider.ts';

/** What stood in the way of an entry. */
export interface TrialFault {
  readonly entry: Entry;
  /** The file that was read last; absent where none was. */
  readonly file?: string;
  readonly code: ErrorCode;
  readonly found: string;
  readonly todo: string;
}

export async function tryEntries(config: PurserConfig, machine: Machine): Promise<readonly TrialFault[]> {
  const faults: TrialFault[] = [];
  for (const entry of config.entries) faults.push(...(await tryEntry(entry, machine)));
  return faults;
}

async function tryEntry(entry: Entry, machine: Machine): Promise<readonly TrialFault[]> {
  const faults: TrialFault[] = [];
  let file: string | undefined;
  const add = (error: unknown): void => {
    if (!(error instanceof PurserError)) throw error;
    const { code, facts } = error;
    faults.push({ entry, code, found: facts.found, todo: facts.todo, ...(file === undefined ? {} : { file }) });
  };
  const context = contextFor(entry, machine);
  const readFile: ProviderContext['readFile'] = async (path, kind) => {
    file = path;
    try {
      return await context.readFile(path, kind);
    } catch (error) {
      // A document may be looked for in several places; a half of a credential should not hide the other.
      if (kind === 'document') throw error;
      add(error);
      return 'unread';
    }
  };
  const [pattern] = entry.patterns;
  if (pattern === undefined) return [];
  try {
    const provider = await entry.provider.load();
    const request = sampleRequest(pattern);
    const plan = provider.plan(request, entry.options);
    if (plan === undefined) return [];
    await provider.getCredentials(plan, entry.options, { ...context, readFile, fetch: stop }, request);
  } catch (error) {
    if (!isEndOfTrial(error)) add(error);
  }
  return faults;
}

/** There is nobody to ask here, and no pod whose token could be handed on. */
function isEndOfTrial(error: unknown): boolean {
  if (error instanceof PurserError && error.code === 'TOKEN_MISSING') return true;
  return error instanceof OfflineError || (error instanceof Error && error.cause instanceof OfflineError);
}

class OfflineError extends Error {}

const stop: ProviderContext['fetch'] = () => Promise.reject(new OfflineError());

/** An image that the pattern covers. */
function sampleRequest({ labels, port, segments }: EntryPattern): PlanRequest {
  const name = labels.map((label) => label.replaceAll('*', 'x')).join('.');
  const host = port === '' ? name : `${name}:${port}`;
  const repository = segments.length === 0 ? 'x' : segments.join('/');
  return { image: `${host}/${repository}`, host, repository };
}
