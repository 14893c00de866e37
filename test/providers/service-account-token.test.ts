/** `provider: service-account-token`. What a kubelet does with its answers is in test/e2e/cluster/. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { serviceAccountTokenDefinition } from '../../providers/service-account-token/definition.ts';
import { parseConfig } from '../../src/config-file.ts';
import { describe, exitCode, PurserError } from '../../src/errors.ts';
import type { JsonObject } from '../../src/json.ts';
import { toPlanRequest } from '../../src/plugin.ts';
import { ask, type Case, prepare } from '../contract/cases.ts';
import { testContract } from '../contract/suite.ts';
import { now } from '../contract/world.ts';
import { type TokenParts, tokenOf } from '../jwt.ts';

const image = 'registry.example/team/app';
const members: JsonObject = { audience: 'registry.example', kubeletCacheType: 'Token' };
const issuer = 'https://kubernetes.default.svc';
const seconds = now / 1000;
const token = tokenOf(seconds);
const credential = { username: 'jwt', password: token, scope: 'registry.example', expiresAt: now + 3_600_000 };

/** A case that carries a token; the token must stand in no error. */
const carrying = (parts: TokenParts, more: JsonObject = {}) => {
  const serviceAccountToken = tokenOf(seconds, parts);
  return { members: { ...members, ...more }, image, serviceAccountToken, secret: serviceAccountToken };
};

testContract(serviceAccountTokenDefinition, {
  source: 'providers/service-account-token/definition.ts',
  answers: [
    { what: 'the token', members, image, serviceAccountToken: token, credentials: [credential] },
    {
      what: 'the token under another user name, from the right issuer',
      members: { ...members, username: 'oidc', issuer },
      image: 'registry.example:5000/app',
      serviceAccountToken: token,
      credentials: [{ ...credential, username: 'oidc', scope: 'registry.example:5000' }],
    },
    {
      what: 'the token of another pod',
      members,
      image,
      serviceAccountToken: tokenOf(seconds, { claims: { jti: '2' } }),
      credentials: [{ ...credential, password: tokenOf(seconds, { claims: { jti: '2' } }) }],
    },
  ],
  failures: [
    { what: 'a pod without a token', members, image, code: 'TOKEN_MISSING' },
    {
      what: 'a text that is no token',
      members,
      image,
      serviceAccountToken: 's3cret',
      secret: 's3cret',
      code: 'TOKEN_INVALID',
    },
    {
      what: 'a token for others',
      ...carrying({ claims: { aud: ['registry.example.evil.example'] } }),
      code: 'TOKEN_AUDIENCE',
    },
    { what: 'a token of another issuer', ...carrying({}, { issuer: `${issuer}.evil.example` }), code: 'TOKEN_ISSUER' },
    { what: 'a token that expired', ...carrying({ claims: { exp: seconds - 60 } }), code: 'TOKEN_EXPIRED' },
    { what: 'a token of tomorrow', ...carrying({ claims: { nbf: seconds + 86_400 } }), code: 'TOKEN_EARLY' },
  ],
});

async function failureOf(parts: TokenParts | undefined, more: JsonObject = {}): Promise<PurserError> {
  const given = parts === undefined ? {} : { serviceAccountToken: tokenOf(seconds, parts) };
  const item: Case = { what: '', members: { ...members, ...more }, image, ...given };
  const error: unknown = await ask(await prepare(serviceAccountTokenDefinition, item), item).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof PurserError);
  return error;
}

test('R-REQ-09: without a token it fails closed, and says what is missing', async () => {
  const error = await failureOf(undefined);
  assert.equal(error.exitCode, exitCode.policy);
  assert.match(describe(error), /the request carries none; .*tokenAttributes .*"registry\.example"/);
});

