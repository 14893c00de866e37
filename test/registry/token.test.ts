/** Tokens are asked for once, shared, and let go before their end. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createTokenSource, type TokenAnswer } from '../../src/registry/token.ts';
import { specifiedTokenRequest, type TokenAttempt, type TokenQuestion } from '../../src/registry/token-request.ts';
import { createTestClock } from './test-clock.ts';

const question: TokenQuestion = { realm: 'https://auth.example/token', service: 'reg', repository: 'team/app' };

function createSource({ life = 300, status = 200 } = {}) {
  const clock = createTestClock();
  const asked: TokenAttempt[] = [];
  const tokens = createTokenSource({
    credential: { username: 'robot', password: 'secret' },
    habit: specifiedTokenRequest,
    clock,
    async send(attempt): Promise<TokenAnswer> {
      asked.push(attempt);
      const body = JSON.stringify({ token: `t${asked.length}`, expires_in: life });
      const request = { method: attempt.method, url: attempt.url, status };
      return { status, body, retryAfter: null, request };
    },
  });
  return { tokens, asked, clock };
}

describe('a source of tokens', () => {
  it('asks once for all who want the same at the same time', async () => {
    const { tokens, asked } = createSource();
    const got = await Promise.all([1, 2, 3, 4].map(() => tokens.tokenFor(question)));
    assert.deepEqual(got, ['t1', 't1', 't1', 't1']);
    assert.equal(asked.length, 1);
  });

  it('asks apart for another service, realm, repository or scope', async () => {
    const { tokens, asked } = createSource();
    const others: readonly TokenQuestion[] = [
      { ...question, service: 'other' },
      { ...question, realm: 'https://other.example/token' },
      { ...question, repository: 'team/other' },
      { ...question, scope: 'repository:team/app:pull,push' },
    ];
    await Promise.all([question, ...others].map((each) => tokens.tokenFor(each)));
    assert.equal(asked.length, 5);
  });

  for (const [life, lasts] of [
    [300, 270],
    [60, 45],
    [3600, 3570],
  ] as const) {
    it(`keeps a token of ${life} s for ${lasts} s`, async () => {
      const { tokens, clock } = createSource({ life });
      assert.equal(await tokens.tokenFor(question), 't1');
      clock.advance(lasts * 1000 - 1);
      assert.equal(await tokens.tokenFor(question), 't1');
      clock.advance(1);
      assert.equal(await tokens.tokenFor(question), 't2');
    });
  }

  it('asks once for all who found the same token dead', async () => {
    const { tokens, asked } = createSource();
    const dead = await tokens.tokenFor(question);
    const got = await Promise.all([1, 2, 3].map(() => tokens.tokenFor(question, dead)));
    assert.deepEqual(got, ['t2', 't2', 't2']);
    // Whoever comes late with the first token gets the second, not a third.
    assert.equal(await tokens.tokenFor(question, dead), 't2');
    assert.equal(asked.length, 2);
  });

  it('does not keep a failure', async () => {
    const { tokens, asked } = createSource({ status: 503 });
    await assert.rejects(tokens.tokenFor(question), { code: 'REGISTRY_UNAVAILABLE' });
    await assert.rejects(tokens.tokenFor(question), { code: 'REGISTRY_UNAVAILABLE' });
    assert.equal(asked.length, 2);
  });

  for (const [status, code] of [
    [400, 'REGISTRY_DENIED'],
    [401, 'REGISTRY_DENIED'],
    [403, 'REGISTRY_DENIED'],
    [404, 'REGISTRY_PROTOCOL'],
    [429, 'REGISTRY_LIMITED'],
    [500, 'REGISTRY_UNAVAILABLE'],
  ] as const) {
    it(`calls ${status} of the token service ${code}`, async () => {
      const { tokens } = createSource({ status });
      await assert.rejects(tokens.tokenFor(question), (error: unknown) => {
        assert(error instanceof Error && 'code' in error);
        assert.equal(error.code, code);
        assert(!error.message.includes('t1'));
        return true;
      });
    });
  }
});
