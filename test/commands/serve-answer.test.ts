/** serve with a provider that misbehaves, in a process made of plain functions. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { serve } from '../../src/commands/serve.ts';
import type { Credential } from '../../src/credential.ts';
import type { Edge } from '../../src/edge.ts';
import type { ProviderDefinition } from '../../src/provider.ts';
import { requestFor } from '../built.ts';
import { createProcess } from '../fake/process.ts';

/** Serves the one host by itself, so that no config is needed. */
function providing(getCredentials: () => Promise<readonly Credential[]>): ProviderDefinition {
  return {
    name: 'fake',
    decode: () => ({}),
    fields: () => ({}),
    recognises: (host) => host === 'reg.example',
    load: async () => ({
      plan: ({ host, repository }) => {
        return { host, repository, identity: 'test', endpoint: 'test', scope: host, cacheIdentity: 'test' };
      },
      getCredentials,
    }),
  };
}

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

async function serveWith(provider: ProviderDefinition, more: Partial<Edge> = {}): Promise<Ended> {
  const { edge, written } = createProcess(requestFor('reg.example/app'), more);
  return { code: await serve({}, edge, [provider]), ...written };
}

const good: Credential = { username: 'u', password: 'p', scope: 'reg.example', expiresAt: 'never' };

test('an answer is written once, whole', async () => {
  const writes: string[] = [];
  const { code } = await serveWith(
    providing(async () => [good]),
    { writeOut: (text) => void writes.push(text) },
  );
  assert.equal(code, 0);
  assert.equal(writes.length, 1);
});

// What types forbid can still come from a library or a cloud.
for (const [what, credential] of [
  ['a password that is a number', { ...good, password: JSON.parse('7') }],
  ['a user name that is missing', { ...good, username: JSON.parse('null') }],
  ['a life that is no time', { ...good, expiresAt: Number.NaN }],
] as const) {
  test(`an answer that a kubelet would refuse is not written: ${what} (R-SEC-06)`, async () => {
    const result = await serveWith(providing(async () => [credential]));
    assert.deepEqual(result, {
      code: 1,
      stdout: '',
      stderr:
        'purser: INTERNAL: checking the response: a kubelet would refuse it, or read another; this is a bug in purser, please report it with the image name',
    });
  });
}

test('a provider that never answers is given up at the deadline', async () => {
  const controller = new AbortController();
  const never = providing(() => {
    controller.abort();
    return new Promise(() => undefined);
  });
  const result = await serveWith(never, { deadline: () => ({ remaining: () => 0, signal: controller.signal }) });
  assert.equal(result.code, 7);
  assert.equal(result.stdout, '');
  assert.match(result.stderr, /^purser: DEADLINE: answering the request: no answer after 25 s; /);
});

test('a failure ends its line on a terminal only', async () => {
  const failing = providing(async () => {
    throw new Error('x');
  });
  assert.doesNotMatch((await serveWith(failing)).stderr, /\n/);
  assert.match((await serveWith(failing, { isTerminal: () => true })).stderr, /^[^\n]+\n$/);
});
