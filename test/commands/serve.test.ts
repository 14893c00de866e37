/** The kubelet's way, literal bytes in and out, against both built files. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { builds, folder, requestFor, run } from '../built.ts';

const config = (path: string, more = ''): string => `apiVersion: purser/v1
kind: PurserConfig
registries:
  - matchImages: ["registry.example.com:5000/team/"]
    provider: static
    username: robot
    passwordFile: ${path}/team.password
    cacheDuration: 10m
  - matchImages: ["*.example.org"]
    provider: static
    username: everyone
    passwordFile: ${path}/team.password
${more}`;

for (const build of builds) {
  test(`${build.name}: answers an entry with a path for the image alone`, async (t) => {
    const path = folder(t, { 'team.password': 's3cret\n' });
    const files = folder(t, { 'config.yaml': config(path) });
    const result = await run(build, {
      env: { PURSER_CONFIG: `${files}/config.yaml` },
      stdin: requestFor('registry.example.com:5000/team/app'),
    });
    assert.deepEqual(result, {
      code: 0,
      signal: null,
      stdout:
        '{"apiVersion":"credentialprovider.kubelet.k8s.io/v1","kind":"CredentialProviderResponse","cacheKeyType":"Image","cacheDuration":"600s","auth":{"registry.example.com:5000/team/app":{"username":"robot","password":"s3cret"}}}\n',
      stderr: '',
    });
  });

  for (const version of ['v1', 'v1beta1', 'v1alpha1']) {
    test(`${build.name}: answers ${version} in the version it was asked in, for the whole host`, async (t) => {
      const path = folder(t, { 'team.password': 's3cret\r\n' });
      const files = folder(t, { 'config.yaml': config(path) });
      const result = await run(build, {
        env: { PURSER_CONFIG: `${files}/config.yaml` },
        stdin: requestFor('reg.example.org/any/app:v1', version),
      });
      assert.equal(result.stderr, '');
      assert.equal(
        result.stdout,
        `{"apiVersion":"credentialprovider.kubelet.k8s.io/${version}","kind":"CredentialProviderResponse","cacheKeyType":"Registry","cacheDuration":"300s","auth":{"reg.example.org":{"username":"everyone","password":"s3cret"}}}\n`,
      );
    });
  }

  test(`${build.name}: has nothing for an image that no entry matches, and says so with success (F-I12)`, async (t) => {
    const files = folder(t, { 'config.json': '{"apiVersion":"purser/v1","kind":"PurserConfig"}' });
    const result = await run(build, {
      env: { PURSER_CONFIG: `${files}/config.json` },
      stdin: requestFor('registry.example.com/team/app'),
    });
    assert.deepEqual(result, {
      code: 0,
      signal: null,
      stdout:
        '{"apiVersion":"credentialprovider.kubelet.k8s.io/v1","kind":"CredentialProviderResponse","cacheKeyType":"Image","cacheDuration":"0s","auth":null}\n',
      stderr: '',
    });
  });

  test(`${build.name}: names every problem of a config in one line and exits with 2 (F-D05)`, async (t) => {
    const files = folder(t, {
      'config.yaml':
        'apiVersion: purser/v1\nkind: PurserConfig\nregistries:\n  - matchImages: ["*.example.com:*"]\n    provider: statik\n    cacheDuration: 1d\n    username: u\n    passwordFile: /p\n',
    });
    const result = await run(build, {
      env: { PURSER_CONFIG: `${files}/config.yaml` },
      stdin: requestFor('registry.example.com/team/app'),
    });
    assert.equal(result.code, 2);
    assert.equal(result.stdout, '');
    assert.equal(
      result.stderr,
      `purser: CONFIG_MATCH_IMAGE: reading the config "${files}/config.yaml": 3 problems: 4:19: registries[0].matchImages[0]: "*.example.com:*": a port cannot be a wildcard; give the port or leave it out | 5:15: registries[0].provider: no provider is named "statik"; did you mean static? | 6:20: registries[0].cacheDuration: not a duration; write it as 90s, 10m or 1h30m; see them one by one with purser lint`,
    );
  });
}
