/**
 * The question that a kubelet would ask, put together from a command line: the same config, the same request and the same
 * machine as serve, so that get and verify speak of what a node would get. Unlike serve, paths may be relative: they
 * start where the program was started.
 */

import type { PurserConfig } from '../config.ts';
import { loadConfig, locateConfig } from '../config-file.ts';
import type { Edge } from '../edge.ts';
import { InputError, quote } from '../errors.ts';
import { readTrustedFile, secretText } from '../file.ts';
import { apiVersions, type CredentialProviderRequest } from '../kubelet/api.ts';
import type { Machine } from '../plugin.ts';
import type { ProviderDefinition } from '../provider.ts';
import { answerTime, createMachine } from './serve.ts';

/** Options that every asking command has. */
export interface AskOptions {
  readonly config?: string;
  readonly serviceAccountTokenFile?: string;
  /** Each `key=value`. */
  readonly annotation?: readonly string[];
}

export interface Question {
  readonly config: PurserConfig;
  /** As a kubelet would send it, in the newest version. */
  request(image: string): CredentialProviderRequest;
  /** A new one for each answer: its deadline starts now. */
  machine(): Machine;
  /** What providers told the log, so far. */
  readonly facts: readonly string[];
}

/** Reads what the options name; throws InputError. */
export async function prepareQuestion(
  options: AskOptions,
  edge: Edge,
  providers: readonly ProviderDefinition[],
): Promise<Question> {
  const config = await loadAskedConfig(options, edge, providers);
  const serviceAccount = {
    ...readToken(options.serviceAccountTokenFile, edge),
    ...readAnnotations(options.annotation),
  };
  const facts: string[] = [];
  return {
    config,
    request: (image) => ({ apiVersion: apiVersions[0], image, ...serviceAccount }),
    machine: () => createMachine(edge, edge.deadline(answerTime), (fact) => void facts.push(fact)),
    facts,
  };
}

/** The config that serve would read, unless the command line names another; throws InputError. */
export function loadAskedConfig(
  options: Pick<AskOptions, 'config'>,
  edge: Edge,
  providers: readonly ProviderDefinition[],
): Promise<PurserConfig> {
  const named = options.config === undefined ? undefined : absolutePath(options.config, edge);
  return loadConfig(locateConfig(named, edge.env['PURSER_CONFIG']), providers, edge.uid);
}

/** A path from the command line, from the folder in which the program was started. */
export function absolutePath(path: string, { startDirectory }: Edge): string {
  if (path.startsWith('/')) return path;
  if (startDirectory !== undefined) return `${startDirectory}/${path}`;
  throw new InputError('USAGE', {
    doing: `looking for ${quote(path)}`,
    found: 'the folder in which purser was started is gone',
    todo: 'name the file by its absolute path',
  });
}

/** Tokens of service accounts are one to four kilobytes. */
const maxTokenBytes = 64 * 1024;

function readToken(path: string | undefined, edge: Edge): Pick<CredentialProviderRequest, 'serviceAccountToken'> {
  if (path === undefined) return {};
  const absolute = absolutePath(path, edge);
  const file = readTrustedFile(absolute, { uid: edge.uid, maxBytes: maxTokenBytes, privateMode: false });
  return { serviceAccountToken: secretText(absolute, file.text) };
}

function readAnnotations(pairs: readonly string[] = []): Pick<CredentialProviderRequest, 'serviceAccountAnnotations'> {
  if (pairs.length === 0) return {};
  const annotations: Record<string, string> = Object.create(null);
  for (const pair of pairs) {
    const equals = pair.indexOf('=');
    if (equals < 1) {
      const facts = { doing: 'reading --annotation', found: 'one is not key=value' };
      throw new InputError('USAGE', { ...facts, todo: 'write it as example.com/role=name' });
    }
    annotations[pair.slice(0, equals)] = pair.slice(equals + 1);
  }
  return { serviceAccountAnnotations: annotations };
}
