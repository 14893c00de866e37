import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { decodeTokenResponse } from '../../src/registry/token-response.ts';

const now = Date.UTC(2026, 0, 2, 3, 4, 5);
const decode = (body: unknown, status = 200) => decodeTokenResponse(status, JSON.stringify(body), now);

describe('decodeTokenResponse', () => {
  it('gives the refresh token where there is one', () => {
    assert.deepEqual(decode({ token: 't', refresh_token: 'r' }), {
      token: 't',
      expiresAt: now + 60_000,
      refreshToken: 'r',
    });
    assert.deepEqual(decode({ token: 't', refresh_token: '' }), { token: 't', expiresAt: now + 60_000 });
  });

  it('refuses tokens that would not stay inside a header (F-R04)', () => {
    for (const token of ['a b', 'a\r\nX-Evil: 1', 'a\u0000', 'tökén', '\u007f']) {
      assert.deepEqual(decode({ token }), { error: 'invalid-token-response' }, JSON.stringify(token));
      assert.deepEqual(decode({ token: 't', refresh_token: token }), { error: 'invalid-token-response' });
    }
  });

  it('refuses documents of another shape', () => {
    for (const body of [
      [],
      null,
      'text',
      1,
      { token: {} },
      { token: 't', expires_in: '300' },
      { access_token: 1, token: 't' },
    ])
      assert.deepEqual(decode(body), { error: 'invalid-token-response' }, JSON.stringify(body));
    for (const body of ['', '{"token":"t"', '{"token":"t"}x', '\uFEFF{"token":"t"}'])
      assert.deepEqual(decodeTokenResponse(200, body, now), { error: 'invalid-json' }, body);
    for (const body of [{}, { token: '' }, { access_token: null }])
      assert.deepEqual(decode(body), { error: 'no-token' });
  });

  it('keeps every life a date of at least a minute (F-R04)', () => {
    const cases = [
      [0, 60],
      [-1, 60],
      [59, 60],
      [61, 61],
      [1e12, 315_360_000],
      [Number.MAX_VALUE, 315_360_000],
    ] as const;
    for (const [expires_in, seconds] of cases)
      assert.deepEqual(decode({ token: 't', expires_in }), { token: 't', expiresAt: now + seconds * 1000 });
    // JSON has no infinity, but a number too large for us reads as one.
    assert.deepEqual(decodeTokenResponse(200, '{"token":"t","expires_in":1e999}', now), {
      error: 'invalid-token-response',
    });
  });

  it('reads issue times with fractions, offsets and small letters', () => {
    const issued = ['2026-01-02T03:04:00.123456789Z', '2026-01-02t03:04:00.123z', '2026-01-02T05:04:00.123+02:00'];
    for (const issued_at of issued)
      assert.deepEqual(decode({ token: 't', expires_in: 100, issued_at }), {
        token: 't',
        expiresAt: now - 4877 + 100_000,
      });
  });

  it('takes an issue time that makes no sense for now', () => {
    for (const issued_at of [
      '',
      'yesterday',
      '2026-13-45T00:00:00Z',
      '2027-01-01T00:00:00Z',
      '1999-01-01T00:00:00Z',
      12345,
      null,
    ])
      assert.deepEqual(decode({ token: 't', expires_in: 100, issued_at }), { token: 't', expiresAt: now + 100_000 });
  });

  it('tells the kinds of refusal apart by the status', () => {
    const faults = Object.fromEntries(
      [201, 302, 400, 401, 403, 404, 429, 500, 503].map((status) => [status, decode({ token: 't' }, status)]),
    );
    const error = (name: string) => ({ error: name });
    assert.deepEqual(faults, {
      201: error('unexpected-status'),
      302: error('unexpected-status'),
      400: error('bad-request'),
      401: error('credential-refused'),
      403: error('credential-refused'),
      404: error('unexpected-status'),
      429: error('rate-limited'),
      500: error('token-endpoint-unavailable'),
      503: error('token-endpoint-unavailable'),
    });
  });

  it('never throws', () => {
    const members = fc.record({ token: fc.anything(), expires_in: fc.anything(), issued_at: fc.anything() });
    fc.assert(fc.property(fc.oneof(fc.json(), fc.string()), (body) => void decodeTokenResponse(200, body, now)));
    fc.assert(
      fc.property(fc.oneof(members, fc.jsonValue()), (value) => {
        const body = JSON.stringify(value, (_, inner) => (typeof inner === 'bigint' ? 1 : inner));
        if (body !== undefined) decodeTokenResponse(200, body, now);
      }),
    );
  });
});
