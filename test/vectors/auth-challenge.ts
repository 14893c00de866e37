/**
 * auth-challenge.json: what registries answer, and what we make of it. Sections are kinds; two of them are divided by
 * whose behaviour they are about, because not everybody's is built.
 */
import assert from 'node:assert/strict';
import { redactUrl } from '../../src/redact.ts';
import { type Challenge, chooseChallenge, parseChallenges } from '../../src/registry/challenge.ts';
import { parseContentRange } from '../../src/registry/content-range.ts';
import { type AnswerContext, classifyAnswer } from '../../src/registry/error.ts';
import { parseMediaType } from '../../src/registry/media-type.ts';
import { judgeRealm, type RealmJudgement } from '../../src/registry/realm.ts';
import { judgeRedirect, type RedirectPurpose } from '../../src/registry/redirect.ts';
import { parseRetryAfter } from '../../src/registry/retry-after.ts';
import { mergeScopes } from '../../src/registry/scope.ts';
import { registrableDomain } from '../../src/registry/site.ts';
import { decodeTokenResponse } from '../../src/registry/token-response.ts';
import { parseWarning } from '../../src/registry/warning.ts';
import { containerdSchemes, isContainerdLocalhost } from '../../src/runtime/containerd-scheme.ts';
import { containerdScopes } from '../../src/runtime/containerd-token.ts';
import { casesByKind, listOf, objectOf, textOf, type Vector, type VectorTable } from './table.ts';
import { checkTokenRequest, kindOfTokenRequest } from './token-request.ts';

export const table: VectorTable = {
  name: 'auth-challenge',
  cases: (document) =>
    casesByKind(flatten(document), {
      parse: checkParse,
      realm: checkRealm,
      token_response: checkTokenResponse,
      redirect: checkRedirect,
      registry_error: checkRegistryError,
      log_url: (vector) => assert.equal(redactUrl(textOf(vector, 'url')), vector['expect']),
      warning: (vector) => assert.equal(parseWarning(textOf(vector, 'header')) ?? null, vector['expect']),
      content_type: (vector) => assert.equal(parseMediaType(textOf(vector, 'value')), vector['expect']),
      token_request: checkTokenRequest,
      scope_merge: checkScopes,
      content_range: checkContentRange,
      retry_after: checkRetryAfter,
      default_scheme: checkScheme,
    }),
};

/** This table is a map of sections where others are one list. */
function flatten(document: unknown): unknown {
  const sections = objectOf(objectOf(document)['sections']);
  return Object.keys(sections).flatMap((section) =>
    listOf(sections, section).map((item) => {
      const vector = objectOf(item);
      return { ...vector, kind: kindOf(section, vector) };
    }),
  );
}

function kindOf(section: string, vector: Vector): string {
  if (section === 'token_request') return kindOfTokenRequest(vector);
  if (section !== 'default_scheme') return section;
  const { engine = 'containerd' } = objectOf(vector['options']);
  return engine === 'containerd' ? section : `default_scheme of ${engine}`;
}

function expectOf(vector: Vector): Vector {
  return objectOf(vector['expect']);
}

function checkParse(vector: Vector): void {
  const expect = expectOf(vector);
  const headers = listOf(vector, 'headers').map(String);
  const { challenges, malformed } = parseChallenges(headers);
  assert.deepEqual(challenges.map(plain), expect['challenges']);
  assert.equal(malformed, expect['malformed']);
  const chosen = chooseChallenge(challenges, (realm) => judge(vector, realm));
  assert.equal(chosen.scheme === 'none' ? null : chosen.index, expect['chosen']);
  assert.equal(chosen.scheme === 'none' ? chosen.reason : undefined, expect['reason']);
}

/** The table's members only; an ambiguous realm shows in what is chosen. */
function plain({ scheme, params, token68 }: Challenge): unknown {
  return { scheme, params: { ...params }, ...(token68 !== undefined && { token68 }) };
}

/** Where the table names no request, any realm will do: those cases are about the header alone. */
function judge(vector: Vector, realm: string): RealmJudgement {
  if (vector['requestUrl'] === undefined) return { verdict: 'allow', reason: 'same-host-port', url: realm };
  return judgeRealm(textOf(vector, 'requestUrl'), realm, { registrableDomain });
}

