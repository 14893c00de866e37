/** What is asked again, how often, and after how long. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type ErrorCode, type PurserError, RegistryError } from '../../src/errors.ts';
import { createRetryBudget } from '../../src/registry/retry.ts';
import { createTestClock } from './test-clock.ts';

const facts = { doing: 'asking', found: 'nothing', todo: 'wait' };
const failure = (code: ErrorCode, retryAfter?: number): RegistryError => new RegistryError(code, facts, retryAfter);

/** Runs something that fails this way each time; resolves with how often it was tried and how long was waited. */
async function failAlways(error: PurserError, random = () => 1) {
  const clock = createTestClock();
  let tries = 0;
  const budget = createRetryBudget({ clock, random, trace: () => undefined });
  const attempt = async (): Promise<never> => {
    tries++;
    throw error;
  };
  await assert.rejects(budget.run(attempt), error);
  return { tries, waits: clock.waits };
}

describe('the retry budget', () => {
  it('waits twice as long each time, any length up to the limit', async () => {
    const { tries, waits } = await failAlways(failure('NET_BROKEN'));
    assert.equal(tries, 6);
    assert.deepEqual(waits, [250, 500, 1000, 2000, 4000]);
    assert.deepEqual((await failAlways(failure('NET_BROKEN'), () => 0.5)).waits, [125, 250, 500, 1000, 2000]);
    assert.deepEqual((await failAlways(failure('NET_BROKEN'), () => 0)).waits, [0, 0, 0, 0, 0]);
  });

  it('is spent by all requests of a pull together', async () => {
    const clock = createTestClock();
    const budget = createRetryBudget({ clock, trace: () => undefined });
    let tries = 0;
    const attempt = async (): Promise<never> => {
      tries++;
      throw failure('REGISTRY_UNAVAILABLE');
    };
    for (let request = 0; request < 4; request++) await assert.rejects(budget.run(attempt));
    assert.equal(tries, 6 + 3);
  });

  for (const code of [
    'REGISTRY_DENIED',
    'REGISTRY_EXPIRED',
    'REGISTRY_NOT_FOUND',
    'REGISTRY_PROTOCOL',
    'UPSTREAM_FORMAT',
    'NET_TLS',
    'NET_DNS',
    'VERIFY_DIGEST',
    'VERIFY_SIZE',
    'POLICY',
  ] as const) {
    it(`is not for ${code}, which does not pass`, async () => {
      assert.deepEqual(await failAlways(failure(code)), { tries: 1, waits: [] });
    });
  }

  it('is not for our own mistakes', async () => {
    const budget = createRetryBudget({ clock: createTestClock(), trace: () => undefined });
    let tries = 0;
    const attempt = async (): Promise<never> => {
      tries++;
      throw new TypeError('a bug');
    };
    await assert.rejects(budget.run(attempt), TypeError);
    assert.equal(tries, 1);
  });

  it('F-R06: heeds Retry-After as far as the budget of time goes', async () => {
    assert.deepEqual(await failAlways(failure('REGISTRY_LIMITED', 7000)), {
      tries: 5,
      waits: [7000, 7000, 7000, 7000],
    });
    assert.deepEqual(await failAlways(failure('REGISTRY_LIMITED', 3_600_000)), { tries: 1, waits: [] });
  });

  it('after a 429 lets no other request of the pull go before the wait is over', async () => {
    const slept: number[] = [];
    const wakers: (() => void)[] = [];
    const sleep = (milliseconds: number): Promise<void> => {
      slept.push(milliseconds);
      return new Promise((resolve) => wakers.push(resolve));
    };
    let elapsed = 0;
    const clock = { now: () => elapsed, monotonic: () => elapsed, sleep };
    const budget = createRetryBudget({ clock, trace: () => undefined });
    let tries = 0;
    const limitedOnce = async (): Promise<void> => {
      if (tries++ === 0) throw failure('REGISTRY_LIMITED', 5000);
    };
    const first = budget.run(limitedOnce);
    await new Promise((resolve) => setImmediate(resolve));
    elapsed = 2000;
    const second = budget.run(limitedOnce);
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(tries, 1);
    assert.deepEqual(slept, [5000, 3000]);
    elapsed = 5000;
    for (const wake of wakers) wake();
    await Promise.all([first, second]);
    assert.equal(tries, 3);
  });

  it('tells of each wait before it waits', async () => {
    const told: unknown[] = [];
    const budget = createRetryBudget({
      clock: createTestClock(),
      random: () => 1,
      trace: (event) => void told.push(event),
    });
    let tries = 0;
    await budget.run(async () => {
      if (tries++ === 0) throw failure('NET_CONNECT');
    });
    assert.deepEqual(told, [{ kind: 'retry', reason: 'asking: nothing; wait', wait: 250 }]);
  });
});
