/**
 * An answer that is not what was asked for, as an error: what it means (error.ts) becomes a code, what the registry says
 * becomes part of the sentence. The body of such an answer may be anything, so as much as is worth reading is read, and
 * one that breaks off still counts.
 */
import { type ErrorCode, PurserError, RegistryError } from '../errors.ts';
import { readBody } from '../http.ts';
import { type AnswerClass, type Classification, classifyAnswer, maxErrorBodyBytes } from './error.ts';
import type { RegistryAnswer } from './handshake.ts';
import { parseRetryAfter } from './retry-after.ts';

/** Takes the body of the answer. */
export async function refusalOf(answer: RegistryAnswer, method: 'GET' | 'HEAD', now: number): Promise<RegistryError> {
  const body = method === 'HEAD' ? '' : await readErrorBody(answer);
  const { status, challenges, sent, redirected, request, headers } = answer;
  // A form is what a token service gets; to the registry it is the token that counts.
  const context = { method, sent: sent === 'form' ? 'nothing' : sent, redirected } as const;
  const said = classifyAnswer({ status, challenges, body }, context);
  const [code, meaning, todo] = meanings[said.class];
  const theirs = [...words(said), ...limits(headers)].map(answer.mask);
  const found = [`${status}, ${meaning}`, ...theirs].join('; ');
  const retryAfter = parseRetryAfter(headers.get('retry-after'), now);
  const wait = retryAfter === undefined ? '' : `; it asks to wait ${Math.ceil(retryAfter / 1000)} s`;
  const facts = { doing: `asking ${request.url}`, found: `${found}${wait}`, todo, request };
  return new RegistryError(code, facts, retryAfter);
}

async function readErrorBody(answer: RegistryAnswer): Promise<string> {
  try {
    const { request } = answer;
    return new TextDecoder().decode(await readBody(answer, { maxBytes: maxErrorBodyBytes, request }));
  } catch (error) {
    // The status has been said; a body that is too long or broken takes nothing from it.
    if (error instanceof PurserError) return '';
    throw error;
  }
}

function words({ code, message }: Classification): string[] {
  if (code === null && message === null) return [];
  return [`it says ${[code, message].filter((word) => word !== null).join(': ')}`];
}

/** What some registries tell about how often one may ask: `100;w=21600` is a hundred times in six hours. */
function limits(headers: Headers): string[] {
  const limit = headers.get('ratelimit-limit');
  const remaining = headers.get('ratelimit-remaining');
  return limit === null && remaining === null ? [] : [`remaining ${remaining ?? '?'} of ${limit ?? '?'}`];
}

type Meaning = readonly [code: ErrorCode, meaning: string, todo: string];

const protocol = 'look at what answers there; is it a registry?';
const trouble = 'try again later';

const meanings: Readonly<Record<AnswerClass, Meaning>> = {
  challenge: ['REGISTRY_DENIED', 'it wants a credential', 'give this registry an entry with a credential'],
  denied: ['REGISTRY_DENIED', 'the credential is refused', 'check user, password and the rights on this repository'],
  'token-expired': ['REGISTRY_DENIED', 'it refuses the token that its own service gave', 'check the clocks of both'],
  'credential-expired': ['REGISTRY_EXPIRED', 'the password has expired', 'get a new one'],
  'not-found': ['REGISTRY_NOT_FOUND', 'it is not there, or hidden', 'check the name, the tag and the rights'],
  'bad-request': ['REGISTRY_PROTOCOL', 'it does not take the question', 'check the name of the image'],
  'client-bug': ['REGISTRY_PROTOCOL', 'storage was shown two credentials', 'report this as a bug in purser'],
  'unexpected-status': ['REGISTRY_PROTOCOL', 'which is no answer to this question', protocol],
  'method-not-allowed': ['REGISTRY_PROTOCOL', 'it does not take this method', protocol],
  'range-unsupported': ['REGISTRY_PROTOCOL', 'it has no such range', protocol],
  'redirect-expired': ['REGISTRY_UNAVAILABLE', 'storage refuses the address that the registry gave', trouble],
  'rate-limited': ['REGISTRY_LIMITED', 'too many requests', 'wait, or ask with an account that may ask more often'],
  'registry-unavailable': ['REGISTRY_UNAVAILABLE', 'the registry is in trouble', trouble],
};