function checkRealm(vector: Vector): void {
  const judgement = judgeRealm(textOf(vector, 'responseUrl'), textOf(vector, 'realm'), { registrableDomain });
  const { url, ...expect } = expectOf(vector);
  assert.deepEqual({ verdict: judgement.verdict, reason: judgement.reason }, expect);
  if (url !== undefined) assert.equal(judgement.verdict === 'deny' ? undefined : judgement.url, url);
}

function checkTokenResponse(vector: Vector): void {
  const { status } = vector;
  assert(typeof status === 'number');
  const decoded = decodeTokenResponse(status, textOf(vector, 'body'), Date.parse(textOf(vector, 'now')));
  const { expiresAt, ...expect } = expectOf(vector);
  if (expiresAt === undefined) assert.deepEqual(decoded, expect);
  else assert.deepEqual(decoded, { ...expect, expiresAt: Date.parse(String(expiresAt)) });
}

function checkRedirect(vector: Vector): void {
  const purpose = (['blob', 'manifest', 'token-get', 'token-post'] satisfies RedirectPurpose[]).find(
    (known) => known === vector['purpose'],
  );
  assert(purpose !== undefined, 'the purpose is known');
  const location = textOf(vector, 'location');
  const judgement = judgeRedirect(purpose, textOf(vector, 'method'), textOf(vector, 'from'), location);
  if (!judgement.follow) {
    assert.deepEqual(judgement, vector['expect']);
    return;
  }
  const { url, ...rest } = judgement;
  assert.deepEqual(rest, vector['expect']);
  if (URL.canParse(location)) assert.equal(url, location, 'the location is sent on as it came');
}

function checkRegistryError(vector: Vector): void {
  const { status } = vector;
  assert(typeof status === 'number');
  const headers = objectOf(vector['headers']);
  const lines = headers['www-authenticate'] === undefined ? [] : [textOf(headers, 'www-authenticate')];
  const answer = { status, body: textOf(vector, 'body'), challenges: parseChallenges(lines).challenges };
  const { message: _, ...classification } = classifyAnswer(answer, contextOf(vector));
  assert.deepEqual(classification, vector['expect']);
}

/** The table tells the situation in a few words. */
function contextOf(vector: Vector): AnswerContext {
  const words = vector['context'] === undefined ? '' : textOf(vector, 'context');
  const sent = /basic was sent/.test(words) ? 'basic' : /token was sent/.test(words) ? 'bearer' : 'nothing';
  return { method: /HEAD/.test(words) ? 'HEAD' : 'GET', sent, redirected: /redirect target/.test(words) };
}

function checkScopes(vector: Vector): void {
  const [wanted, challenge] = ['wanted', 'challenge'].map((name) => listOf(vector, name).map(String));
  assert(wanted !== undefined && challenge !== undefined);
  const expect = expectOf(vector);
  assert.deepEqual(mergeScopes(wanted, challenge), expect['own']);
  assert.deepEqual(containerdScopes(wanted, challenge), expect['containerd']);
}

function checkContentRange(vector: Vector): void {
  // HTTP clients join equal headers.
  const values = listOf(vector, 'values').map(String);
  const range = parseContentRange(values.length === 0 ? null : values.join(', '));
  const expect = expectOf(vector);
  if (expect['error'] === true) assert.equal(range, undefined);
  else assert.deepEqual({ ...range, total: range?.total ?? null }, expect);
}

function checkRetryAfter(vector: Vector): void {
  const wait = parseRetryAfter(textOf(vector, 'value'), Date.parse(textOf(vector, 'now')));
  assert.equal(wait ?? null, vector['expectMs']);
}

function checkScheme(vector: Vector): void {
  const registry = textOf(vector, 'registry');
  const isQuestion = 'question' in objectOf(vector['options']);
  const answer = isQuestion ? isContainerdLocalhost(registry) : containerdSchemes(registry);
  assert.deepEqual(answer, vector['expect']);
}
