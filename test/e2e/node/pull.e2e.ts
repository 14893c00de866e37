/** What a kubelet does with what purser says: pulls that work, that fail and that are mended. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { hosts, type Node, openNode } from './node.ts';
import { needNode } from './surroundings.ts';

describe('a kubelet with purser', { skip: needNode() }, () => {
  let node: Node;
  before(async () => {
    node = await openNode();
  });
  after(() => node?.close());

  test('pulls a private image and runs it', async () => {
    node.publish('always/app');
    node.servePassword(`${hosts.password}/always`);
    const pod = node.pod({ name: 'always', image: `${hosts.password}/always/app:v1`, imagePullPolicy: 'Always' });
    await pod.reaches('running');
    await pod.says('always/app');
    assert.deepEqual(
      pod.events().map(({ reason }) => reason),
      ['Pulling', 'Pulled', 'Created', 'Started'],
    );
  });
});
