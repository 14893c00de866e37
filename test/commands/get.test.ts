/** What get shows of an answer, from both built files. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { builds, folder, run } from '../built.ts';

const config = (path: string): string => `apiVersion: purser/v1
kind: PurserConfig
registries:
  - matchImages: ["reg.example"]
    provider: static
    username: robot
    passwordFile: ${path}/password
`;

for (const build of builds) {
  test(`${build.name}: get hides the password unless it is asked for`, async (t) => {
    const path = folder(t, { password: 's3cret\n' });
    const args = ['--config', `${folder(t, { 'config.yaml': config(path) })}/config.yaml`];
    const hidden = await run(build, { args: ['get', 'reg.example/app:1', ...args] });
    assert.equal(hidden.code, 0, hidden.stderr);
    assert.match(hidden.stdout, /reg\.example {2}robot {2}\*+\n/);
    assert.doesNotMatch(hidden.stdout, /s3cret/);
    const shown = await run(build, { args: ['get', 'reg.example/app:1', '--show-secrets', '-o', 'json', ...args] });
    assert.equal(
      shown.stdout,
      '{"apiVersion":"credentialprovider.kubelet.k8s.io/v1","kind":"CredentialProviderResponse","cacheKeyType":"Registry","cacheDuration":"300s","auth":{"reg.example":{"username":"robot","password":"s3cret"}}}\n',
    );
  });

  test(`${build.name}: get says who answers, from where, and what a kubelet would keep`, async (t) => {
    const auths = { 'reg.example/a': { username: 'e\u001b[2J', password: 's3cret' }, '*.example': {} };
    const path = folder(t, { 'docker.json': JSON.stringify({ auths }) });
    const registries = [{ matchImages: ['reg.example'], provider: 'docker-config', path: `${path}/docker.json` }];
    const config = JSON.stringify({ apiVersion: 'purser/v1', kind: 'PurserConfig', registries });
    const cwd = folder(t, { 'config.json': config });
    const result = await run(build, { args: ['get', 'reg.example/a/b', '--config', 'config.json'], cwd });
    assert.equal(
      result.stdout,
      [
        'provider    docker-config, registries[0]',
        'identity    node',
        `from        ${path}/docker.json`,
        'cached      Image, 300s',
        'credential  reg.example/a/b  e\\u001b[2J  ********',
        'credential  reg.example/a  (empty)  (empty)',
        'note        *.example has neither user name nor password',
        '',
      ].join('\n'),
    );
  });

  test(`${build.name}: relative paths start where the program was started`, async (t) => {
    const path = folder(t, { password: 's3cret\n' });
    const cwd = folder(t, { 'config.yaml': config(path) });
    const result = await run(build, { args: ['get', 'reg.example/app', '--config', 'config.yaml'], cwd });
    assert.equal(result.code, 0, result.stderr);
  });

  test(`${build.name}: an image that nothing serves is no failure`, async () => {
    const result = await run(build, { args: ['get', 'other.example/app'] });
    assert.equal(result.code, 0);
    assert.match(result.stdout, /^No entry serves this image/);
  });

  test(`${build.name}: the failures of a command end their line, those of serve do not`, async () => {
    const command = await run(build, { args: ['get', 'reg.example/app', '--config', 'absent.yaml'] });
    assert.equal(command.code, 2);
    assert.match(command.stderr, /^purser: CONFIG_MISSING: [^\n]+\n$/);
    const mistyped = await run(build, { args: ['gett'] });
    assert.equal(mistyped.code, 2);
    assert.match(mistyped.stderr, /^purser: USAGE: [^\n]*there is no command "gett"; did you mean get\?$/);
  });
}
