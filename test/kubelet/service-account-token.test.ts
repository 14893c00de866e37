/** What is a service account token, and what it says. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { decodeServiceAccountToken } from '../../src/kubelet/service-account-token.ts';
import { encodePart, tokenOf } from '../jwt.ts';

test('a token as an API server writes it', () => {
  assert.deepEqual(decodeServiceAccountToken(tokenOf(1_700_000_000)), {
    issuer: 'https://kubernetes.default.svc',
    audiences: ['registry.example'],
    expiresAt: 1_700_003_600_000,
    notBefore: 1_700_000_000_000,
    account: { namespace: 'team', name: 'puller' },
  });
});

test('one audience may be text, and a begin may be left out', () => {
  const claims = decodeServiceAccountToken(tokenOf(1, { claims: { aud: 'one', nbf: undefined } }));
  assert.ok(!('problem' in claims));
  assert.deepEqual([claims.audiences, claims.notBefore], [['one'], undefined]);
});

// A subject, and the account that may be shown.
for (const [subject, account] of [
  ['system:serviceaccount:a:b.c-d', 'a/b.c-d'],
  ['system:serviceaccount:a', undefined],
  ['system:serviceaccount:a:b:c', undefined],
  ['system:serviceaccount:a:B', undefined],
  ['system:serviceaccount:a:b\u202e', undefined],
  ['system:serviceaccount:a.b:c', undefined],
  [`system:serviceaccount:a:${'b'.repeat(254)}`, undefined],
  ['system:node:a', undefined],
  [7, undefined],
  [undefined, undefined],
] as const) {
  test(`the subject ${JSON.stringify(subject)} is ${account ?? 'no account'}`, () => {
    const claims = decodeServiceAccountToken(tokenOf(1, { claims: { sub: subject } }));
    assert.ok(!('problem' in claims));
    const { namespace, name } = claims.account ?? {};
    assert.equal(claims.account && `${namespace}/${name}`, account);
  });
}

const [header, payload, signature] = tokenOf(1).split('.');

/** The same claims and one more, whose value is a byte that UTF-8 does not know. */
function latin1(part = ''): string {
  const text = Buffer.from(part, 'base64url').toString('latin1');
  return Buffer.from(text.replace('{', '{"x":"\xff",'), 'latin1').toString('base64url');
}

// What is no token, and why.
for (const [what, token, problem] of [
  ['nothing', '', /three parts/],
  ['two parts', `${header}.${payload}`, /three parts/],
  ['no signature (alg none)', `${header}.${payload}.`, /three parts/],
  ['four parts', `${header}.${payload}.${signature}.x`, /three parts/],
  ['padding', `${header}.${payload}=.${signature}`, /three parts/],
  ['a line end', `${header}.${payload}.${signature}\n`, /three parts/],
  ['a header that is no JSON', `x.${payload}.${signature}`, /header/],
  ['a header without alg', tokenOf(1, { header: { kid: 'k1' } }), /header/],
  ['a header that is text', tokenOf(1, { header: 'RS256' }), /header/],
  ['claims that are no JSON', `${header}.eA.${signature}`, /no claims/],
  ['claims that are a list', `${header}.${encodePart([1])}.${signature}`, /no claims/],
  ['claims in other bytes than UTF-8', `${header}.${latin1(payload)}.${signature}`, /no claims/],
  ['a claim that is there twice', `${header}.${Buffer.from('{"a":1,"a":2}').toString('base64url')}.x`, /no claims/],
  ['no issuer', tokenOf(1, { claims: { iss: undefined } }), /\(iss\)/],
  ['an empty issuer', tokenOf(1, { claims: { iss: '' } }), /\(iss\)/],
  ['no audience', tokenOf(1, { claims: { aud: undefined } }), /\(aud\)/],
  ['an empty list of audiences', tokenOf(1, { claims: { aud: [] } }), /\(aud\)/],
  ['a number among audiences', tokenOf(1, { claims: { aud: ['a', 1] } }), /\(aud\)/],
  ['no expiry', tokenOf(1, { claims: { exp: undefined } }), /\(exp\)/],
  ['an expiry in words', tokenOf(1, { claims: { exp: '1' } }), /\(exp\)/],
  ['an expiry before all time', tokenOf(1, { claims: { exp: -1 } }), /\(exp\)/],
  ['an expiry after all time', tokenOf(1, { claims: { exp: 1e300 } }), /\(exp\)/],
  ['a begin in words', tokenOf(1, { claims: { nbf: 'now' } }), /\(nbf\)/],
] as const) {
  test(`${what} is no token (R-REQ-10)`, () => {
    const decoded = decodeServiceAccountToken(token);
    assert.ok('problem' in decoded);
    assert.match(decoded.problem, problem);
  });
}

test('whatever comes, what is said of it quotes none of it (R-SEC-01)', () => {
  const part = fc.oneof(
    fc.string(),
    fc.json().map((text) => Buffer.from(text).toString('base64url')),
  );
  fc.assert(
    fc.property(fc.array(part, { minLength: 1, maxLength: 4 }), (parts) => {
      const decoded = decodeServiceAccountToken(parts.join('.'));
      const told = [/three parts/, /header/, /claims/, /\(iss\)/, /\(aud\)/, /\(exp\)/, /\(nbf\)/];
      assert.ok('problem' in decoded && told.some((known) => known.test(decoded.problem)));
      assert.ok(decoded.problem.length < 100);
    }),
  );
});
