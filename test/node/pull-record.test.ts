import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, it } from 'node:test';
import { hashAuthConfig, imageOfRecord } from '../../src/node/pull-record.ts';

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

describe('hashAuthConfig', () => {
  it('hashes the JSON that Go writes, in which empty members are left out', () => {
    assert.equal(hashAuthConfig({ username: 'u', password: '' }), sha256('{"username":"u"}'));
    assert.equal(hashAuthConfig({ username: '', password: 'a<b' }), sha256('{"password":"a\\u003cb"}'));
    assert.equal(hashAuthConfig({ username: '', password: '' }), sha256('{}'));
  });
});

describe('imageOfRecord', () => {
  it('cuts tag and digest and leaves the rest as written', () => {
    const digest = `sha256:${'0'.repeat(64)}`;
    assert.equal(imageOfRecord(`Reg.io:5000/a:v1@${digest}`), 'Reg.io:5000/a');
    assert.equal(imageOfRecord('nginx'), 'nginx');
    assert.equal(imageOfRecord('reg.io:5000'), 'reg.io');
  });
});
