/** What a provider answers, what it plans before, and how far both may be used. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { PurserError } from '../../src/errors.ts';
import type { ProviderDefinition } from '../../src/provider.ts';
import { type AnswerCase, ask, type Case, prepare } from './cases.ts';
import { runSealed } from './sealed.ts';

export function testAnswer<Options>(
  definition: ProviderDefinition<Options>,
  item: AnswerCase,
  { source, all }: { readonly source: string; readonly all: readonly Case[] },
): void {
  const { what } = item;

  test(`answers ${what}`, async () => {
    assert.deepEqual((await ask(await prepare(definition, item), item)).credentials, item.credentials);
  });

  test(`answers ${what} from its context alone, sealed off from the machine`, () => {
    assert.deepEqual(runSealed(source, definition.name, item), item.credentials);
  });

  test(`plans ${what} without asking anybody, and the same each time`, async () => {
    const { provider, options, request } = await prepare(definition, item);
    const before = JSON.stringify(options);
    const plan = provider.plan(request, options);
    assert.ok(plan !== undefined && !('then' in plan), 'a plan is made at once');
    assert.deepEqual(provider.plan(request, options), plan);
    assert.equal(JSON.stringify(options), before);
    assert.deepEqual([plan.host, plan.repository], [request.host, request.repository]);
    assert.ok(covers(plan.scope, request.image), `${plan.scope} does not cover ${request.image}`);
  });

  test(`keeps the passwords of ${what} out of plan and log (R-SEC-01)`, async () => {
    const { plan, facts, credentials } = await ask(await prepare(definition, item), item);
    const told = JSON.stringify([plan, facts]);
    for (const { password } of credentials) assert.ok(password === '' || !told.includes(password), told);
  });

  test(`gives ${what} credentials for where they are asked for, and no further (R-NET-10)`, async () => {
    const question = await prepare(definition, item);
    const { credentials } = await ask(question, item);
    for (const { scope } of credentials) assert.ok(covers(scope, question.request.image), scope);
    const { host } = question.request;
    if (credentials[0]?.scope !== host) return;
    // To say the host is to say that every image there gets this answer: it is then cached for all of them.
    const repository = fc.stringMatching(/^[a-z]{1,6}(?:\/[a-z]{1,6}){0,2}$/);
    await fc.assert(
      fc.asyncProperty(repository, async (neighbour) => {
        const other = await prepare(definition, { ...item, image: `${host}/${neighbour}` });
        assert.deepEqual((await ask(other, item)).credentials, credentials);
      }),
    );
  });

  test(`makes equal plans only where the same comes of them, in the world of ${what}`, async () => {
    const known = new Map<string, unknown>();
    for (const other of all) {
      const question = await prepare(definition, other);
      const plan = question.provider.plan(question.request, question.options);
      if (plan === undefined) continue;
      // Files and servers of another case are not in this world: then the failure is what comes of it.
      const outcome = await ask(question, item).then(({ credentials }) => credentials, codeOf);
      assert.deepEqual(outcome, known.get(plan.cacheIdentity) ?? outcome);
      known.set(plan.cacheIdentity, outcome);
    }
  });

  test(`does not outlive its deadline for ${what}`, async () => {
    const question = await prepare(definition, item);
    const deadline = new AbortController();
    const end = ask(question, { ...item, isSilent: true }, deadline.signal).then(
      () => 'answered',
      (error: unknown) => (error instanceof PurserError ? 'failed' : error),
    );
    deadline.abort();
    assert.match(String(await Promise.race([end, manyTurns()])), /^(answered|failed)$/);
  });
}

/** Host, or host and path, by whole segments. */
function covers(scope: string, image: string): boolean {
  return image === scope || image.startsWith(`${scope}/`);
}

function codeOf(error: unknown): string {
  if (!(error instanceof PurserError)) throw error;
  return error.code;
}

/** Far more turns of the event loop than an answer in memory takes. */
async function manyTurns(): Promise<string> {
  for (let turn = 0; turn < 1000; turn++) await new Promise((resolve) => setImmediate(resolve));
  return 'still waiting';
}
