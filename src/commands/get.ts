/** get: the answer that a kubelet would get for an image, without writing its request by hand. */
import type { Edge } from '../edge.ts';
import { exitCode, printable } from '../errors.ts';
import { encodeResponse } from '../kubelet/api.ts';
import { type Answer, respond } from '../plugin.ts';
import type { ProviderDefinition } from '../provider.ts';
import { maskSecret } from '../redact.ts';
import { type AskOptions, prepareQuestion } from './ask.ts';

export interface GetOptions extends AskOptions {
  readonly showSecrets?: boolean;
  readonly output: 'text' | 'json';
}

export async function get(
  image: string,
  options: GetOptions,
  edge: Edge,
  providers: readonly ProviderDefinition[],
): Promise<number> {
  const question = await prepareQuestion(options, edge, providers);
  const answer = await respond(question.request(image), question.config, question.machine());
  const shown = options.showSecrets === true ? answer : masked(answer);
  edge.writeOut(options.output === 'json' ? encodeResponse(shown.response) : describeAnswer(shown, question.facts));
  return exitCode.ok;
}

function masked(answer: Answer): Answer {
  const { auth } = answer.response;
  if (auth === null) return answer;
  const entries = Object.entries(auth).map(([key, { username, password }]) => {
    return [key, { username, password: maskSecret(password) }] as const;
  });
  return { ...answer, response: { ...answer.response, auth: Object.fromEntries(entries) } };
}

function describeAnswer({ response, source, keys }: Answer, facts: readonly string[]): string {
  const notes = facts.map((fact) => ['note', fact]);
  const nothing = 'No entry serves this image: a kubelet goes on without a credential from purser.';
  if (source === undefined) return table([[nothing], ...notes]);
  const { cacheKeyType, cacheDuration, auth } = response;
  const { entry, provider, plan } = source;
  return table([
    ['provider', `${provider}${entry === undefined ? ', host recognised' : `, registries[${entry.index}]`}`],
    ['identity', plan.identity],
    ['from', plan.endpoint],
    ['cached', `${cacheKeyType}, ${cacheDuration}`],
    ...keys.map(({ key }) => ['credential', key, auth?.[key]?.username || '(empty)', auth?.[key]?.password ?? '']),
    ...notes,
  ]);
}

/** User names and passwords are whatever somebody wrote: a terminal must not obey them. */
function table(rows: readonly (readonly string[])[]): string {
  return rows.map(([name = '', ...cells]) => `${printable([name.padEnd(10), ...cells].join('  ').trim())}\n`).join('');
}
