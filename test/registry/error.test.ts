import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseChallenges } from '../../src/registry/challenge.ts';
import { type AnswerContext, classifyAnswer } from '../../src/registry/error.ts';

const asked: AnswerContext = { method: 'GET', sent: 'bearer' };

function classify(status: number, body = '', context: AnswerContext = asked, header?: string) {
  const { challenges } = parseChallenges(header === undefined ? [] : [header]);
  return classifyAnswer({ status, challenges, body }, context);
}

describe('classifyAnswer', () => {
  it('calls a 401 a challenge only while nothing was sent', () => {
    assert.equal(classify(401, '', { method: 'GET', sent: 'nothing' }).class, 'challenge');
    assert.equal(classify(401, '', { method: 'GET', sent: 'basic' }).class, 'denied');
    assert.equal(classify(401).class, 'denied');
  });

  it('believes invalid_token only of a bearer challenge to a bearer token', () => {
    const header = 'Bearer realm="https://a.example/",error="invalid_token"';
    assert.equal(classify(401, '', asked, header).class, 'token-expired');
    assert.equal(classify(401, '', { method: 'GET', sent: 'basic' }, header).class, 'denied');
    assert.equal(classify(401, '', asked, 'Basic realm="x",error="invalid_token"').class, 'denied');
    assert.equal(classify(403, '', asked, header).class, 'denied');
  });

  it('takes storage that forgot its signature for an expired redirect, and nothing else', () => {
    const redirected: AnswerContext = { method: 'GET', sent: 'nothing', redirected: true };
    for (const status of [401, 403]) assert.equal(classify(status, '', redirected).class, 'redirect-expired');
    assert.equal(classify(400, '<Code>ExpiredToken</Code>', redirected).class, 'redirect-expired');
    assert.equal(classify(400, '<Code>InvalidRange</Code>', redirected).class, 'bad-request');
    assert.equal(classify(404, '', redirected).class, 'not-found');
    assert.equal(classify(400, '<Code>ExpiredToken</Code>').class, 'bad-request');
  });

  it('owns up to having sent Authorization to storage', () => {
    const body = '<Error><Code>InvalidArgument</Code><Message>Only one auth mechanism allowed</Message></Error>';
    const { class: answerClass, loop } = classify(400, body, { method: 'GET', sent: 'bearer', redirected: true });
    assert.deepEqual([answerClass, loop], ['client-bug', 'stop']);
  });

  it('asks again as GET where HEAD is not allowed, but not for ever', () => {
    assert.equal(classify(405, '', { method: 'HEAD', sent: 'nothing' }).loop, 'answer');
    assert.equal(classify(405).loop, 'stop');
  });

  it('knows which server errors pass', () => {
    for (const status of [408, 500, 502, 503, 504, 522])
      assert.equal(classify(status).class, 'registry-unavailable', `${status}`);
    for (const status of [204, 301, 402, 409, 410, 418, 501, 505])
      assert.equal(classify(status).class, 'unexpected-status', `${status}`);
  });

  it('reports the first code and message, whatever else the body holds', () => {
    const body = '{"errors":[{"detail":1},{"code":"DENIED","message":"not\\nyou"},{"code":"UNKNOWN"}]}';
    const { code, message } = classify(403, body);
    assert.deepEqual([code, message], ['DENIED', 'not you']);
    assert.equal(
      classify(401, '{"details":"incorrect username or password"}').message,
      'incorrect username or password',
    );
    assert.equal(classify(404, 'Not found\r\n').message, 'Not found');
    for (const unreadable of ['', '<html>x</html>', '[]', '{"errors":"x"}', '{"errors":[null,"x"]}']) {
      const read = classify(404, unreadable);
      assert.deepEqual([read.code, read.message], [null, null], unreadable);
    }
  });

  it('shows no control characters and no flood', () => {
    const { message } = classify(403, `{"errors":[{"code":"DENIED","message":"\\u001b[31m${'x'.repeat(9999)}"}]}`);
    assert(message?.startsWith('\\u001b[31mxxx'));
    assert(Buffer.byteLength(message ?? '') <= 300);
  });
});
