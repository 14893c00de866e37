/**
 * purser fails, in each way of failures.ts: its line comes whole, in one line of the kubelet's log, the kubelet counts
 * it, and the pod sees an anonymous pull. Each has a secret of its own, which nobody may tell.
 */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { requestFor, run } from '../../built.ts';
import { createSecret, formsIn } from '../../canary/secret.ts';
import { type Failure, failures } from './failures.ts';
import { type Install, install, restartWith } from './installs.ts';
import { type Node, openNode, password } from './node.ts';
import { catchesSigterm, strike } from './plugin-process.ts';
import type { Pod } from './pod.ts';
import { countedErrors, providerFailures } from './provider-failures.ts';
import { needNode } from './surroundings.ts';

describe('a purser that fails', { skip: needNode(), concurrency: true }, () => {
  let node: Node;
  const installs = new Map<string, Install>();
  const add = (name: string, { options, spoil }: Partial<Failure> = {}): void => {
    const made = install(node, { name, password: createSecret(), ...options?.(node) });
    spoil?.(made);
    installs.set(name, made);
  };
  before(async () => {
    node = await openNode();
    for (const [name, failure] of Object.entries(failures)) add(name, failure);
    add('refused');
    installs.set('served', install(node, { name: 'served', password }));
    await restartWith(node, [...installs.values()]);
  });
  after(() => node?.close());

  const installed = (name: string): Install => {
    const found = installs.get(name);
    assert.ok(found !== undefined);
    return found;
  };

  for (const [name, { what, struck, ending, code }] of Object.entries(failures)) {
    test(`${what}: the kubelet logs all of it in one line, counts it, and pulls as nobody (R-SEC-01)`, async () => {
      const made = installed(name);
      assert.equal(countedErrors(await node.kubelet().metrics(), name), 0);
      const pod = made.pod();
      if (struck !== undefined) await strike(made.config, struck.signal, catchesSigterm);
      await refused(pod, /no basic auth credentials|401 Unauthorized/);
      assert.ok(requests(name).length > 0);
      for (const { refusal } of requests(name)) assert.match(refusal ?? '', /invalid authorization credential/);
      const [first] = providerFailures(node.kubelet().daemon.log.lines(), made);
      const stderr = struck?.stderr ?? (await stderrOf(made));
      if (code !== undefined) assert.match(stderr, new RegExp(`^purser: ${code}: [^\\n]+; [^\\n]+$`));
      assert.equal(first, `${ending}: ${stderr}`);
      assert.ok(countedErrors(await node.kubelet().metrics(), name) > 0, 'the metric of errors did not move');
      assert.ok(!JSON.stringify(pod.events()).includes('purser:'), 'a line for the operator is in an event');
      await nobodyTells(made.password);
    });
  }

  test('a password that the registry refuses: no failure of purser, and nobody tells it (R-SEC-01)', async () => {
    const made = installed('refused');
    const pod = made.pod();
    await refused(pod, /401 Unauthorized/);
    assert.ok(requests('refused').some(({ refusal = '' }) => refusal.includes('authentication failure')));
    await notFailed(made);
    await nobodyTells(made.password);
  });

  test('a password that works: no failure of purser, and nobody tells it (R-SEC-01)', async () => {
    const made = installed('served');
    await made.pod().runs('served/app');
    await notFailed(made);
    await nobodyTells(made.password);
  });

  const requests = (name: string) => node.registries.password.requests(`${name}/app`);

  /** What an operator would see who asks the same. */
  const stderrOf = async ({ name, image, args }: Install): Promise<string> => {
    const build = { name: 'standalone', command: [join(node.purser.binDir, name)] };
    return (await run(build, { args, stdin: requestFor(image) })).stderr;
  };

  const refused = async (pod: Pod, how: RegExp): Promise<void> => {
    assert.match(await pod.pullFails(), how);
    assert.equal((await pod.state())?.kind, 'waiting');
  };

  const notFailed = async ({ name, image }: Install): Promise<void> => {
    assert.deepEqual(providerFailures(node.kubelet().daemon.log.lines(), { name, image }), []);
    assert.equal(countedErrors(await node.kubelet().metrics(), name), 0);
  };

  /** In the log, where a kubelet without an API server has its events too, the metrics and /pods. */
  const nobodyTells = async (secret: string): Promise<void> => {
    const kubelet = node.kubelet();
    const [metrics, pods] = [await kubelet.metrics(), JSON.stringify(await kubelet.pods())];
    for (const [where, text] of Object.entries({ log: kubelet.daemon.log.text(), metrics, pods })) {
      assert.deepEqual(formsIn(text, secret), [], `in the ${where}`);
    }
  };
});
