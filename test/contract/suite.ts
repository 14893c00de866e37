/**
 * The contract that every provider passes (docs/writing-a-provider.md). A provider's test names its cases as data and
 * calls this; what only that provider does, it tests beside.
 */
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { describe, ProviderError, PurserError } from '../../src/errors.ts';
import type { ProviderDefinition } from '../../src/provider.ts';
import { testAnswer } from './answers.ts';
import { ask, type Case, type ContractCases, type FailureCase, prepare } from './cases.ts';
import { testMembers } from './members.ts';
import { testModules } from './modules.ts';
import { testRecognition } from './recognition.ts';

/** Milliseconds; it ends a provider that waits for ever. One that keeps the contract needs seconds. */
const timeout = 120_000;

export function testContract<Options>(definition: ProviderDefinition<Options>, cases: ContractCases): void {
  const { source, recognised = [], answers, foreign = [], nothing = [], failures } = cases;
  const all = [...answers, ...foreign, ...nothing, ...failures];
  suite(`${definition.name} keeps the contract`, { timeout }, () => {
    testModules(source);
    testMembers(definition, all);
    testRecognition(definition, recognised);
    for (const item of answers) testAnswer(definition, item, { source, all });
    for (const item of foreign) testForeign(definition, item);
    for (const item of nothing) testNothing(definition, item);
    for (const item of failures) testFailure(definition, item);
  });
}

function testForeign<Options>(definition: ProviderDefinition<Options>, item: Case): void {
  test(`declines ${item.what} before it asks anybody`, async () => {
    const { provider, options, request } = await prepare(definition, item);
    assert.equal(provider.plan(request, options), undefined);
  });
}

function testNothing<Options>(definition: ProviderDefinition<Options>, item: Case): void {
  test(`has nothing for ${item.what}, which is no error`, async () => {
    assert.deepEqual((await ask(await prepare(definition, item), item)).credentials, []);
  });
}

function testFailure<Options>(definition: ProviderDefinition<Options>, item: FailureCase): void {
  const { what, code, secret } = item;

  test(`fails for ${what} with ${code}, and tells no secret (R-SEC-01)`, async () => {
    const error: unknown = await ask(await prepare(definition, item), item).then(
      () => assert.fail('it answers'),
      (reason: unknown) => reason,
    );
    assert.ok(error instanceof PurserError, 'a failure is a PurserError');
    assert.equal(error.code, code);
    if (error instanceof ProviderError) assert.equal(error.provider, definition.name);
    if (secret === undefined) return;
    assert.ok(JSON.stringify({ ...item, secret: '' }).includes(secret), 'the secret is not in the case');
    assert.ok(!`${describe(error)}${JSON.stringify(error.facts)}`.includes(secret), describe(error));
  });
}
