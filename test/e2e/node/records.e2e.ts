/**
 * What a kubelet writes down about a pull with credentials of the whole node, which are those of a plugin that is not
 * given tokens: the files below `image_manager`, byte for byte as src/node/pull-record.ts writes them, and whom they let in.
 */
import assert from 'node:assert/strict';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import {
  encodePulledRecord,
  encodePullIntent,
  imageOfRecord,
  type PulledRecord,
  recordFileName,
} from '../../../src/node/pull-record.ts';
import { decodePulledRecord, decodePullIntent } from '../../../src/node/pull-record-decode.ts';
import { until } from '../until.ts';
import { createRegistryBarrier } from './barrier.ts';
import { hosts, type Node, openNode } from './node.ts';
import type { Pod, PodOptions } from './pod.ts';
import { createSayImage } from './say-image.ts';
import { given, needNode } from './surroundings.ts';

describe("a kubelet's pull records", { skip: needNode({ since: 35 }), concurrency: true }, () => {
  let node: Node;
  before(async () => {
    node = await openNode();
  });
  after(() => node?.close());

  const folder = (kind: 'pulled' | 'pulling'): string => join(node.kubelet().rootFolder, 'image_manager', kind);
  const fileOf = (kind: 'pulled' | 'pulling', key: string): string => join(folder(kind), recordFileName(key));
  const modeOf = (path: string): string => (statSync(path).mode & 0o777).toString(8);

  /** What containerd calls an image: the digest of its config. */
  const imageRefOf = (words: string): string => createSayImage(given('say'), words).blobs[0]?.digest ?? '';
  /** Of the image that says so. */
  const recordOf = (words: string): { readonly text: string; readonly record: PulledRecord } => {
    const text = readFileSync(fileOf('pulled', imageRefOf(words)), 'utf8');
    return { text, record: decodePulledRecord(text) };
  };
  const executions = (image: string): number =>
    node.purser.log.lines().filter((line) => line.includes(` | ${image} | `)).length;
  const start = (name: string, image: string, imagePullPolicy: PodOptions['imagePullPolicy'] = 'IfNotPresent'): Pod =>
    node.pod({ name: `records-${name}`, image, imagePullPolicy });
  const reasons = (pod: Pod): readonly string[] => pod.events().map(({ reason }) => reason);

  test('while a pull runs there is an intent, named by the hash of the image; then there is a record', async (t) => {
    node.publish('held/app');
    const host = 'held.mirror.example.com';
    const barrier = await createRegistryBarrier(node.registries.password.host);
    t.after(() => barrier.close());
    node.containerd.route(host, barrier.address);
    node.servePassword(host);
    const image = `${host}/held/app:v1`;
    const intent = fileOf('pulling', image);
    const pod = start('held', image);
    await until('the intent', () => existsSync(intent));
    const text = readFileSync(intent, 'utf8');
    assert.equal(text, encodePullIntent(image));
    assert.equal(decodePullIntent(text), image);
    assert.deepEqual([folder('pulling'), intent].map(modeOf), ['700', '600']);
    barrier.raise();
    await pod.runs('held/app');
    await until('the intent to be gone', () => !existsSync(intent));
    const { record } = recordOf('held/app');
    assert.deepEqual(record.credentialMapping, { [imageOfRecord(image)]: { nodePodsAccessible: true } });
  });

  test("after a pull with purser's password the record lets all pods of the node in", async () => {
    node.publish('recorded/app');
    node.servePassword(`${hosts.password}/recorded`);
    const image = `${hosts.password}/recorded/app:v1`;
    const pod = start('recorded', image);
    await pod.runs('recorded/app');
    const { text, record } = recordOf('recorded/app');
    const imageRef = imageRefOf('recorded/app');
    const credentialMapping = { [`${hosts.password}/recorded/app`]: { nodePodsAccessible: true } };
    assert.deepEqual(record, { imageRef, lastUpdatedTime: record.lastUpdatedTime, credentialMapping });
    assert.equal(text, encodePulledRecord(record));
    assert.deepEqual([folder('pulled'), fileOf('pulled', imageRef)].map(modeOf), ['700', '600']);
  });

  test('an image with two names has one record, with both names in it', async () => {
    node.publish('first/app', 'twice');
    node.publish('second/app', 'twice');
    node.servePassword(`${hosts.password}/first`);
    node.servePassword(`${hosts.token}/second`);
    const images = [`${hosts.password}/first/app`, `${hosts.token}/second/app`] as const;
    await start('first', `${images[0]}:v1`).runs('twice');
    await start('second', `${images[1]}:v1`).runs('twice');
    const { text, record } = recordOf('twice');
    const all = { nodePodsAccessible: true };
    assert.deepEqual(record.credentialMapping, { [images[0]]: all, [images[1]]: all });
    assert.equal(text, encodePulledRecord(record));
  });

  test('IfNotPresent on a recorded image: purser is not run, and the registry is not asked', async () => {
    node.publish('let-in/app');
    const image = `${hosts.password}/let-in/app`;
    // Nothing is cached, so whoever needs credentials runs purser.
    node.servePassword(`${hosts.password}/let-in`, { cacheDuration: '0s' });
    await start('let-in-first', `${image}:v1`).runs('let-in/app');
    const requests = node.registries.password.requests('let-in/app').length;
    assert.equal(executions(image), 1);
    const second = start('let-in-second', `${image}:v1`);
    await second.runs('let-in/app');
    assert.match(second.events()[0]?.message ?? '', /already present on machine and can be accessed by the pod$/);
    assert.equal(executions(image), 1);
    assert.equal(node.registries.password.requests('let-in/app').length, requests);
  });

  test('Never on a recorded image: the pod runs', async () => {
    node.publish('never/app');
    node.servePassword(`${hosts.password}/never`);
    await start('never-first', `${hosts.password}/never/app:v1`).runs('never/app');
    const second = start('never-second', `${hosts.password}/never/app:v1`, 'Never');
    await second.runs('never/app');
    assert.deepEqual(reasons(second), ['Pulled', 'Created', 'Started']);
  });

  test('Always on a recorded image: purser is run, the digest is asked for, nothing is fetched', async () => {
    node.publish('always/app');
    const image = `${hosts.password}/always/app`;
    node.servePassword(`${hosts.password}/always`, { cacheDuration: '0s' });
    await start('always-first', `${image}:v1`).runs('always/app');
    const requests = node.registries.password.requests('always/app').length;
    await start('always-second', `${image}:v1`, 'Always').runs('always/app');
    const again = node.registries.password.requests('always/app').slice(requests);
    assert.deepEqual(
      again.map(({ method, status }) => `${method} ${status}`),
      ['HEAD 401', 'HEAD 200'],
    );
    assert.equal(executions(image), 2);
  });

  test('a pull that is refused leaves neither intent nor record', async () => {
    node.publish('refused/app');
    const image = `${hosts.password}/refused/app:v1`;
    const secret = node.servePassword(`${hosts.password}/refused`);
    node.purser.secret(secret, 'wrong-horse-battery');
    const pod = start('refused', image);
    await pod.reaches('ErrImagePull');
    await until('the intent to be gone', () => !existsSync(fileOf('pulling', image)));
    await pod.remove();
    assert.ok(!existsSync(fileOf('pulled', imageRefOf('refused/app'))));
  });
});
