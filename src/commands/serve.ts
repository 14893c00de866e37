/**
 * serve: a kubelet's request on stdin to the response on stdout. No command given means this one. It is the hot way:
 * a kubelet starts a process for each answer, in bursts, while a node boots.
 */
import type { Deadline } from '../clock.ts';
import { loadConfig, locateConfig } from '../config-file.ts';
import type { Edge, StdinFault } from '../edge.ts';
import { describe, exitCode, exitCodeOf, InputError, PurserError } from '../errors.ts';
import {
  type CredentialProviderRequest,
  type CredentialProviderResponse,
  decodeRequest,
  decodeResponse,
  encodeResponse,
  isCacheKeyType,
  maxRequestBytes,
} from '../kubelet/api.ts';
import { type Answer, type Machine, respond } from '../plugin.ts';
import type { ProviderDefinition } from '../provider.ts';

/** A kubelet writes its request at once; what takes longer is not a kubelet. Milliseconds. */
const requestTime = 5_000;

/** A kubelet kills after 60 s and then says nothing; this leaves time to say why. Milliseconds. */
export const answerTime = 25_000;

export interface ServeOptions {
  /** Value of --config. */
  readonly config?: string;
}

/** Answers one request; resolves with the exit code when everything is written. */
export async function serve(
  options: ServeOptions,
  edge: Edge,
  providers: readonly ProviderDefinition[],
): Promise<number> {
  const started = edge.clock.monotonic();
  const facts: string[] = [];
  let log = edge.env['PURSER_LOG'];
  let image = '';
  try {
    const deadline = edge.deadline(answerTime);
    const request = await readRequest(edge);
    image = request.image;
    const config = await loadConfig(locateConfig(options.config, edge.env['PURSER_CONFIG']), providers, edge.uid);
    log = log || config.log;
    const machine = createMachine(edge, deadline, (fact) => void facts.push(fact));
    const answer = await within(deadline, respond(request, config, machine));
    edge.writeOut(checkedResponse(answer.response));
    await writeLog(edge, log, { image, started, facts, outcome: summary(answer) });
    return exitCode.ok;
  } catch (error) {
    const line = describe(error);
    edge.writeError(edge.isTerminal(2) ? `${line}\n` : line);
    await writeLog(edge, log, { image, started, facts, outcome: line });
    return exitCodeOf(error);
  }
}

async function readRequest(edge: Edge): Promise<CredentialProviderRequest> {
  const stdin = await edge.readStdin(maxRequestBytes, requestTime);
  if ('fault' in stdin) throw stdinError(stdin.fault);
  return decodeRequest(stdin.bytes);
}

function stdinError(fault: StdinFault): InputError {
  const doing = 'reading the request on stdin';
  const todo = 'send one CredentialProviderRequest and close stdin, as a kubelet does';
  if (fault === 'too-large') {
    return new InputError('REQ_TOO_LARGE', { doing, found: `more than ${maxRequestBytes} bytes came`, todo });
  }
  if (fault === 'timeout') {
    return new InputError('REQ_TIMEOUT', { doing, found: `it was not complete after ${requestTime / 1000} s`, todo });
  }
  return new InputError('REQ_READ', { doing, found: 'it cannot be read', todo });
}

/** Waits for the answer, but never beyond the deadline, even if whoever makes it ignores the signal. */
function within(deadline: Deadline, answer: Promise<Answer>): Promise<Answer> {
  return Promise.race([
    answer,
    new Promise<never>((_, reject) => {
      deadline.signal.addEventListener('abort', () => reject(deadlineError()), { once: true });
    }),
  ]);
}

function deadlineError(): PurserError {
  return new PurserError('DEADLINE', {
    doing: 'answering the request',
    found: `no answer after ${answerTime / 1000} s`,
    todo: 'look for the last step in the log that PURSER_LOG names',
  });
}

/** A kubelet refuses a whole response for one wrong member, and says nothing of why: so look before writing. */
function checkedResponse(response: CredentialProviderResponse): string {
  const text = encodeResponse(response);
  if (isUnderstood(text, response)) return text;
  throw new PurserError('INTERNAL', {
    doing: 'checking the response',
    found: 'a kubelet would refuse it, or read another',
    todo: 'this is a bug in purser, please report it with the image name',
  });
}

function isUnderstood(text: string, { apiVersion, auth }: CredentialProviderResponse): boolean {
  const decoded = decodeResponse(text, apiVersion);
  if ('fault' in decoded || !isCacheKeyType(decoded.cacheKeyType) || decoded.cacheDuration === null) return false;
  return Object.entries(auth ?? {}).every(([key, { username, password }]) => {
    const read = decoded.auth[key];
    return read?.username === username && read.password === password;
  });
}

/** What an answer needs of the process. The HTTP client is loaded by the first request that a provider sends. */
export function createMachine(edge: Edge, deadline: Deadline, log: Machine['log']): Machine {
  const { clock, env, uid } = edge;
  const fetch: Machine['fetch'] = (entry) => async (route, request) => {
    const { providerFetch } = await import('../provider-fetch.ts');
    return providerFetch(route, request, { ...entry, uid, env, deadline });
  };
  return { clock, deadline, env, uid, log, fetch };
}

function summary({ response, source, keys }: Answer): string {
  if (source === undefined) return 'nothing serves this image';
  const { cacheKeyType, cacheDuration } = response;
  return `${source.provider}: ${keys.length} credentials for ${source.plan.identity}, ${cacheKeyType} ${cacheDuration}`;
}

async function writeLog(
  edge: Edge,
  path: string | undefined,
  run: { image: string; started: number; facts: readonly string[]; outcome: string },
): Promise<void> {
  if (path === undefined || path === '') return;
  const { appendRunLog } = await import('../run-log.ts');
  const milliseconds = Math.round(edge.clock.monotonic() - run.started);
  appendRunLog(path, { now: edge.clock.now(), milliseconds, ...run });
}
