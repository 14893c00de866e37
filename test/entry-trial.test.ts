/** What a trial of a config's entries finds, and that it asks nobody. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { providers } from '../providers/index.ts';
import { decodeConfig } from '../src/config.ts';
import { tryEntries } from '../src/entry-trial.ts';
import { ProviderError } from '../src/errors.ts';
import type { Machine } from '../src/plugin.ts';
import type { Provider, ProviderDefinition } from '../src/provider.ts';
import { folder } from './built.ts';

function machine(): Machine {
  return {
    clock: { now: () => 0, monotonic: () => 0, sleep: async () => undefined },
    deadline: { remaining: () => 25_000, signal: new AbortController().signal },
    env: {},
    uid: undefined,
    log: () => undefined,
    fetch: () => () => assert.fail('asks nobody'),
  };
}

async function faultsOf(entry: object, more: readonly ProviderDefinition[] = []): Promise<string[]> {
  const registries = JSON.parse(JSON.stringify([{ matchImages: ['*.example:5000/team'], ...entry }]));
  const config = decodeConfig({ apiVersion: 'purser/v1', kind: 'PurserConfig', registries }, [...providers, ...more]);
  assert.ok(config);
  return (await tryEntries(config, machine())).map(({ code, file = '-' }) => `${code} ${file.split('/').at(-1)}`);
}

function files(t: TestContext) {
  const path = folder(t, { good: 'x', empty: '', docker: '{"auths":{"*.example:5000":{"auth":"%"}}}' });
  return (name: string): string => join(path, name);
}

/** A provider that is of no use without the network. */
function remote(getCredentials: Provider['getCredentials']): ProviderDefinition {
  const plan: Provider['plan'] = ({ host, repository }) => {
    return { host, repository, identity: '', endpoint: '', scope: host, cacheIdentity: '' };
  };
  return {
    name: 'remote',
    decode: () => ({}),
    fields: () => ({}),
    recognises: () => false,
    load: async () => ({ plan, getCredentials }),
  };
}

test('an entry whose files are right has no faults', async (t) => {
  const file = files(t);
  assert.deepEqual(await faultsOf({ provider: 'static', usernameFile: file('good'), passwordFile: file('good') }), []);
});

test('both halves of a credential are looked at', async (t) => {
  const file = files(t);
  const entry = { provider: 'static', usernameFile: file('absent'), passwordFile: file('empty') };
  assert.deepEqual(await faultsOf(entry), ['FILE_MISSING absent', 'FILE_EMPTY empty']);
});

test('a docker config is read as serve would read it', async (t) => {
  const file = files(t);
  assert.deepEqual(await faultsOf({ provider: 'docker-config', path: file('docker') }), ['FILE_CONTENT docker']);
  assert.deepEqual(await faultsOf({ provider: 'docker-config', path: file('absent') }), ['FILE_MISSING absent']);
  assert.deepEqual(
    await faultsOf({ provider: 'docker-config', rootDir: file('absent'), workingDir: file('absent') }),
    [],
  );
});

test('where a pod would bring its token, the trial ends without a fault', async () => {
  const entry = { provider: 'service-account-token', audience: 'a', kubeletCacheType: 'Token' };
  assert.deepEqual(await faultsOf(entry), []);
});

test('where a provider would ask somebody, the trial ends without a fault', async () => {
  const asks = remote(async (_, __, { fetch }) => {
    await fetch('api', { url: 'https://token.example', method: 'GET', headers: {} });
    return assert.fail('somebody answered');
  });
  assert.deepEqual(await faultsOf({ provider: 'remote' }, [asks]), []);
  const wraps = remote(async (_, __, { fetch }) => {
    try {
      await fetch('api', { url: 'https://token.example', method: 'GET', headers: {} });
    } catch (cause) {
      throw new ProviderError('NET_CONNECT', 'remote', { doing: 'asking', found: 'nobody', todo: 'wait', cause });
    }
    return [];
  });
  assert.deepEqual(await faultsOf({ provider: 'remote' }, [wraps]), []);
});

test('what else a provider objects to is a fault, and a mistake of ours is none', async () => {
  const objects = remote(async () => {
    throw new ProviderError('CONFIG_INVALID', 'remote', { doing: 'reading', found: 'nonsense', todo: 'mend it' });
  });
  assert.deepEqual(await faultsOf({ provider: 'remote' }, [objects]), ['CONFIG_INVALID -']);
  const breaks = remote(async () => {
    throw new TypeError('ours');
  });
  await assert.rejects(faultsOf({ provider: 'remote' }, [breaks]), TypeError);
});
