/** `provider: service-account-token` as a kubelet in token mode asks it, literal bytes in and out, from both built files. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { type TestContext, test } from 'node:test';
import { builds, folder, requestFor, run } from '../built.ts';
import { tokenOf } from '../jwt.ts';

const image = 'registry.example:5000/team/app';
const now = Math.floor(Date.now() / 1000);

/** A second entry could answer, if the first one let it. */
function place(t: TestContext): { readonly env: Readonly<Record<string, string>>; readonly log: string } {
  const path = folder(t, {
    'config.yaml': `apiVersion: purser/v1
kind: PurserConfig
registries:
  - matchImages: ["registry.example:5000"]
    provider: service-account-token
    audience: registry.example
    kubeletCacheType: Token
    cacheDuration: 10m
  - matchImages: ["*.example:5000"]
    provider: static
    username: node
    passwordFile: /etc/purser/node.password
`,
  });
  return { env: { PURSER_CONFIG: `${path}/config.yaml`, PURSER_LOG: `${path}/log` }, log: `${path}/log` };
}

function requestWith(token: string): string {
  return requestFor(image).replace(/\}\n$/, `,"serviceAccountToken":"${token}"}\n`);
}

for (const build of builds) {
  test(`${build.name}: hands the pod's own token on, for the host, and the log names the account (F-K02)`, async (t) => {
    const { env, log } = place(t);
    const token = tokenOf(now);
    const result = await run(build, { env, stdin: requestWith(token) });
    assert.deepEqual(result, {
      code: 0,
      signal: null,
      stdout: `{"apiVersion":"credentialprovider.kubelet.k8s.io/v1","kind":"CredentialProviderResponse","cacheKeyType":"Registry","cacheDuration":"600s","auth":{"registry.example:5000":{"username":"jwt","password":"${token}"}}}\n`,
      stderr: '',
    });
    const line = readFileSync(log, 'utf8');
    assert.match(line, / \| service-account-token: 1 credentials for service account team\/puller, Registry 600s\n$/);
    assert.ok(!line.includes(token.slice(-8)));
  });

  test(`${build.name}: R-REQ-09: without a token nothing takes its place`, async (t) => {
    const { env } = place(t);
    const result = await run(build, { env, stdin: requestFor(image) });
    assert.deepEqual(result, {
      code: 4,
      signal: null,
      stdout: '',
      stderr:
        'purser: TOKEN_MISSING: handing on the pod\'s service account token for registries[0] (service-account-token): the request carries none; give the kubelet\'s provider tokenAttributes with audience "registry.example"; static pods have no token',
    });
  });

  test(`${build.name}: R-REQ-10: a token for others stays here`, async (t) => {
    const { env } = place(t);
    const result = await run(build, { env, stdin: requestWith(tokenOf(now, { claims: { aud: ['other'] } })) });
    assert.deepEqual([result.code, result.stdout], [4, '']);
    assert.match(result.stderr, /^purser: TOKEN_AUDIENCE: .* its audience \(aud\) is not "registry\.example"; [^\n]*$/);
  });
}
