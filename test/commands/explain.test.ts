/** explain as a person runs it, from both built files. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { builds, folder, run } from '../built.ts';

const kubeletConfig = (pattern: string): string => `apiVersion: kubelet.config.k8s.io/v1
kind: CredentialProviderConfig
providers:
  - name: purser
    apiVersion: credentialprovider.kubelet.k8s.io/v1
    matchImages: ["${pattern}"]
    defaultCacheDuration: 0s
`;

const config = `apiVersion: purser/v1
kind: PurserConfig
registries:
  - matchImages: [reg.example/team]
    provider: static
    username: robot
    passwordFile: /nowhere/password
`;

for (const build of builds) {
  test(`${build.name}: explain needs no file that an entry names, and tells both sides`, async (t) => {
    const cwd = folder(t, { 'config.yaml': config, 'kubelet/10.yaml': kubeletConfig('*.example') });
    const args = ['explain', 'reg.example/team/app:1', '--config', 'config.yaml'];
    const result = await run(build, { args: [...args, '--credential-provider-config', 'kubelet'], cwd });
    assert.equal(result.code, 0, result.stderr);
    assert.equal(
      result.stdout,
      `reg.example/team/app:1
  a kubelet matches and sends  reg.example/team/app

The kubelet
  runs purser
      matches     *.example
      stdin       {"kind":"CredentialProviderRequest","apiVersion":"credentialprovider.kubelet.k8s.io/v1","image":"reg.example/team/app"}
      unless kept under  reg.example/team/app, or reg.example, or <global>

purser
  registries[0] (static) matches
      matches     reg.example/team

  asked first: registries[0] (static)
      identity    user robot
      asks        /nowhere/password
      kept under  Image reg.example/team/app
      kept for    300s for a password, a token as long as it lives, less a margin
`,
    );
  });

  test(`${build.name}: explain says what token mode needs of the cluster, and what becomes of it without`, async (t) => {
    const token = {
      serviceAccountTokenAudience: 'registry',
      cacheType: 'Token',
      requireServiceAccount: true,
      requiredServiceAccountAnnotationKeys: ['example.com/pull'],
    };
    const text = `${kubeletConfig('reg.example')}    tokenAttributes: ${JSON.stringify(token)}\n`;
    const entry =
      '{ matchImages: [reg.example], provider: service-account-token, audience: registry, kubeletCacheType: Token }';
    const cwd = folder(t, {
      'config.yaml': `apiVersion: purser/v1\nkind: PurserConfig\nregistries: [${entry}]\n`,
      'kubelet.yaml': text,
    });
    const args = [
      'explain',
      'reg.example/app',
      '--config',
      'config.yaml',
      '--credential-provider-config',
      'kubelet.yaml',
    ];
    const result = await run(build, { args, cwd });
    assert.equal(result.code, 0, result.stderr);
    assert.equal(
      result.stdout,
      `reg.example/app
  a kubelet matches and sends  reg.example/app

The kubelet
  runs purser
      matches     reg.example
      stdin       {"kind":"CredentialProviderRequest","apiVersion":"credentialprovider.kubelet.k8s.io/v1","image":"reg.example/app","serviceAccountToken":"<token>"}
      unless kept under  reg.example/app, or reg.example, or <global>
      ... each of them for this token only
      token       for the audience registry
      needs       a ClusterRole, bound to the group system:nodes, with the rule
                  {"apiGroups":[""],"resources":["registry"],"verbs":["request-serviceaccounts-token-audience"]}
      without     it is not run, and the kubelet logs: audience "registry" not found in pod spec volume; or: is not authorized to request tokens for audience "registry"
      not run     and nothing logged, for a pod without a service account, or an account without the annotation example.com/pull

purser
  registries[0] (service-account-token) matches
      matches     reg.example

  asked first: registries[0] (service-account-token)
      identity    the pod's service account
      asks        the token for registry in the request
      kept under  Registry reg.example
      kept for    300s for a password, a token as long as it lives, less a margin
`,
    );
  });

  test(`${build.name}: explain as JSON, for an image that nobody serves`, async (t) => {
    const cwd = folder(t, { 'config.yaml': config });
    const args = ['explain', 'app', '-o', 'json', '--config', 'config.yaml'];
    const result = await run(build, { args, cwd });
    assert.deepEqual(JSON.parse(result.stdout), {
      image: 'app',
      normalised: 'docker.io/library/app',
      entries: [
        {
          index: 0,
          provider: 'static',
          matches: false,
          patterns: [{ pattern: 'reg.example/team', reason: 'its host label "reg" does not match "docker"' }],
        },
      ],
      asked: [],
    });
  });

  test(`${build.name}: explain does not speak for a kubelet that would not start`, async (t) => {
    const cwd = folder(t, { 'config.yaml': config, 'kubelet.yaml': kubeletConfig('*.example:*') });
    const args = ['explain', 'app', '--config', 'config.yaml', '--credential-provider-config', 'kubelet.yaml'];
    const result = await run(build, { args, cwd });
    assert.equal(result.code, 2);
    assert.match(result.stderr, /^purser: CONFIG_INVALID: [^\n]*a kubelet does not start with it: failed to validate/);
  });
}
