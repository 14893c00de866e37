/** The table of verdicts, and what several of them come to. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type ErrorCode, PurserError } from '../src/errors.ts';
import {
  combinedExitCode,
  judgeAnonymous,
  judgeCredential,
  judgeSequence,
  type Outcome,
  type Verdict,
  verdictExitCode,
  verdictOfError,
} from '../src/verdict.ts';

const shown: Outcome = { credentialSent: true };
const never: Outcome = { credentialSent: false };

function failed(code: ErrorCode): Outcome {
  return { credentialSent: true, error: new PurserError(code, { doing: 'asking', found: 'nothing', todo: 'wait' }) };
}

describe('the verdict on a credential', () => {
  const table: readonly (readonly [own: Outcome, anonymous: Outcome, verdict: Verdict])[] = [
    [never, never, 'ignored'],
    [shown, never, 'not-needed'],
    [shown, failed('REGISTRY_DENIED'), 'good'],
    [shown, failed('REGISTRY_NOT_FOUND'), 'good'],
    [shown, failed('REGISTRY_LIMITED'), 'good'],
    [failed('REGISTRY_DENIED'), never, 'denied'],
    [failed('REGISTRY_NOT_FOUND'), never, 'denied'],
    [failed('REGISTRY_DENIED'), failed('REGISTRY_DENIED'), 'denied'],
    [failed('REGISTRY_EXPIRED'), failed('REGISTRY_DENIED'), 'expired'],
    [failed('REGISTRY_NOT_FOUND'), failed('REGISTRY_DENIED'), 'not-found'],
    [failed('REGISTRY_NOT_FOUND'), failed('REGISTRY_NOT_FOUND'), 'not-found'],
    [failed('REGISTRY_LIMITED'), failed('REGISTRY_DENIED'), 'limited'],
    [failed('REGISTRY_LIMITED'), never, 'limited'],
    [failed('NET_DNS'), failed('NET_DNS'), 'unreachable'],
    [failed('VERIFY_DIGEST'), never, 'bad-image'],
    [failed('POLICY'), never, 'refused-by-policy'],
  ];
  for (const [own, anonymous, verdict] of table) {
    const [mine, nobodys] = [own, anonymous].map(({ error }) => error?.code ?? '200');
    it(`is ${verdict} for ${mine}${own.credentialSent ? '' : ' unasked'}, and ${nobodys} to nobody`, () => {
      assert.equal(judgeCredential(own, anonymous).verdict, verdict);
    });
  }

  it('says so where it breaks a public pull', () => {
    for (const code of ['REGISTRY_DENIED', 'REGISTRY_NOT_FOUND', 'REGISTRY_EXPIRED'] as const) {
      assert.match(judgeCredential(failed(code), never).reason, /^it breaks a public pull/);
      assert.doesNotMatch(judgeCredential(failed(code), failed('REGISTRY_DENIED')).reason, /public/);
    }
  });
});

describe('the verdict without a credential', () => {
  it('is not-needed where the image is for everybody, denied where it is not', () => {
    assert.equal(judgeAnonymous(never).verdict, 'not-needed');
    const { verdict, reason } = judgeAnonymous(failed('REGISTRY_DENIED'));
    assert.equal(verdict, 'denied');
    assert.match(reason, /^no entry matches/);
    assert.equal(judgeAnonymous(failed('REGISTRY_NOT_FOUND')).verdict, 'not-found');
  });
});

describe('the verdict on an image', () => {
  const judge = (...verdicts: readonly Verdict[]): Verdict => {
    return judgeSequence(verdicts.map((verdict, index) => ({ verdict, reason: `${index}` }))).verdict;
  };

  it('is that of the first credential that pulls, whatever failed before', () => {
    assert.equal(judge('denied', 'good', 'not-needed'), 'good');
    assert.equal(judge('limited', 'not-found', 'not-needed'), 'not-needed');
    assert.equal(judge('ignored'), 'ignored');
  });

  it('is what weighs most where none pulls', () => {
    assert.equal(judge('not-found', 'denied', 'limited'), 'denied');
    assert.equal(judge('expired', 'denied'), 'expired');
    assert.equal(judge('denied', 'bad-image'), 'bad-image');
    assert.equal(judge('limited', 'not-found'), 'not-found');
    assert.equal(judge('denied', 'refused-by-policy'), 'refused-by-policy');
  });
});

describe('exit codes', () => {
  const codes: readonly (readonly [Verdict, number])[] = [
    ['good', 0],
    ['not-needed', 0],
    ['ignored', 0],
    ['denied', 5],
    ['expired', 5],
    ['not-found', 10],
    ['limited', 6],
    ['unreachable', 6],
    ['bad-image', 9],
    ['refused-by-policy', 4],
  ];
  for (const [verdict, code] of codes) {
    it(`${verdict} is ${code}`, () => {
      assert.equal(verdictExitCode(verdict), code);
    });
  }

  it('of several images are the first of 9, 4, 5, 10, 6', () => {
    const order: Verdict[] = ['unreachable', 'not-found', 'denied', 'refused-by-policy', 'bad-image'];
    const found: number[] = [];
    for (let count = 1; count <= order.length; count++)
      found.push(combinedExitCode(['good', ...order.slice(0, count)]));
    assert.deepEqual(found, [6, 10, 5, 4, 9]);
    assert.equal(combinedExitCode(['good', 'ignored', 'not-needed']), 0);
    assert.equal(combinedExitCode([]), 0);
  });

  it('agree with those of the errors behind them', () => {
    for (const code of [
      'REGISTRY_DENIED',
      'REGISTRY_EXPIRED',
      'REGISTRY_NOT_FOUND',
      'REGISTRY_LIMITED',
      'REGISTRY_UNAVAILABLE',
      'REGISTRY_PROTOCOL',
      'UPSTREAM_FORMAT',
      'NET_CONNECT',
      'NET_DNS',
      'NET_TLS',
      'NET_TIMEOUT',
      'NET_BROKEN',
      'VERIFY_DIGEST',
      'VERIFY_SIZE',
      'VERIFY_MANIFEST',
      'VERIFY_PLATFORM',
      'POLICY',
    ] as const) {
      const { error } = failed(code);
      assert(error !== undefined);
      const verdict = verdictOfError(error);
      assert(verdict !== undefined, code);
      assert.equal(verdictExitCode(verdict), error.exitCode, code);
    }
  });

  it('are not made of errors that say nothing about a pull', () => {
    for (const code of ['INTERNAL', 'CONFIG_INVALID', 'CA_FILE', 'REQ_IMAGE', 'DEADLINE'] as const) {
      const { error } = failed(code);
      assert.equal(error && verdictOfError(error), undefined);
    }
  });
});
