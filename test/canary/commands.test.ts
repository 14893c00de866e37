/** get, explain and lint with a marked secret at every input. */
import { test } from 'node:test';
import { builds } from '../built.ts';
import { type Given, type Scenario, scan } from './scan.ts';

const image = 'reg.example/team/app:1';

const document = (entry: object): string => {
  const registries = [{ matchImages: ['reg.example'], ...entry }];
  return JSON.stringify({ apiVersion: 'purser/v1', kind: 'PurserConfig', registries });
};
const inline = (secret: string): string => document({ provider: 'static', username: 'u', password: secret });
const known = document({ provider: 'static', username: 'u', password: 'known' });

const kubeletConfig = (secret: string): string => `apiVersion: kubelet.config.k8s.io/v1
kind: CredentialProviderConfig
providers:
  - name: purser
    apiVersion: credentialprovider.kubelet.k8s.io/v1
    matchImages: [reg.example]
    defaultCacheDuration: 0s
    env: [{ name: PASSWORD, value: "${secret}" }]
`;

/** A command with a config. */
const asking = (
  { path }: Given,
  args: readonly string[],
  code = 0,
  config = known,
  files: Scenario['files'] = {},
): Scenario => {
  return { files: { 'config.json': config, ...files }, args: [...args, '--config', `${path}/config.json`], code };
};

const explaining = (given: Given, text: string, code: number): Scenario => {
  const args = ['explain', image, '--credential-provider-config', `${given.path}/kubelet.yaml`];
  return asking(given, args, code, known, { 'kubelet.yaml': text });
};

/** lint of a file, which is what its content says. */
const linting = (given: Given, content: string, code: number, name = 'config.json'): Scenario => {
  return { files: { [name]: content }, args: ['lint', `${given.path}/${name}`], code };
};

const dockerConfig = (entry: object): string => JSON.stringify({ auths: { 'reg.example': entry } });

