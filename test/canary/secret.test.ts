import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createSecret, formsIn } from './secret.ts';

test('a secret is found in every form, whole or in part, and in no text without it (R-SEC-01)', () => {
  const secret = createSecret();
  const base64 = (text: string) => Buffer.from(text).toString('base64');
  for (const [form, text] of [
    ['plain', `password: ${secret}.`],
    ['plain', `Unexpected token 'C', "${secret.slice(0, 10)}"... is not valid JSON`],
    ['reversed', `x${[...secret].reverse().join('')}x`],
    ['hex', Buffer.from(`user:${secret}`).toString('hex')],
    ['upper-case hex', Buffer.from(`user:${secret}`).toString('hex').toUpperCase()],
    ['URL-encoded', `https://reg.example/?password=${encodeURIComponent(secret)}`],
    ['base64 after 0 bytes', base64(`robot:${secret}`)],
    ['base64 after 1 bytes', base64(`r:12${secret}`)],
    ['base64 after 2 bytes', base64(`user:${secret}`)],
    ['base64url after 2 bytes', Buffer.from(`user:${secret}`).toString('base64url')],
  ] as const) {
    assert.ok(formsIn(text, secret).includes(form), `${form} is not found`);
  }
  assert.deepEqual(formsIn('purser: FILE_EMPTY: reading "/etc/purser/password": it is empty', secret), []);
  assert.deepEqual(formsIn(base64(`user:${createSecret().slice(7)}`), secret), []);
});
