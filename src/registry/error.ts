/**
 * What an answer other than the hoped-for one means, and what to do next. The OCI distribution specification names
 * fourteen codes and lets a body be anything; registries invent more, so status and situation decide, and the code is
 * reported. https://github.com/opencontainers/distribution-spec/blob/main/spec.md#error-codes
 * Left out: retries and waiting (retry.ts), the comparison with an anonymous request (verify).
 */
import { printable } from '../errors.ts';
import { isJsonObject, type Json, JsonError, parseJson } from '../json.ts';
import type { Challenge } from './challenge.ts';

export type AnswerClass =
  | 'challenge'
  | 'token-expired'
  | 'denied'
  | 'credential-expired'
  | 'not-found'
  | 'bad-request'
  | 'redirect-expired'
  | 'client-bug'
  | 'rate-limited'
  | 'registry-unavailable'
  | 'unexpected-status'
  | 'method-not-allowed'
  | 'range-unsupported';

/**
 * `answer`: the same credential, another request · `next`: the next credential · `wait`: later, within the budget ·
 * `stop`: no other credential can help.
 */
export type LoopStep = 'answer' | 'next' | 'wait' | 'stop';

/** An answer as far as it was read; `challenges` are those of its WWW-Authenticate lines. */
export interface Answer {
  readonly status: number;
  readonly challenges: readonly Challenge[];
  readonly body: string;
}

/** What was asked. */
export interface AnswerContext {
  readonly method: 'GET' | 'HEAD';
  /** What Authorization held. */
  readonly sent: 'nothing' | 'basic' | 'bearer';
  /** The answer came from where a redirect led, not from the registry. */
  readonly redirected?: boolean;
}

export interface Classification {
  readonly class: AnswerClass;
  readonly loop: LoopStep;
  /** First error code of the body, as sent. */
  readonly code: string | null;
  /** What the registry says to people, one printable line; `null` where it says nothing readable. */
  readonly message: string | null;
}

/** As much of an error body as is read. */
export const maxErrorBodyBytes = 64 * 1024;
/** As much of it as is shown. */
const maxMessageBytes = 300;

export function classifyAnswer(answer: Answer, context: AnswerContext): Classification {
  const answerClass = classOf(answer, context);
  const { code, message } = readErrors(answer.body);
  return { class: answerClass, loop: stepOf(answerClass, context), code, message };
}

function classOf({ status, challenges, body }: Answer, { sent, redirected = false }: AnswerContext): AnswerClass {
  if (status === 400 && /only one auth mechanism/i.test(body)) return 'client-bug';
  if (redirected && isExpiredRedirect(status, body)) return 'redirect-expired';
  if (status === 400) return 'bad-request';
  if (status === 401 && sent === 'nothing') return 'challenge';
  if (status === 401 && sent === 'bearer' && challenges.some(saysInvalidToken)) return 'token-expired';
  // The one sentence by which ECR tells an old password from a wrong one.
  if ((status === 401 || status === 403) && /authorization token has expired/i.test(body)) return 'credential-expired';
  return classes.get(status) ?? (status > 501 && status !== 505 ? 'registry-unavailable' : 'unexpected-status');
}

const classes: ReadonlyMap<number, AnswerClass> = new Map([
  [401, 'denied'],
  [403, 'denied'],
  [404, 'not-found'],
  [405, 'method-not-allowed'],
  [408, 'registry-unavailable'],
  [416, 'range-unsupported'],
  [429, 'rate-limited'],
  [500, 'registry-unavailable'],
]);

/** Storage signs an address for some minutes and says so with any of these. */
function isExpiredRedirect(status: number, body: string): boolean {
  return status === 401 || status === 403 || (status === 400 && /ExpiredToken/.test(body));
}

function saysInvalidToken({ scheme, params }: Challenge): boolean {
  return scheme === 'bearer' && params['error']?.toLowerCase() === 'invalid_token';
}

function stepOf(answerClass: AnswerClass, { method }: AnswerContext): LoopStep {
  // A HEAD that is not allowed is asked again as GET; a GET has nothing to fall back to.
  if (answerClass === 'method-not-allowed') return method === 'HEAD' ? 'answer' : 'stop';
  return steps[answerClass];
}

const steps: Readonly<Record<AnswerClass, LoopStep>> = {
  challenge: 'answer',
  'token-expired': 'answer',
  'redirect-expired': 'answer',
  'range-unsupported': 'answer',
  'method-not-allowed': 'answer',
  denied: 'next',
  'credential-expired': 'next',
  // Some registries hide what a credential may not see.
  'not-found': 'next',
  'rate-limited': 'wait',
  'bad-request': 'stop',
  'client-bug': 'stop',
  'registry-unavailable': 'stop',
  'unexpected-status': 'stop',
};

/** The first code and the first words of `{"errors":[{"code","message"}]}`, or of what stands in its place. */
function readErrors(body: string): Pick<Classification, 'code' | 'message'> {
  const document = parseBody(body);
  if (document === undefined) return { code: null, message: readable(/^\s*</.test(body) ? '' : body) };
  if (!isJsonObject(document)) return { code: null, message: null };
  const errors = Array.isArray(document['errors']) ? document['errors'].filter(isJsonObject) : [];
  const message = [...errors, document].flatMap(({ message, details }) => [message, details]).find(isText);
  return { code: errors.map(({ code }) => code).find(isText) ?? null, message: readable(message ?? '') };
}

function isText(value: Json | undefined): value is string {
  return typeof value === 'string' && value !== '';
}

function parseBody(body: string): Json | undefined {
  try {
    return parseJson(body.slice(0, maxErrorBodyBytes), { duplicates: 'last' });
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    return undefined;
  }
}

function readable(text: string): string | null {
  const line = text.replace(/\s+/g, ' ').trim();
  return line === '' ? null : printable(line, maxMessageBytes);
}
