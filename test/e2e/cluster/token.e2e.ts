/**
 * Service account tokens from end to end: the API server signs them, the kubelet asks for them, purser hands them on, the
 * registry checks them by the API server's keys. What is counted is whom the registry's token service let in, and the runs
 * of purser in its own log.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import { keptRecord } from '../../kept-record.ts';
import { createPod } from '../node/pod.ts';
import { countedErrors } from '../node/provider-failures.ts';
import { needNode, sinceTokens } from '../node/surroundings.ts';
import { type Cluster, openCluster, password, user } from './cluster.ts';
import { annotation, audience, forbiddenAudience, host, hosts } from './providers.ts';
import { recordedShape, recordOf } from './pulled-records.ts';
import { watch } from './watch.ts';

describe('a kubelet that sends the tokens of pods', { skip: needNode({ since: sinceTokens }) }, () => {
  let cluster: Cluster;
  before(async () => {
    cluster = await openCluster();
  });
  after(() => cluster?.close());

  /** One run for an image of the host, and the answer is the account's token. */
  const assertServed = (runs: readonly string[], account: string): void => {
    const answer = `service-account-token: 1 credentials for service account ${account}, Registry \\d+s`;
    assert.equal(runs.length, 1, runs.join('\n'));
    assert.match(runs[0] ?? '', new RegExp(`^${host}/\\S+ \\| ${answer}$`));
  };

  test('a pod pulls as its own account, with the three files of the examples', async () => {
    cluster.publish('first/app');
    const account = await cluster.account({ namespace: 'first', name: 'puller' });
    const seen = watch(cluster);
    const pod = await cluster.pod({ name: 'first', account, images: [`${host}/first/app:v1`] });
    await pod.reaches('running');
    assert.deepEqual(seen.letIn(), ['first/puller']);
    assertServed(seen.runs(), 'first/puller');
    assert.deepEqual(seen.failures(), []);
  });

  test('F-K02: accounts of one name in two namespaces pull one image, each as itself', async () => {
    cluster.publish('crossing/app');
    const images = [`${host}/crossing/app:v1`];
    for (const namespace of ['left', 'right']) {
      // Whoever came with the token of the other one would be refused.
      cluster.login.restrict('crossing/app', [`${namespace}/puller`]);
      const account = await cluster.account({ namespace, name: 'puller' });
      const seen = watch(cluster);
      const name = `crossing-${namespace}`;
      await (await cluster.pod({ name, account, images, imagePullPolicy: 'Always' })).reaches('running');
      assert.deepEqual(seen.letIn(), [`${namespace}/puller`]);
      assertServed(seen.runs(), `${namespace}/puller`);
    }
  });

  test('F-K02: an answer is kept for one token: for all images of a pod, and for no other pod of its account', async () => {
    const repositories = ['kept/one', 'kept/two'];
    for (const repository of repositories) cluster.publish(repository);
    const account = await cluster.account({ namespace: 'kept', name: 'puller' });
    const images = repositories.map((repository) => `${host}/${repository}:v1`);
    for (const name of ['kept-a', 'kept-b']) {
      const seen = watch(cluster);
      await (await cluster.pod({ name, account, images, imagePullPolicy: 'Always' })).reaches('running');
      assertServed(seen.runs(), 'kept/puller');
    }
  });

  test('F-K02: without the annotation that is required purser is not run, and nothing is logged', async () => {
    cluster.publish('annotated/app');
    const images = [`${hosts.annotated}/annotated/app:v1`];
    const plain = await cluster.account({ namespace: 'annotated', name: 'plain' });
    const marked = await cluster.account({ namespace: 'annotated', name: 'marked' }, { [annotation]: 'yes' });
    const seen = watch(cluster);
    const refused = await cluster.pod({ name: 'annotated-plain', account: plain, images });
    await refused.reaches('ErrImagePull');
    assert.deepEqual([seen.runs(), seen.letIn(), seen.failures()], [[], [], []]);
    assert.ok(!seen.said().includes(annotation));
    await refused.remove();
    await (await cluster.pod({ name: 'annotated-marked', account: marked, images })).reaches('running');
    assert.deepEqual(seen.letIn(), ['annotated/marked']);
  });

  test('F-K02: a static pod has no account, so purser is not run for it', async () => {
    cluster.publish('static/app');
    const seen = watch(cluster);
    const pod = createPod(() => cluster.kubelet, { name: 'static', image: `${host}/static/app:v1` });
    await pod.reaches('ErrImagePull');
    assert.deepEqual([seen.runs(), seen.letIn(), seen.failures()], [[], [], []]);
    await pod.remove();
  });

  test('F-K02: an audience that no rule allows is refused in the words that explain gives', async () => {
    cluster.publish('forbidden/app');
    const image = `${hosts.forbidden}/forbidden/app:v1`;
    const account = await cluster.account({ namespace: 'forbidden', name: 'puller' });
    const seen = watch(cluster);
    const pod = await cluster.pod({ name: 'forbidden', account, images: [image] });
    await pod.reaches('ErrImagePull');
    const config = ['--config', cluster.purser.config, '--credential-provider-config', cluster.files.kubelet];
    const explained = JSON.parse(purser('explain', image, '-o', 'json', ...config).stdout);
    const { token } = explained.kubelet.find(({ matches }: { matches: boolean }) => matches);
    assert.deepEqual(token.rule.resources, [forbiddenAudience]);
    assert.ok(
      token.refusals.some((text: string) => seen.failures()[0]?.includes(text)),
      seen.failures().join('\n'),
    );
    assert.deepEqual([seen.runs(), seen.letIn()], [[], []]);
    await pod.remove();
  });

  test('R-REQ-10: a token for another audience than the entry wants reaches nobody', async () => {
    cluster.publish('mismatched/app');
    const account = await cluster.account({ namespace: 'mismatched', name: 'puller' });
    const seen = watch(cluster);
    const pod = await cluster.pod({ name: 'mismatched', account, images: [`${hosts.mismatched}/mismatched/app:v1`] });
    await pod.reaches('ErrImagePull');
    const words = /exit status 4: purser: TOKEN_AUDIENCE: .* \(aud\) is not "another\.example\.com";/;
    assert.match(seen.failures()[0] ?? '', words);
    await pod.remove();
    assert.deepEqual(seen.letIn(), []);
    assert.ok(countedErrors(await cluster.kubelet.metrics(), 'purser-mismatched') > 0);
  });

  test('F-K03: with cacheType ServiceAccount the kubelet refuses its own token, which lint foretells', async () => {
    cluster.publish('shared/app');
    const account = await cluster.account({ namespace: 'shared', name: 'puller' });
    const seen = watch(cluster);
    const pod = await cluster.pod({ name: 'shared', account, images: [`${hosts.shared}/shared/app:v1`] });
    await pod.reaches('ErrImagePull');
    const words =
      /returned the service account token as the password.* which is not allowed when service account cache type is not set to 'Token'/;
    assert.match(seen.failures()[0] ?? '', words);
    await pod.remove();
    assert.deepEqual(seen.letIn(), []);
    const { status, stdout } = purser('lint', cluster.files.kubelet, cluster.purser.config);
    assert.equal(status, 2);
    assert.match(
      stdout,
      /: error: providers\[4\]\.tokenAttributes\.cacheType: .* which a kubelet refuses with this cacheType/,
    );
  });

  test('a pull secret comes before the token, and a wrong one does not hide it', async () => {
    const account = await cluster.account({ namespace: 'secret', name: 'puller' });
    for (const [secret, given, letIn] of [
      ['right', password, [user]],
      ['wrong', 'wrong', [undefined, 'secret/puller']],
    ] as const) {
      cluster.publish(`secret/${secret}`);
      await cluster.pullSecret(account.namespace, secret, { host, password: given });
      const seen = watch(cluster);
      const images = [`${host}/secret/${secret}:v1`];
      const pod = await cluster.pod({ name: `secret-${secret}`, account, images, pullSecrets: [secret] });
      await pod.reaches('running');
      assert.deepEqual(seen.letIn(), letIn);
    }
  });

  test('an image on the node is for the account that pulled it; others must show that they may pull it', {
    skip: needNode({ since: 35 }),
  }, async () => {
    cluster.publish('proved/app');
    cluster.login.restrict('proved/app', ['proved/puller', 'proved/other']);
    const pull = async (account: string, name: string, goal: 'running' | 'ErrImagePull') => {
      const [seen, asked] = [watch(cluster), cluster.requests('proved/app').length];
      const images = [`${host}/proved/app:v1`];
      const pod = await cluster.pod({
        name: `proved-${name}`,
        account: { namespace: 'proved', name: account },
        images,
      });
      await pod.reaches(goal);
      return [seen.letIn(), cluster.requests('proved/app').length > asked];
    };
    for (const name of ['puller', 'other', 'stranger']) await cluster.account({ namespace: 'proved', name });
    assert.deepEqual(await pull('puller', 'first', 'running'), [['proved/puller'], true]);
    assert.deepEqual(await pull('puller', 'again', 'running'), [[], false]);
    assert.deepEqual(await pull('other', 'other', 'running'), [['proved/other'], true]);
    assert.deepEqual(await pull('stranger', 'stranger', 'ErrImagePull'), [['proved/stranger'], true]);
  });

  test('pull records say which account or secret pulled, as in those that were kept', {
    skip: needNode({ since: 35 }),
  }, () => {
    for (const [repository, kept] of [
      ['proved/app', 'service-accounts'],
      ['secret/right', 'pull-secret'],
    ] as const) {
      const record = recordOf(cluster.kubelet.rootFolder, `${host}/${repository}`);
      assert.equal(recordedShape(record?.text ?? ''), recordedShape(keptRecord(kept).text));
      const { imageRef } = JSON.parse(record?.text ?? '');
      assert.equal(record?.name, `sha256-${createHash('sha256').update(imageRef).digest('hex')}`);
    }
    // The secret did not do, so it is not what lets others in.
    const record = recordOf(cluster.kubelet.rootFolder, `${host}/secret/wrong`)?.text ?? '';
    assert.ok(record.includes('"kubernetesServiceAccounts"') && !record.includes('"kubernetesSecrets"'), record);
  });

  test('the registry takes tokens of the API server and no others', async () => {
    const token = await cluster.token({ namespace: 'first', name: 'puller' }, audience);
    const other = await cluster.token({ namespace: 'first', name: 'puller' }, 'another.example.com');
    const [header = '', claims = '', signature = ''] = token.split('.');
    const otherClaims = other.split('.')[1] ?? '';
    const forged = [header, otherClaims, signature].join('.');
    const seen = watch(cluster);
    for (const candidate of [token, other, forged, `${header}.${claims}.`]) await cluster.login.try('jwt', candidate);
    assert.deepEqual(cluster.login.attempts.slice(-4), ['first/puller', undefined, undefined, undefined]);
    assert.deepEqual(seen.letIn(), ['first/puller', undefined]);
  });

  test('nothing secret is in what is logged, counted or told', async () => {
    const events = JSON.stringify(await cluster.apiServer.read('/api/v1/events'));
    const pods = JSON.stringify(await cluster.kubelet.pods());
    const logs = [cluster.kubelet.daemon.log.text(), cluster.purser.log.text()];
    for (const text of [...logs, events, pods, await cluster.kubelet.metrics()]) {
      // The header of every token, up to where the names of their keys begin.
      assert.ok(!text.includes('eyJhbGciOiJSUzI1NiIsImtpZCI6'));
      assert.ok(!text.includes(password));
    }
  });

  const purser = (...args: readonly string[]) => spawnSync(cluster.purser.program, args, { encoding: 'utf8' });
});
