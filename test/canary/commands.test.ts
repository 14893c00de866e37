/** get and explain with a marked secret at every input. */
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
};

for (const build of builds) {
  for (const [what, scenario] of Object.entries(scenarios)) {
    test(`${build.name}: ${what} (R-SEC-01)`, (t) => scan(t, build, scenario).then(() => undefined));
  }
}
