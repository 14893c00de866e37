/** lint as a person runs it, from both built files: the same words, places and exit codes. */
import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { builds, folder, run } from '../built.ts';

const canary = 'CANARY-7d1f';
const variables = [
  'BUN_BE_BUN',
  'BUN_OPTIONS',
  'BUN_INSPECT',
  'BUN_CONFIG_VERBOSE_FETCH',
  'NODE_OPTIONS',
  'NODE_DEBUG',
];

function kubeletConfig(...names: readonly string[]): string {
  const providers = names.map(
    (name) => `  - name: ${name}
    apiVersion: credentialprovider.kubelet.k8s.io/v1
    matchImages: [reg.example]
    defaultCacheDuration: 0s
    env: [${variables.map((variable) => `{name: ${variable}, value: ""}`).join(', ')}]
`,
  );
  return `apiVersion: kubelet.config.k8s.io/v1\nkind: CredentialProviderConfig\nproviders:\n${providers.join('')}`;
}

function purserConfig(...members: readonly string[]): string {
  const entry = ['matchImages: [reg.example]', 'provider: static', ...members].map((line) => `    ${line}\n`).join('');
  return `apiVersion: purser/v1\nkind: PurserConfig\nregistries:\n  -${entry.slice(3)}`;
}

for (const build of builds) {
  test(`${build.name}: a right config of each kind ends with 0`, async (t) => {
    const cwd = folder(t, {
      'kubelet.yaml': kubeletConfig('purser'),
      'purser.yaml': purserConfig('username: u', `passwordFile: /nonexistent/p`),
      'config.json': `{"auths":{"reg.example":{"username":"u","password":"${canary}"}}}`,
      '.dockercfg': `{"reg.example":{"username":"u","password":"${canary}"}}`,
    });
    const args = ['lint', 'kubelet.yaml', 'purser.yaml', 'config.json', '.dockercfg'];
    const result = await run(build, { args, cwd });
    assert.equal(result.code, 0, result.stdout);
    assert.equal(result.stderr, '');
    assert.equal(
      result.stdout.replace(/sha256:[0-9a-f]{64}/, 'HASH'),
      `kubelet.yaml: kubelet 1.36 accepts it, HASH
purser.yaml:7:19: warning: registries[0].passwordFile: /nonexistent/p: no such file on this machine; create it or correct the path [absent-file]
purser.yaml: PurserConfig: 1 warning
config.json: docker config: nothing to say
.dockercfg: .dockercfg: nothing to say
`,
    );
  });

  test(`${build.name}: R-PROC-05: a kubelet's own words stand below our place and cure (F-K04)`, async (t) => {
    const text = kubeletConfig('purser').replace('[reg.example]', '["reg.example:*"]');
    const cwd = folder(t, { 'kubelet.yaml': text });
    const result = await run(build, { args: ['lint', 'kubelet.yaml'], cwd });
    assert.equal(result.code, 2);
    const detail =
      'Invalid value: "reg.example:*": match image is invalid: parse "https://reg.example:*": invalid port ":*" after host';
    assert.equal(
      result.stdout,
      `kubelet.yaml:6:19: error: providers[0].matchImages[0]: ${detail}; write host, host:port or host/path; only host labels may hold *
kubelet.yaml: kubelet 1.36 does not start with it: failed to validate credential provider config: providers.matchImages: ${detail}
`,
    );
  });

  test(`${build.name}: a directory is read as a kubelet reads it, and a name in two files is found (F-K05)`, async (t) => {
    const cwd = folder(t, {
      'd/10-ecr.yaml': kubeletConfig('ecr'),
      'd/20-purser.yml': kubeletConfig('purser'),
      'd/30.yaml.bak': 'not read',
      'd/below/40.yaml': 'not read',
    });
    const good = await run(build, { args: ['lint', 'd', '-o', 'json'], cwd });
    assert.equal(good.code, 0, good.stdout);
    const report = JSON.parse(good.stdout);
    assert.deepEqual([report.file, report.kind, report.kubelet.starts], ['d', 'kubelet', true]);
    assert.deepEqual(
      report.findings.map(({ file, rule }: { file: string; rule: string }) => `${file} ${rule}`),
      ['d/30.yaml.bak ignored-file'],
    );
    writeFileSync(join(cwd, 'd/15.json'), JSON.stringify({ kind: 'x' }));
    writeFileSync(join(cwd, 'd/15.json'), kubeletConfig('purser'));
    const twice = await run(build, { args: ['lint', 'd'], cwd });
    assert.equal(twice.code, 2);
    const error = 'duplicate provider name "purser" found in configuration file\\(s\\)';
    assert.match(twice.stdout, new RegExp(`^d/20-purser\\.yml:4:11: error: providers\\[0\\]\\.name: ${error}; `, 'm'));
    assert.match(twice.stdout, new RegExp(`^d: kubelet 1\\.36 does not start with it: ${error}$`, 'm'));
    const old = await run(build, { args: ['lint', 'd', '--kubelet-version', 'v1.33.4'], cwd });
    assert.match(old.stdout, /^d: kubelet 1\.33 does not start with it: unable to read .*: is a directory$/m);
  });

  test(`${build.name}: a link to a directory stops a kubelet`, async (t) => {
    const cwd = folder(t, { 'd/10.yaml': kubeletConfig('purser'), 'other/x': '' });
    symlinkSync('../other', join(cwd, 'd/20.yaml'));
    const result = await run(build, { args: ['lint', 'd'], cwd });
    assert.equal(result.code, 2);
    assert.match(result.stdout, /unable to read file ".*\/d\/20\.yaml": read .*\/d\/20\.yaml: is a directory$/m);
  });

  test(`${build.name}: with --bin-dir a missing executable is found before a kubelet does (F-K04)`, async (t) => {
    const cwd = folder(t, { 'kubelet.yaml': kubeletConfig('purser'), 'bin/readme': '', 'bin/purser': '' });
    const lint = (...more: readonly string[]) =>
      run(build, { args: ['lint', 'kubelet.yaml', '--bin-dir', ...more], cwd });
    const notExecutable = await lint('bin');
    assert.equal(notExecutable.code, 2);
    assert.match(
      notExecutable.stdout,
      /does not start with it: error inspecting binary executable : exec: ".*\/bin\/purser": permission denied$/m,
    );
    chmodSync(join(cwd, 'bin/purser'), 0o755);
    assert.match((await lint('bin')).stdout, /^kubelet\.yaml: kubelet 1\.36 starts with it, sha256:/m);
    mkdirSync(join(cwd, 'empty'));
    const missing = await lint('empty');
    assert.match(
      missing.stdout,
      /^kubelet\.yaml:4:11: error: providers\[0\]\.name: there is no .*\/empty\/purser; install it/m,
    );
    assert.match(missing.stdout, /does not start with it: plugin binary executable {2}did not exist$/m);
    assert.match((await lint('nowhere')).stdout, /: plugin binary directory .*\/nowhere did not exist$/m);
  });

  test(`${build.name}: a provider without a name is accepted, and then not found`, async (t) => {
    const cwd = folder(t, { 'kubelet.yaml': kubeletConfig('""') });
    const result = await run(build, { args: ['lint', 'kubelet.yaml'], cwd });
    assert.equal(result.code, 2);
    assert.match(
      result.stdout,
      /error: providers\[0\]\.name: without a name no executable is found; name the executable$/m,
    );
  });

  test(`${build.name}: the feature gate of service account tokens is off before 1.34 unless it is given`, async (t) => {
    const token = 'tokenAttributes: {serviceAccountTokenAudience: a, requireServiceAccount: true}';
    const cwd = folder(t, { 'kubelet.yaml': `${kubeletConfig('ecr')}    ${token}\n` });
    const gates = ['--feature-gates', 'Other=false,KubeletServiceAccountTokenForCredentialProviders=true'];
    const lint = (...more: readonly string[]) => {
      return run(build, { args: ['lint', 'kubelet.yaml', '--kubelet-version', '1.33', ...more], cwd });
    };
    const off = await lint();
    assert.equal(off.code, 2);
    assert.match(off.stdout, /feature gate is disabled$/m);
    const on = await lint(...gates);
    assert.equal(on.code, 0, on.stdout);
    assert.match(on.stdout, /\[cache-type-later\]$/m);
  });

  test(`${build.name}: all problems of a PurserConfig come at once (F-D05)`, async (t) => {
    const cwd = folder(t, { 'purser.yaml': purserConfig('usernam: u', 'cacheDuration: 5') });
    const result = await run(build, { args: ['lint', 'purser.yaml'], cwd });
    assert.equal(result.code, 2);
    assert.equal(
      result.stdout,
      `purser.yaml:4:5: error: registries[0]: no username; give username or usernameFile
purser.yaml:4:5: error: registries[0]: no password; give password or passwordFile
purser.yaml:6:5: error: registries[0].usernam: unknown member; did you mean username?
purser.yaml:7:20: error: registries[0].cacheDuration: a number stands where text belongs
purser.yaml: PurserConfig: 4 errors
`,
    );
  });

  test(`${build.name}: secret files on this machine are held to the rules of serve (F-D06)`, async (t) => {
    const cwd = folder(t, { open: canary, empty: '\n', good: canary, 'docker.json': '{"auths":{"a.b":{"auth":"%"}}}' });
    chmodSync(join(cwd, 'open'), 0o644);
    const entries = [
      purserConfig('username: u', `passwordFile: ${cwd}/open`),
      purserConfig(`usernameFile: ${cwd}/empty`, `passwordFile: ${cwd}/absent`),
      purserConfig(`usernameFile: ${cwd}/good`, `passwordFile: ${cwd}/good`),
      purserConfig(`path: ${cwd}/docker.json`).replace('static', 'docker-config'),
    ];
    const outputs: string[] = [];
    for (const [index, text] of entries.entries()) {
      writeFileSync(join(cwd, `${index}.yaml`), text);
      const { code, stdout } = await run(build, { args: ['lint', `${index}.yaml`], cwd });
      outputs.push(`${code} ${stdout.split(/\d\.yaml: PurserConfig/)[0]?.replaceAll(cwd, 'DIR')}`);
    }
    assert.deepEqual(outputs, [
      '2 0.yaml:7:19: error: registries[0].passwordFile: DIR/open: it holds a secret and its mode is 0644; chmod 0600 it, or say allowReadable: true in the entry\n',
      '2 1.yaml:6:19: error: registries[0].usernameFile: DIR/empty: it is empty; write the secret into it\n' +
        '1.yaml:7:19: warning: registries[0].passwordFile: DIR/absent: no such file on this machine; create it or correct the path [absent-file]\n',
      '0 ',
      '2 3.yaml:6:11: error: registries[0].path: DIR/docker.json: at 1:25: it is not base64; correct it and check it with purser lint\n',
    ]);
  });

  test(`${build.name}: a config that serve would refuse here is said so`, async (t) => {
    const cwd = folder(t, { 'purser.yaml': purserConfig('username: u', `password: ${canary}`) });
    chmodSync(join(cwd, 'purser.yaml'), 0o644);
    const result = await run(build, { args: ['lint', 'purser.yaml'], cwd });
    assert.equal(result.code, 0);
    assert.match(
      result.stdout,
      /^purser\.yaml:1:1: warning: here serve would refuse the file: .* \[untrusted-file\]$/m,
    );
    assert.ok(!result.stdout.includes(canary));
  });

  test(`${build.name}: no output holds a secret, wherever it stands (R-SEC-01)`, async (t) => {
    const kubelet = kubeletConfig('purser');
    const files: Record<string, string> = {
      'no-kind.yaml': `apiVersion: kubelet.config.k8s.io/v1\nproviders: []\npassword: ${canary}\n`,
      'alias.yaml': `${kubelet}password: *${canary}\n`,
      'tag.yaml': `${kubelet}password: !!int ${canary}\n`,
      'env.yaml': kubelet.replace('value: ""', `value: ${canary}`),
      'env-list.yaml': kubelet.replace('{name: BUN_BE_BUN, value: ""}', `"BUN_BE_BUN=${canary}"`),
      'user.yaml': kubelet.replace('reg.example', `"robot:${canary}@reg.example/team"`),
      'user-wrong.yaml': kubelet.replace('reg.example', `"robot:${canary}@reg.example:*"`),
      'broken.json': `{"kind":"CredentialProviderConfig","providers":[{"args":["${canary}]`,
      'args.yaml': `${kubelet}    args: ["--password=${canary}"]\n`,
      'purser.yaml': purserConfig('username: u', `password: ["${canary}"]`),
      'purser2.yaml': purserConfig(`password: "${canary}`),
      'config.json': `{"auths":{"robot:${canary}@a.b":{"auth":"${canary}"},"c.d":{"password":"${canary}","auth":"%"}}}`,
      'config2.json': `{"auths":{"a.b":{"identitytoken":"${canary}"}},"x":"${canary}`,
      '.dockercfg': `{"robot:${canary}@a.b":{"auth":["${canary}"]}}`,
    };
    const cwd = folder(t, files);
    for (const output of ['text', 'json']) {
      const result = await run(build, { args: ['lint', ...Object.keys(files), '-o', output], cwd });
      assert.equal(result.code, 2);
      assert.ok(!(result.stdout + result.stderr).includes(canary), result.stdout);
    }
  });

  test(`${build.name}: what is no config of a known kind, or no file, is an error`, async (t) => {
    const cwd = folder(t, { 'pod.yaml': 'apiVersion: v1\nkind: Pod\n', 'big.json': ' '.repeat(5 << 20) });
    const result = await run(build, { args: ['lint', 'pod.yaml', 'absent.yaml', 'big.json'], cwd });
    assert.equal(result.code, 2);
    assert.match(
      result.stdout,
      /^pod\.yaml:1:1: error: neither its kind nor its members say what it is; say it with --kind [a-z, -]+$/m,
    );
    assert.match(result.stdout, /^absent\.yaml:1:1: error: no such file; /m);
    assert.match(result.stdout, /^big\.json:1:1: error: it holds more than \d+ bytes; /m);
    const kubelet = await run(build, { args: ['lint', '--kind', 'kubelet', 'absent.yaml'], cwd });
    assert.match(
      kubelet.stdout,
      /does not start with it: unable to access path ".*": stat .*: no such file or directory$/m,
    );
  });

  test(`${build.name}: of several files there is a list, and a kubelet that is not known is judged by its neighbour`, async (t) => {
    const cwd = folder(t, { 'kubelet.yaml': kubeletConfig('purser'), 'config.json': '{"auths":{}}' });
    const args = ['lint', 'kubelet.yaml', 'config.json', '--kubelet-version', '1.40', '-o', 'json'];
    const result = await run(build, { args, cwd });
    const reports = JSON.parse(result.stdout);
    assert.deepEqual(
      reports.map(({ file, kind }: { file: string; kind: string }) => `${file} ${kind}`),
      ['kubelet.yaml kubelet', 'config.json docker-config'],
    );
    assert.equal(reports[0].kubelet.rules, '1.36');
    const text = await run(build, { args: args.slice(0, 5), cwd });
    assert.match(text.stdout, /^kubelet\.yaml: kubelet 1\.40 \(by the rules of 1\.36\) accepts it, sha256:/m);
  });

  test(`${build.name}: a config that serve would not read for its size is refused (F-D05)`, async (t) => {
    const cwd = folder(t, { 'purser.yaml': `${purserConfig('username: u')}${'#'.repeat(1024 * 1024)}` });
    const result = await run(build, { args: ['lint', 'purser.yaml'], cwd });
    assert.equal(result.code, 2);
    assert.match(result.stdout, /^purser\.yaml:1:1: error: it holds more than 1048576 bytes; make it smaller$/m);
  });

  test(`${build.name}: a byte that is no UTF-8 has a place`, async (t) => {
    const cwd = folder(t);
    const comment = Buffer.from('# gr\xfcn\n', 'latin1');
    writeFileSync(join(cwd, 'kubelet.yaml'), Buffer.concat([Buffer.from(kubeletConfig('purser')), comment]));
    writeFileSync(join(cwd, 'purser.yaml'), Buffer.concat([Buffer.from(purserConfig('username: u')), comment]));
    const result = await run(build, { args: ['lint', 'kubelet.yaml', 'purser.yaml'], cwd });
    assert.match(result.stdout, /^kubelet\.yaml:9:5: error: yaml: invalid leading UTF-8 octet; /m);
    assert.match(result.stdout, /^purser\.yaml:7:5: error: a byte is no UTF-8; save it as UTF-8$/m);
  });

  test(`${build.name}: an option that cannot be read is a usage error`, async (t) => {
    const cwd = folder(t, { 'kubelet.yaml': kubeletConfig('purser') });
    for (const more of [['--kubelet-version', 'newest'], ['--kind', 'pod'], ['--unknown']]) {
      const result = await run(build, { args: ['lint', 'kubelet.yaml', ...more], cwd });
      assert.equal(result.code, 2);
      assert.equal(result.stdout, '');
      assert.match(result.stderr, /^purser: USAGE: /);
    }
  });
}