// Forged claims, and the claim that is at fault.
for (const [what, claims, code, found] of [
  ['another audience', { aud: 'other' }, 'TOKEN_AUDIENCE', /\(aud\) is not "registry\.example";/],
  ['an audience that only begins so', { aud: ['registry.example.evil'] }, 'TOKEN_AUDIENCE', /\(aud\)/],
  ['an audience in other letters', { aud: ['Registry.example'] }, 'TOKEN_AUDIENCE', /\(aud\)/],
  ['another issuer', { iss: `${issuer}/` }, 'TOKEN_ISSUER', /\(iss\) is not "https:\/\/kubernetes\.default\.svc";/],
  [
    'an expiry a minute ago',
    { exp: seconds - 60 },
    'TOKEN_EXPIRED',
    /\(exp\) at 2026-11-24T11:59:00\.000Z; .*12:00:00/,
  ],
  ['a begin in two minutes', { nbf: seconds + 120 }, 'TOKEN_EARLY', /\(nbf\) at 2026-11-24T12:02:00\.000Z; .*12:00:00/],
  ['no expiry', { exp: undefined }, 'TOKEN_INVALID', /\(exp\)/],
] as const) {
  test(`R-REQ-10: a token with ${what} is handed to nobody`, async () => {
    const error = await failureOf({ claims }, { issuer });
    assert.deepEqual([error.code, error.exitCode], [code, exitCode.policy]);
    assert.match(describe(error), found);
  });
}

// Claims that a registry would take.
for (const [what, claims] of [
  ['several audiences, one of them the right one', { aud: ['https://kubernetes.default.svc', 'registry.example'] }],
  ['an expiry that clocks may see differently', { exp: seconds - 59 }],
  ['a begin that clocks may see differently', { nbf: seconds + 60 }],
  ['a fraction of a second in its expiry', { exp: seconds + 0.5 }],
] as const) {
  test(`hands on a token with ${what}`, async () => {
    const item: Case = { what, members, image, serviceAccountToken: tokenOf(seconds, { claims }) };
    const { credentials } = await ask(await prepare(serviceAccountTokenDefinition, item), item);
    assert.deepEqual(
      credentials.map(({ password }) => password),
      [item.serviceAccountToken],
    );
  });
}

test('R-REQ-08: no annotation changes anything', async () => {
  const { provider, options } = await prepare(serviceAccountTokenDefinition, { members, image });
  const plans = [{}, { audience: 'other', 'purser/username': 'admin' }].map((serviceAccountAnnotations) => {
    return provider.plan(toPlanRequest({ image, serviceAccountToken: token, serviceAccountAnnotations }), options);
  });
  assert.deepEqual(plans[0], plans[1]);
});

test('the plan names the account as the token does, and nobody where it names none', async () => {
  const identity = async (parts?: TokenParts): Promise<string | undefined> => {
    const given = parts === undefined ? {} : { serviceAccountToken: tokenOf(seconds, parts) };
    const { provider, options, request } = await prepare(serviceAccountTokenDefinition, { members, image, ...given });
    return provider.plan(request, options)?.identity;
  };
  assert.equal(await identity({}), 'service account team/puller');
  assert.equal(
    await identity({ claims: { sub: 'system:serviceaccount:team:\u001b[2J' } }),
    "the pod's service account",
  );
  assert.equal(await identity(), "the pod's service account");
});

test('F-K03: an entry that does not promise cacheType Token is refused, with the reason', async () => {
  for (const promise of ['', ', kubeletCacheType: ServiceAccount']) {
    const entry = `{ matchImages: [registry.example], provider: service-account-token, audience: a${promise} }`;
    const text = `apiVersion: purser/v1\nkind: PurserConfig\nregistries: [${entry}]\n`;
    await assert.rejects(parseConfig(text, 'x.yaml', [serviceAccountTokenDefinition]), (error) => {
      assert.match(
        describe(error),
        /kubeletCacheType: write Token, as tokenAttributes\.cacheType of the kubelet's config/,
      );
      return true;
    });
  }
});
