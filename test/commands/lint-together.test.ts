/** lint of a kubelet's config and a PurserConfig in one call, from both built files. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { builds, folder, run } from '../built.ts';

const kubeletConfig = (name: string, more: string): string => `apiVersion: kubelet.config.k8s.io/v1
kind: CredentialProviderConfig
providers:
  - name: ${name}
    apiVersion: credentialprovider.kubelet.k8s.io/v1
    matchImages: [reg.example]
    defaultCacheDuration: 0s
    env: [{name: BUN_BE_BUN, value: ""}, {name: BUN_OPTIONS, value: ""}, {name: BUN_INSPECT, value: ""}, {name: BUN_CONFIG_VERBOSE_FETCH, value: ""}, {name: NODE_OPTIONS, value: ""}, {name: NODE_DEBUG, value: ""}]
${more}`;

const tokens = (cacheType: string): string =>
  `    tokenAttributes: {serviceAccountTokenAudience: registry, requireServiceAccount: true, cacheType: ${cacheType}}\n`;

const config = `apiVersion: purser/v1
kind: PurserConfig
registries:
  - matchImages: [reg.example]
    provider: service-account-token
    audience: registry
    kubeletCacheType: Token
`;

for (const build of builds) {
  test(`${build.name}: F-K03: files that belong together have nothing to say`, async (t) => {
    const cwd = folder(t, { 'kubelet.yaml': kubeletConfig('purser', tokens('Token')), 'config.yaml': config });
    const result = await run(build, { args: ['lint', 'kubelet.yaml', 'config.yaml'], cwd });
    assert.equal(result.code, 0, result.stdout);
    assert.doesNotMatch(result.stdout, /warning|error/);
  });

  test(`${build.name}: F-K03: what a kubelet would refuse later is an error now`, async (t) => {
    const kubelet = kubeletConfig('purser', tokens('ServiceAccount'));
    const cwd = folder(t, { 'd/kubelet.yaml': kubelet, 'config.yaml': config });
    const result = await run(build, { args: ['lint', 'config.yaml', 'd'], cwd });
    assert.equal(result.code, 2);
    const [found = ''] = result.stdout.split('\n').filter((line) => line.includes('error:'));
    assert.equal(
      found,
      'd/kubelet.yaml:9:102: error: providers[0].tokenAttributes.cacheType: registries[0] (service-account-token) answers with the token itself, which a kubelet refuses with this cacheType; write Token',
    );
  });

  test(`${build.name}: each entry of the kubelet's file goes with the config that it names`, async (t) => {
    const args = '    args: [--config=/etc/purser/tokens.yaml]\n';
    const cwd = folder(t, {
      'kubelet.yaml': kubeletConfig('purser', `${tokens('Token')}${args}`),
      'tokens.yaml': config,
      'config.yaml': config.replace('reg.example', 'other.example'),
    });
    const result = await run(build, { args: ['lint', 'kubelet.yaml', 'tokens.yaml', 'config.yaml'], cwd });
    assert.equal(result.code, 0, result.stdout);
    const found = result.stdout.split('\n').filter((line) => line.includes('warning:'));
    assert.deepEqual(found, [
      "config.yaml:4:5: warning: registries[0]: no provider of the kubelet's config starts purser for an image of this entry; add its hosts to the matchImages there [never-asked]",
    ]);
  });
}