const scenarios: Readonly<Record<string, (given: Given) => Scenario>> = {
  'get hides a password': (given) => asking(given, ['get', image], 0, inline(given.secret)),
  'get hides a password in JSON': (given) => asking(given, ['get', image, '-o', 'json'], 0, inline(given.secret)),
  'get shows a password that is asked for': (given) => ({
    ...asking(given, ['get', image, '--show-secrets', '-o', 'json'], 0, inline(given.secret)),
    belongsOnStdout: true,
  }),
  'get hides a token that it sends': (given) =>
    asking(given, ['get', image, '--service-account-token-file', `${given.path}/token`], 0, known, {
      token: given.secret,
    }),
  'get hides an annotation': (given) => asking(given, ['get', image, '--annotation', `a/b=${given.secret}`]),
  'get hides an annotation without a name': (given) =>
    asking(given, ['get', image, '--annotation', given.secret.replace('=', '')], 2),
  'get hides the password of an image name': (given) => asking(given, ['get', `u:${given.secret}@reg.example/app`], 3),
  'get hides what it has no option for': (given) => asking(given, ['get', image, `--token=${given.secret}`], 2),
  'get hides an argument too many': (given) => asking(given, ['get', image, given.secret], 2),
  'get hides a config that is broken': (given) => asking(given, ['get', image], 2, inline(given.secret).slice(0, -2)),
  'explain hides a password': (given) => asking(given, ['explain', image], 0, inline(given.secret)),
  'explain hides a password in JSON': (given) =>
    asking(given, ['explain', image, '-o', 'json'], 0, inline(given.secret)),
  'explain hides the password of an image name': (given) =>
    asking(given, ['explain', `https://u:${given.secret}@reg.example/app`], 3),
  'explain hides the environment of a provider': (given) => explaining(given, kubeletConfig(given.secret), 0),
  'explain hides an unknown member': (given) =>
    explaining(given, `${kubeletConfig(given.secret)}    password: "${given.secret}"\n`, 2),
  'explain hides a kubelet config that is broken': (given) =>
    explaining(given, kubeletConfig(given.secret).replace('env: [', 'env: "'), 2),
  'explain hides a kubelet config that is cut short': (given) =>
    explaining(given, kubeletConfig(given.secret).replace(/"[^"]*$/, ''), 2),
  'explain hides a variable of another type': (given) =>
    explaining(given, kubeletConfig(given.secret).replace(/value: ".*"/, `value: { "${given.secret}": 1 }`), 2),
  'explain hides a variable written as a text': (given) =>
    explaining(given, kubeletConfig(given.secret).replace(/env: .*/, `env: ["PASSWORD=${given.secret}"]`), 2),

  'lint hides a password': (given) => linting(given, inline(given.secret), 0),
  'lint hides a password of another type': (given) =>
    linting(given, document({ provider: 'static', username: 'u', password: [given.secret] }), 2),
  'lint hides a password for another provider': (given) =>
    linting(given, document({ provider: 'docker-config', password: given.secret }), 2),
  'lint hides a password in a pattern': (given) =>
    linting(given, document({ provider: 'static', matchImages: [`https://u:${given.secret}@reg.example`] }), 2),
  'lint hides a config that is cut short': (given) => linting(given, inline(given.secret).slice(0, -8), 2),
  'lint hides YAML with a quote left open': (given) =>
    linting(given, `kind: PurserConfig\npassword: "${given.secret}\nb: 1\n`, 2, 'config.yaml'),
  'lint hides a password in a docker config': (given) =>
    linting(given, dockerConfig({ username: 'u', password: given.secret, auth: 'dTpw' }), 0),
  'lint hides an auth': (given) =>
    linting(given, dockerConfig({ auth: Buffer.from(`u:${given.secret}`).toString('base64') }), 0),
  'lint hides an auth that is the bare password': (given) => linting(given, dockerConfig({ auth: given.secret }), 2),
  'lint hides an identity token': (given) => linting(given, dockerConfig({ identitytoken: given.secret }), 0),
  'lint hides a password of another type in a docker config': (given) =>
    linting(given, dockerConfig({ password: { [given.secret]: given.secret } }), 2),
  'lint hides a docker config that is cut short': (given) =>
    linting(given, dockerConfig({ password: given.secret }).slice(0, -5), 2),
  'lint hides the password in a key': (given) =>
    linting(given, JSON.stringify({ auths: { [`https://u:${given.secret}@reg.example`]: { auth: '!' } } }), 2),
  'lint hides the password in a key that is no URL': (given) =>
    linting(given, JSON.stringify({ auths: { [`u:${given.secret}@reg.example:port`]: { auth: 'dTpw' } } }), 0),
  'lint hides the environment of a provider': (given) => linting(given, kubeletConfig(given.secret), 0, 'kubelet.yaml'),
  'lint hides a kubelet config that is cut short': (given) =>
    linting(given, kubeletConfig(given.secret).replace(/"[^"]*$/, ''), 2, 'kubelet.yaml'),
  'lint hides a kubelet config that is broken': (given) =>
    linting(given, kubeletConfig(given.secret).replace('env: [', 'env: "'), 2, 'kubelet.yaml'),
  'lint hides a variable of another type': (given) =>
    linting(
      given,
      kubeletConfig(given.secret).replace(/value: ".*"/, `value: { "${given.secret}": 1 }`),
      2,
      'kubelet.yaml',
    ),
  'lint hides a variable written as a text': (given) =>
    linting(
      given,
      kubeletConfig(given.secret).replace(/env: .*/, `env: ["PASSWORD=${given.secret}"]`),
      2,
      'kubelet.yaml',
    ),
  'lint hides a password in a pattern of the kubelet': (given) =>
    linting(
      given,
      kubeletConfig('').replace('[reg.example]', `["https://u:${given.secret}@reg.example:x"]`),
      2,
      'kubelet.yaml',
    ),
  'lint hides a password among the arguments': (given) =>
    linting(given, `${kubeletConfig('')}    args: ["--password=${given.secret}"]\n`, 0, 'kubelet.yaml'),
};

for (const build of builds) {
  for (const [what, scenario] of Object.entries(scenarios)) {
    test(`${build.name}: ${what} (R-SEC-01)`, async (t) => {
      await scan(t, build, scenario);
    });
  }
}
