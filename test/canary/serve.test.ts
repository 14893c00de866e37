/** serve with a marked secret at every input: it reaches stdout, where the kubelet reads it, and nothing else. */
import { test } from 'node:test';
import { builds, requestFor } from '../built.ts';
import { tokenOf } from '../jwt.ts';
import { type Given, type Scenario, scan } from './scan.ts';

const [, standalone] = builds;
const image = 'reg.example/team/app';
const request = requestFor(image);

const document = (entry: object): string => {
  const registries = [{ matchImages: ['reg.example'], ...entry }];
  return JSON.stringify({ apiVersion: 'purser/v1', kind: 'PurserConfig', registries });
};
const inline = (secret: string): string => document({ provider: 'static', username: 'u', password: secret });
const fromFile = (path: string): string =>
  document({ provider: 'static', username: 'u', passwordFile: `${path}/password` });
const fromDockerConfig = (path: string): string => document({ provider: 'docker-config', path: `${path}/docker.json` });
const auth = (secret: string): string => Buffer.from(`user:${secret}`).toString('base64');

/** Asks for the image with this config. */
const serving = (
  { path }: Given,
  config: string,
  more: Omit<Partial<Scenario>, 'files'> & Pick<Scenario, 'code'>,
  files: Scenario['files'] = {},
): Scenario => {
  return {
    files: { 'config.json': config, ...files },
    stdin: request,
    ...more,
    env: { PURSER_CONFIG: `${path}/config.json`, ...more.env },
  };
};

/** A request with more members, and a config that answers it. */
const asking = (given: Given, members: object, code: number): Scenario => {
  const stdin = `${JSON.stringify({ ...JSON.parse(request), ...members })}\n`;
  return serving(given, document({ provider: 'static', username: 'u', password: 'known' }), { stdin, code });
};

/** An entry that hands on the pod's own token, and refuses this one. */
const handing = (given: Given, serviceAccountToken: string): Scenario => {
  const entry = { provider: 'service-account-token', audience: 'reg.example', kubeletCacheType: 'Token' };
  const stdin = `${JSON.stringify({ ...JSON.parse(request), serviceAccountToken })}\n`;
  return serving(given, document(entry), { stdin, code: 4 });
};

