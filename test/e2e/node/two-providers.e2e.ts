/**
 * purser twice on one node, under two names and each with its own config, as on a node whose owners and tenants are
 * configured apart. A kubelet asks every provider that matches, and tries what any of them gives.
 */
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { parse } from 'yaml';
import { hosts, type Node, openNode, password, user } from './node.ts';
import { type InstalledPurser, installPurser } from './purser.ts';
import { kubeletVersion, needNode } from './surroundings.ts';

describe('a kubelet with two providers', { skip: needNode() }, () => {
  let node: Node;
  let tenant: InstalledPurser;
  before(async () => {
    node = await openNode();
    tenant = installPurser(join(node.folder, 'tenant'), { name: 'purser-tenant', binDir: node.purser.binDir });
  });
  after(() => node?.close());

  /** A path of a config for both flags, which lint has accepted. */
  const restartWith = async (config: string): Promise<void> => {
    node.purser.lint(config, kubeletVersion);
    await node.restartKubelet({ credentialProviders: { config, binDir: node.purser.binDir } });
  };

  const runsWithEither = async (name: string): Promise<void> => {
    const served = (purser: InstalledPurser, repository: string, secret: string): string => {
      const passwordFile = purser.secret(repository.replace('/', '-'), secret);
      const matchImages = [`${hosts.password}/${repository}`];
      purser.serve({ matchImages, provider: 'static', username: user, passwordFile });
      node.publish(repository);
      return repository;
    };
    const own = served(node.purser, `${name}/own`, password);
    const tenants = served(tenant, `${name}/tenants`, password);
    const both = served(tenant, served(node.purser, `${name}/both`, 'wrong-horse-battery'), password);
    for (const repository of [own, tenants, both]) {
      const pod = node.pod({ name: repository.replace('/', '-'), image: `${hosts.password}/${repository}:v1` });
      await pod.runs(repository);
    }
    const asked = (purser: InstalledPurser) => purser.log.lines().filter((line) => line.includes(`/${name}/`)).length;
    assert.deepEqual([asked(node.purser), asked(tenant)], [3, 3], 'each was asked about each image');
  };

  test('in one file: either one serves, also where the other is wrong', async () => {
    const config = join(node.folder, 'two-providers.json');
    const [document, other] = [node.purser, tenant].map(({ providerConfigText }) => parse(providerConfigText));
    writeFileSync(config, JSON.stringify({ ...document, providers: [...document.providers, ...other.providers] }));
    await restartWith(config);
    await runsWithEither('one-file');
  });

  test('in one config directory: either one serves, also where the other is wrong', {
    skip: needNode({ since: 34 }),
  }, async () => {
    const config = join(node.folder, 'credential-providers.d');
    mkdirSync(config);
    writeFileSync(join(config, '10-purser.yaml'), node.purser.providerConfigText);
    writeFileSync(join(config, '20-tenant.yaml'), tenant.providerConfigText);
    writeFileSync(join(config, 'README'), 'a kubelet reads .yaml, .yml and .json');
    await restartWith(config);
    await runsWithEither('directory');
  });
});
