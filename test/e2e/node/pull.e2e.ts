/** What a kubelet does with what purser says: pulls that work, and images that are none of its business. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { hosts, type Node, openNode, password, user } from './node.ts';
import { needNode } from './surroundings.ts';

describe('a kubelet with purser', { skip: needNode(), concurrency: true }, () => {
  let node: Node;
  before(async () => {
    node = await openNode();
  });
  after(() => node?.close());

  const reasons = (pod: { events(): readonly { readonly reason: string }[] }) =>
    pod.events().map(({ reason }) => reason);
  const runsOf = (image: string) => node.purser.log.lines().filter((line) => line.includes(` ${image} `));

  test('Always: pulls a private image and runs it, and asks again for the next pod', async () => {
    node.publish('always/app');
    node.servePassword(`${hosts.password}/always`);
    const pod = { image: `${hosts.password}/always/app:v1`, imagePullPolicy: 'Always' } as const;
    const first = node.pod({ ...pod, name: 'always-first' });
    await first.runs('always/app');
    assert.deepEqual(reasons(first), ['Pulling', 'Pulled', 'Created', 'Started']);
    const pulled = node.registries.password.requests('always/app');
    assert.ok(pulled.some(({ uri, status }) => uri.includes('/blobs/') && status === 200));
    const second = node.pod({ ...pod, name: 'always-second' });
    await second.runs('always/app');
    const again = node.registries.password.requests('always/app').slice(pulled.length);
    assert.deepEqual(
      again.map(({ method, status }) => `${method} ${status}`),
      ['HEAD 401', 'HEAD 200'],
      'the digest is asked for, and nothing is fetched twice',
    );
  });

  test('IfNotPresent: pulls a private image and runs it, and the next pod asks nobody', async () => {
    node.publish('present/app');
    node.servePassword(`${hosts.password}/present`);
    const pod = { image: `${hosts.password}/present/app:v1`, imagePullPolicy: 'IfNotPresent' } as const;
    const first = node.pod({ ...pod, name: 'present-first' });
    await first.runs('present/app');
    assert.deepEqual(reasons(first), ['Pulling', 'Pulled', 'Created', 'Started']);
    const requests = node.registries.password.requests('present/app').length;
    const second = node.pod({ ...pod, name: 'present-second' });
    await second.runs('present/app');
    assert.deepEqual(reasons(second), ['Pulled', 'Created', 'Started']);
    assert.match(second.events()[0]?.message ?? '', /already present on machine/);
    assert.equal(node.registries.password.requests('present/app').length, requests);
  });

  test('a registry with a token service: pulls with the same password and runs', async () => {
    node.publish('token/app');
    node.servePassword(`${hosts.token}/token`);
    const pod = node.pod({ name: 'token', image: `${hosts.token}/token/app:v1` });
    await pod.runs('token/app');
    assert.deepEqual(reasons(pod), ['Pulling', 'Pulled', 'Created', 'Started']);
  });

  test('an image of a registry with a port is asked for with the port', async () => {
    const host = `${hosts.password}:5000`;
    node.containerd.route(host, node.registries.password.host);
    node.publish('team/app');
    node.servePassword(`${host}/team`);
    const pod = node.pod({ name: 'port', image: `${host}/team/app:v1` });
    await pod.runs('team/app');
    assert.equal(runsOf(`${host}/team/app`).length, 1);
  });

  test('a public image without an entry: purser is asked, answers nothing, and the image runs', async () => {
    node.publish('public/app');
    const pod = node.pod({ name: 'public', image: `${hosts.open}/public/app:v1` });
    await pod.runs('public/app');
    assert.match(runsOf(`${hosts.open}/public/app`).join('\n'), /nothing serves this image/);
  });

  test('a public image whose entry is broken: purser fails, and the image runs all the same', async () => {
    node.publish('public-broken/app');
    const missing = `${node.folder}/secrets/never-written`;
    const entry = { provider: 'static', username: user, passwordFile: missing };
    node.purser.serve({ matchImages: [`${hosts.open}/public-broken`], ...entry });
    const pod = node.pod({ name: 'public-broken', image: `${hosts.open}/public-broken/app:v1` });
    await pod.runs('public-broken/app');
    assert.ok(node.kubelet().daemon.log.text().includes(missing), "the kubelet's log has purser's line");
  });

  test('a private image without an entry is an anonymous pull, and no error of a provider', async () => {
    node.publish('unlisted/app');
    const image = `${hosts.password}/unlisted/app`;
    const pod = node.pod({ name: 'unlisted', image: `${image}:v1` });
    const { message } = await pod.reaches('ErrImagePull');
    assert.match(message, /no basic auth credentials|401 Unauthorized/);
    const requests = node.registries.password.requests('unlisted/app');
    assert.ok(requests.length > 0);
    for (const { refusal } of requests) assert.match(refusal ?? '', /invalid authorization credential/);
    assert.match(runsOf(image).join('\n'), /nothing serves this image/);
    const failed = node
      .kubelet()
      .daemon.log.lines()
      .filter((line) => line.includes('Failed to provide') && line.includes(image));
    assert.deepEqual(failed, []);
    await pod.remove();
  });

  test('an image that no provider is named for: purser is not run', async () => {
    node.publish('unknown/app');
    const image = `${hosts.unknown}/unknown/app`;
    node.servePassword(`${hosts.unknown}/unknown`);
    const pod = node.pod({ name: 'unknown', image: `${image}:v1` });
    await pod.reaches('ErrImagePull');
    assert.deepEqual(runsOf(image), []);
    await pod.remove();
  });

  test('a wrong password: ErrImagePull, then ImagePullBackOff; the mended file heals it without a restart', async () => {
    node.publish('mended/app');
    const secret = node.servePassword(`${hosts.password}/mended`, { cacheDuration: '1s' });
    node.purser.secret(secret, 'wrong-horse-battery');
    const pod = node.pod({ name: 'mended', image: `${hosts.password}/mended/app:v1` });
    assert.match((await pod.reaches('ErrImagePull')).message, /401 Unauthorized/);
    const [, refused] = node.registries.password.requests('mended/app');
    assert.match(refused?.refusal ?? '', /authentication failure/);
    assert.match((await pod.reaches('ImagePullBackOff')).message, /^Back-off pulling image/);
    node.purser.secret(secret, password);
    await pod.runs('mended/app');
    assert.deepEqual([...new Set(reasons(pod))], ['Pulling', 'Failed', 'BackOff', 'Pulled', 'Created', 'Started']);
    assert.ok(!node.kubelet().daemon.log.text().includes('wrong-horse-battery'));
  });
});
