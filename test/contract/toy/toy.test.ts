/** A provider's whole test: the contract with its cases. Nothing listens at toy.example; the answers are data. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { parseConfig } from '../../../src/config-file.ts';
import { testContract } from '../suite.ts';
import { now } from '../world.ts';
import { toyDefinition } from './definition.ts';

const image = 'acme.registry.toy.example/team/app';
const issuer = 'https://issuer.toy.example/v1/acme/passwords';
const answering = (status: number, body: string) => ({ answers: { [issuer]: { status, body } } });
const credential = { username: 'pull', password: 's3cret', scope: 'acme.registry.toy.example' };

testContract(toyDefinition, {
  source: 'test/contract/toy/definition.ts',
  recognised: ['acme.registry.toy.example', 'a-1.registry.toy.example'],
  answers: [
    {
      what: 'a password that lives for an hour',
      members: {},
      image,
      ...answering(200, '{"password":"s3cret","expiresIn":3600}'),
      credentials: [{ ...credential, expiresAt: now + 3_600_000 }],
    },
    {
      what: 'a password of which nobody says how long it lives',
      members: { account: 'robot' },
      image,
      ...answering(200, '{"password":"s3cret"}'),
      credentials: [{ ...credential, username: 'robot' }],
    },
  ],
  foreign: [{ what: 'a registry of somebody else', members: {}, image: 'reg.example/team/app' }],
  nothing: [{ what: 'a tenant that is unknown', members: {}, image, ...answering(404, '') }],
  failures: [
    {
      what: 'an account that is refused',
      members: { account: 'robot' },
      image,
      ...answering(403, 'robot has s3cret'),
      code: 'REGISTRY_DENIED',
      secret: 's3cret',
    },
    {
      what: 'an issuer in trouble',
      members: {},
      image,
      ...answering(503, 's3cret'),
      code: 'REGISTRY_UNAVAILABLE',
      secret: 's3cret',
    },
    {
      what: 'an answer that is cut short',
      members: {},
      image,
      ...answering(200, '{"password":"s3cret'),
      code: 'UPSTREAM_FORMAT',
      secret: 's3cret',
    },
    {
      what: 'an issuer that does not answer',
      members: {},
      image: 'other.registry.toy.example/app',
      code: 'NET_CONNECT',
    },
  ],
});

test('its example is a config without problems', async () => {
  const text = readFileSync(new URL('toy.yaml', import.meta.url), 'utf8');
  const { entries } = await parseConfig(text, 'toy.yaml', [toyDefinition]);
  assert.deepEqual(entries[0]?.options, { account: 'robot' });
});
