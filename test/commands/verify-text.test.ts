/** The report for people: its colours, its bounds, and what others wrote in it. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { describeReport } from '../../src/commands/verify-text.ts';
import type { VerifyReport } from '../../src/verify.ts';

const request = { method: 'GET', url: 'https://reg.example/v2/app/manifests/1', status: 200 };
const report: VerifyReport = {
  image: 'reg.example/app:1',
  verdict: 'denied',
  reason: 'no',
  credentials: [
    { provider: 'static', key: 'reg.example', verdict: 'denied', reason: 'no', decidedBy: request, steps: [] },
    { provider: 'static', key: 'reg.example/x', verdict: 'good', reason: 'yes', decidedBy: request, steps: [] },
  ],
  notAsked: ['reg.example/y'],
  anonymous: { verdict: 'good', decidedBy: request, steps: [{ request, sent: 'nothing' }] },
  blobs: 1,
  bytes: 0,
  notices: [],
  warnings: ['the registry says: \u001B[2J\nclosed'],
};

describe('the report for people', () => {
  it('has colour only where it is wanted', () => {
    assert.doesNotMatch(describeReport(report, { level: 'full', color: false }), /\u001B/);
    const painted = describeReport(report, { level: 'full', color: true });
    assert.match(painted, /\u001B\[31mdenied\u001B\[39m/);
    assert.match(painted, /\u001B\[32mgood\u001B\[39m/);
  });

  it('lets nobody else draw on the terminal', () => {
    for (const color of [true, false]) {
      const text = describeReport(report, { level: 'full', color });
      assert.match(text, /warning: the registry says: \\u001b\[2J\\u000aclosed\n/);
    }
  });

  it('says in which order a kubelet tries, and what was left out', () => {
    const text = describeReport(report, { level: 'full', color: false });
    assert.match(text, /tries them in this order until one pulls:\n {2}1\. for reg\.example, from static: denied\n/);
    assert.match(text, /not tried: the credential for reg\.example\/y/);
    assert.match(text, /1 blob can be had/);
  });
});