const scenarios: Readonly<Record<string, (given: Given) => Scenario>> = {
  'a password in the config': (given) => serving(given, inline(given.secret), { code: 0, belongsOnStdout: true }),
  'a password in a file': (given) =>
    serving(given, fromFile(given.path), { code: 0, belongsOnStdout: true }, { password: `${given.secret}\n` }),
  'a password in a docker config': (given) => {
    const auths = { 'reg.example': { username: 'u', password: given.secret } };
    return serving(
      given,
      fromDockerConfig(given.path),
      { code: 0, belongsOnStdout: true },
      { 'docker.json': JSON.stringify({ auths }) },
    );
  },
  'an auth in a docker config': (given) => {
    const auths = { 'reg.example': { auth: auth(given.secret) } };
    return serving(
      given,
      fromDockerConfig(given.path),
      { code: 0, belongsOnStdout: true },
      { 'docker.json': JSON.stringify({ auths }) },
    );
  },
  'an identity token in a docker config': (given) => {
    const auths = { 'reg.example': { identitytoken: given.secret } };
    return serving(given, fromDockerConfig(given.path), { code: 0 }, { 'docker.json': JSON.stringify({ auths }) });
  },

  'a service account token': (given) => asking(given, { serviceAccountToken: given.secret }, 0),
  'a service account token that is none': (given) => handing(given, given.secret),
  'a service account token for others, with a secret in each claim': (given) => {
    const { secret } = given;
    const claims = { aud: [secret], iss: secret, sub: `system:serviceaccount:${secret}:${secret}`, jti: secret };
    return handing(given, tokenOf(Math.floor(Date.now() / 1000), { claims, header: { alg: secret } }));
  },
  'a service account token that expired': (given) => handing(given, tokenOf(0, { claims: { jti: given.secret } })),
  'a service account token of another type': (given) => asking(given, { serviceAccountToken: [given.secret] }, 3),
  'a service account token beside a bad image': (given) =>
    asking(given, { serviceAccountToken: given.secret, image: 'https://a' }, 3),
  'a service account token beside a bad version': (given) =>
    asking(given, { serviceAccountToken: given.secret, apiVersion: 'v9' }, 3),
  'the value of an annotation': (given) => asking(given, { serviceAccountAnnotations: { 'a/b': given.secret } }, 0),
  'an annotation of another type': (given) =>
    asking(given, { serviceAccountAnnotations: { 'a/b': [given.secret] } }, 3),
  'annotations of another type': (given) => asking(given, { serviceAccountAnnotations: given.secret }, 3),
  'a member that nobody knows': (given) => asking(given, { password: given.secret }, 0),
  'the password of an image name': (given) => asking(given, { image: `user:${given.secret}@reg.example/app` }, 3),
  'the password of an image URL': (given) => asking(given, { image: `https://user:${given.secret}@reg.example/a` }, 3),

  'a password file that is not UTF-8': (given) => {
    const password = Buffer.concat([Buffer.from(given.secret), Buffer.from([0xff])]);
    return serving(given, fromFile(given.path), { code: 2 }, { password });
  },
  'a password file that is too large': (given) =>
    serving(given, fromFile(given.path), { code: 2 }, { password: given.secret.padEnd(1024 * 1024 + 1, given.secret) }),
  'a docker config with a bad auth': (given) => {
    const auths = { 'reg.example': { auth: `${auth(given.secret)}!` } };
    return serving(given, fromDockerConfig(given.path), { code: 2 }, { 'docker.json': JSON.stringify({ auths }) });
  },
  'a docker config with an auth that is the bare password': (given) => {
    const auths = { 'reg.example': { auth: given.secret } };
    return serving(given, fromDockerConfig(given.path), { code: 2 }, { 'docker.json': JSON.stringify({ auths }) });
  },
  'a docker config with the password in a key': (given) => {
    const auths = { [`https://user:${given.secret}@reg.example`]: { auth: '!' } };
    return serving(given, fromDockerConfig(given.path), { code: 2 }, { 'docker.json': JSON.stringify({ auths }) });
  },
  'a broken docker config that a search passes over': (given) => {
    const config = document({ provider: 'docker-config', rootDir: given.path, workingDir: given.path });
    const files = { '.dockercfg': `{"reg.example":{"auth":"${auth(given.secret)}"` };
    return serving(given, config, { code: 0 }, files);
  },

  'a config that is no longer JSON': (given) => serving(given, inline(given.secret).replace('"u"', 'u'), { code: 2 }),
  'a config with a password twice': (given) =>
    serving(given, inline(given.secret).replace('"password"', '"password":"x","password"'), { code: 2 }),
  'a config with a list for a password': (given) =>
    serving(given, document({ provider: 'static', username: 'u', password: [given.secret] }), { code: 2 }),
  'a config with a password for another provider': (given) =>
    serving(given, document({ provider: 'docker-config', path: '/x', password: given.secret }), { code: 2 }),
  'a config with a password for a provider that is unknown': (given) =>
    serving(given, document({ provider: 'vault', password: given.secret }), { code: 2 }),
  'a config with a password in a pattern': (given) =>
    serving(given, document({ matchImages: [`https://user:${given.secret}@reg.example`], provider: 'static' }), {
      code: 2,
    }),
  'a config with a password in a path': (given) =>
    serving(given, document({ provider: 'static', username: 'u', passwordFile: given.secret }), { code: 2 }),
  'YAML with a quote left open': (given) =>
    serving(given, `registries:\n  - password: "${given.secret}\n    provider: static\n`, { code: 2 }),
  'YAML with a password for an alias': (given) => serving(given, `password: *${given.secret}\n`, { code: 2 }),
  'YAML with a password for a tag': (given) => serving(given, `password: !${given.secret} x\n`, { code: 2 }),
  'YAML that is a password': (given) => serving(given, `${given.secret}\n`, { code: 2 }),
  'YAML with two documents': (given) =>
    serving(given, `a: "${given.secret}"\n---\nb: "${given.secret}"\n`, { code: 2 }),

  'variables that mean something to others': (given) => {
    const { secret } = given;
    const env = { AWS_SECRET_ACCESS_KEY: secret, HTTPS_PROXY: `http://u:${secret}@127.0.0.1:1`, PASSWORD: secret };
    return serving(given, document({ provider: 'static', username: 'u', password: 'known' }), { code: 0, env });
  },
  'a config in the variable that should name one': (given) => ({
    stdin: request,
    env: { PURSER_CONFIG: inline(given.secret) },
    code: 2,
  }),
  'a password as an option': (given) => ({ args: [`--password=${given.secret}`], stdin: request, code: 2 }),
  'a password as an option of its own': (given) => ({ args: ['--password', given.secret], stdin: request, code: 2 }),
};

for (const build of builds) {
  for (const [what, scenario] of Object.entries(scenarios)) {
    test(`${build.name}: ${what} goes nowhere but to the kubelet (R-SEC-01)`, (t) =>
      scan(t, build, scenario).then(() => undefined));
  }
}

test('standalone: NODE_DEBUG of everything makes no difference (R-SEC-02)', async (t) => {
  for (const what of [
    'a password in a file',
    'an auth in a docker config',
    'a config that is no longer JSON',
    'a service account token',
  ]) {
    const scenario = scenarios[what];
    if (scenario === undefined) throw new Error(`no scenario is called ${what}`);
    await scan(t, standalone, (given) => {
      const { env, ...rest } = scenario(given);
      return { ...rest, env: { ...env, NODE_DEBUG: '*', NODE_DEBUG_NATIVE: '*', DEBUG: '*' } };
    });
  }
});

// Cut after every seventh byte, so that a password ends in the middle of everything that can be in a text.
for (const [what, cut] of Object.entries({
  'a request': (given: Given, length: number): Scenario => {
    const { code, ...rest } = asking(given, { serviceAccountToken: given.secret }, 3);
    return { ...rest, code, stdin: String(rest.stdin).slice(0, length) };
  },
  'a config': (given: Given, length: number): Scenario =>
    serving(given, inline(given.secret).slice(0, length), { code: 2 }),
  'a docker config': (given: Given, length: number): Scenario => {
    const text = JSON.stringify({ auths: { 'reg.example': { auth: auth(given.secret), password: given.secret } } });
    return serving(
      given,
      fromDockerConfig(given.path),
      { code: 2 },
      { 'docker.json': text.slice(0, Math.min(length, text.length - 1)) },
    );
  },
})) {
  test(`standalone: ${what} that is cut short anywhere tells nothing of it (R-SEC-01, F-I02)`, async (t) => {
    for (let length = 1; length < 150; length += 7) await scan(t, standalone, (given) => cut(given, length));
  });
}
