import assert from 'node:assert/strict';
import { test } from 'node:test';
import { maskEchoes, maskLogins, maskSecret, redactUrl } from '../src/redact.ts';

test('a URL is printed without password and without the values of its query', () => {
  const signed = 'https://u:p@store.example/blob?X-Amz-Signature=s3cret&scope=repository:a:pull&ns=docker.io&empty=';
  assert.equal(
    redactUrl(signed),
    'https://u:xxxxx@store.example/blob?X-Amz-Signature=REDACTED&empty=&ns=docker.io&scope=repository%3Aa%3Apull',
  );
  assert.equal(redactUrl('s3cret'), '(not a URL)');
});

test('what a server gives back of what it was sent is masked, plain and URL-encoded (R-SEC-01)', () => {
  const secrets = ['s3cret&more', 'cm9ib3Q6czNjcmV0', 'abc', ''];
  assert.equal(
    maskEchoes('no: s3cret&more, s3cret%26more, Basic cm9ib3Q6czNjcmV0', secrets),
    'no: ********, ********, Basic ********',
  );
  assert.equal(maskEchoes('nothing of ours, not even abc', secrets), 'nothing of ours, not even abc');
});

test('a secret that is empty is shown to be so', () => {
  assert.deepEqual(['', 's3cret'].map(maskSecret), ['(empty)', '********']);
});

test('a password before a host is hidden wherever it stands, and no image is taken for one (R-SEC-01)', () => {
  assert.equal(maskLogins('auths["https://u:p/q@reg.example"].auth: no'), 'auths["…@reg.example"].auth: no');
  assert.equal(maskLogins('write u:p@reg.example:5000, not v:q@x'), 'write …@reg.example:5000, not …@x');
  const image = 'reg.example:5000/app@sha256:00ff is at 3:14 of user@host';
  assert.equal(maskLogins(image), image);
});
