/**
 * How long a kubelet keeps what purser says, and for which images: purser writes a line for each run, so its log tells
 * how often it was asked. All pods pull always, because an image that is there is a reason of its own not to ask.
 */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { until } from '../until.ts';
import { createProgramBarrier, type ProgramBarrier } from './barrier.ts';
import { type Node, openNode } from './node.ts';
import type { Pod } from './pod.ts';
import { needNode } from './surroundings.ts';

describe("a kubelet's cache", { skip: needNode() }, () => {
  let node: Node;
  before(async () => {
    node = await openNode();
    for (const repository of ['cache/app', 'cache/other', 'elsewhere/app']) node.publish(repository, words);
  });
  after(() => node?.close());

  const words = 'pulled';

  /** A registry of its own, so that nothing of another scenario is cached for it. */
  const registry = (name: string, door: 'open' | 'password' = 'password'): string => {
    const host = `${name}.mirror.example.com`;
    node.containerd.route(host, node.registries[door].host);
    return host;
  };
  const executions = (host: string): readonly string[] =>
    node.purser.log.lines().filter((line) => line.includes(` | ${host}/`));

  let pods = 0;
  const start = (image: string): Pod => {
    pods++;
    return node.pod({ name: `cache-${pods}`, image: `${image}:v1`, imagePullPolicy: 'Always' });
  };
  /** How often purser had been asked about the registry after each of these pulls, one after the other. */
  const executionsAfter = async (host: string, ...repositories: readonly string[]): Promise<readonly number[]> => {
    const counts: number[] = [];
    for (const repository of repositories) {
      await start(`${host}/${repository}`).runs(words);
      counts.push(executions(host).length);
    }
    return counts;
  };

  describe('with one image after the other', { concurrency: true }, () => {
    test('an entry for a whole host: purser is asked once for all images of the registry', async () => {
      const host = registry('whole');
      node.servePassword(host, { cacheDuration: '1h' });
      const counts = await executionsAfter(host, 'cache/app', 'cache/app', 'cache/other', 'elsewhere/app');
      assert.deepEqual(counts, [1, 1, 1, 1]);
    });

    test('entries with a path: purser is asked once for each image', async () => {
      const host = registry('path');
      node.servePassword(`${host}/cache`, { cacheDuration: '1h' });
      node.servePassword(`${host}/elsewhere`, { cacheDuration: '1h' });
      const counts = await executionsAfter(host, 'cache/app', 'cache/app', 'cache/other', 'elsewhere/app', 'cache/app');
      assert.deepEqual(counts, [1, 1, 2, 3, 3]);
    });

    test('an entry without a cacheDuration: what a static password holds for outlasts a second pod', async () => {
      const host = registry('standing');
      node.servePassword(host);
      assert.deepEqual(await executionsAfter(host, 'cache/app', 'cache/other'), [1, 1]);
    });

    test('cacheDuration 0s: purser is asked for each pull', async () => {
      const host = registry('uncached');
      node.servePassword(host, { cacheDuration: '0s' });
      assert.deepEqual(await executionsAfter(host, 'cache/app', 'cache/app', 'cache/other'), [1, 2, 3]);
    });

    test('cacheDuration of seconds: purser is asked again when they are over, and not before', async () => {
      const host = registry('seconds');
      node.servePassword(host, { cacheDuration: '3s' });
      let pulls = 0;
      await until('purser to be asked again', async () => {
        await start(`${host}/cache/app`).runs(words);
        pulls++;
        return executions(host).length > 1;
      });
      const [first = 0, second = 0] = executions(host).map((line) => Date.parse(line.split(' | ')[0] ?? ''));
      assert.ok(second - first >= 3000, `asked again after ${second - first} ms, ${pulls} pulls`);
    });

    test('"nothing for this image" is not kept: an entry written later counts for the next pod', async () => {
      const host = registry('nothing', 'open');
      assert.deepEqual(await executionsAfter(host, 'cache/app', 'cache/app'), [1, 2]);
      for (const line of executions(host)) assert.match(line, /nothing serves this image/);
      registry('nothing');
      node.servePassword(host);
      assert.deepEqual(await executionsAfter(host, 'cache/app'), [3]);
    });
  });

  test('a kubelet that starts again has forgotten everything', async () => {
    const host = registry('restarted');
    node.servePassword(host, { cacheDuration: '1h' });
    assert.deepEqual(await executionsAfter(host, 'cache/app', 'cache/app'), [1, 1]);
    await node.restartKubelet();
    assert.deepEqual(await executionsAfter(host, 'cache/app', 'cache/other'), [2, 2]);
  });

  // Until 1.32 credentials were looked up by whoever pulled, and a kubelet pulls one image at a time.
  describe('with twenty pods at once', { skip: needNode({ since: 33 }) }, () => {
    const count = 20;
    let barrier: ProgramBarrier;
    before(async () => {
      barrier = createProgramBarrier(`${node.folder}/barrier`, node.purser.program);
      const credentialProviders = { config: node.purser.providerConfig, binDir: barrier.binDir };
      await node.restartKubelet({ credentialProviders });
    });

    const lookedUp = (pod: Pod): boolean =>
      node
        .kubelet()
        .daemon.log.lines()
        .some((line) => line.includes('Generating per pod') && line.includes(`podName="${pod.name}-`));
    const allRun = async (all: readonly Pod[]): Promise<void> => {
      await Promise.all(all.map((pod) => pod.runs(words)));
    };

    test('and one image: purser is asked once, though nothing is cached', async () => {
      const host = registry('flight');
      node.servePassword(host, { cacheDuration: '0s' });
      barrier.lower();
      const all = Array.from({ length: count }, () => start(`${host}/cache/app`));
      await until('all pods to need credentials', () => all.every(lookedUp));
      barrier.raise();
      await allRun(all);
      assert.equal(executions(host).length, 1);
    });

    test('and as many images of one registry: purser is asked for each that finds nothing cached', async () => {
      const host = registry('burst');
      node.servePassword(host, { cacheDuration: '1h' });
      const repositories = Array.from({ length: count }, (_, index) => `burst/app-${index}`);
      for (const repository of repositories) node.publish(repository, words);
      barrier.lower();
      const before = barrier.runs();
      const all = repositories.map((repository) => start(`${host}/${repository}`));
      await until('a run for each image', () => barrier.runs() - before === count);
      barrier.raise();
      await allRun(all);
      assert.equal(executions(host).length, count);
      assert.deepEqual(await executionsAfter(host, 'cache/app'), [count]);
    });
  });
});
