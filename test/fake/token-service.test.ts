/** The realm gives tokens as the token specification says, and a token opens what it was given for. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { type AskOptions, ask, basic, bearer, jsonOf } from './ask.ts';
import { createIndex, mediaTypes } from './image.ts';
import { type Registry, type RegistryOptions, startRegistry } from './registry.ts';
import { lineOf } from './request-log.ts';

const users = { robot: 'pa:ss wörd' };
const scope = 'repository:team/app:pull';

async function start(t: TestContext, options: RegistryOptions): Promise<Registry> {
  const registry = await startRegistry(options);
  t.after(() => registry.close());
  const image = createIndex();
  registry.add('team/app', '1.0', image);
  registry.add('library/open', 'latest', image, { visibility: 'public' });
  registry.add('team/closed', '1.0', image, { readers: ['somebody'] });
  return registry;
}

function manifest(registry: Registry, name: string, reference: string, options: AskOptions = {}) {
  const headers = { accept: Object.values(mediaTypes.oci).join(', '), ...options.headers };
  return ask(`${registry.url}/v2/${name}/manifests/${reference}`, { ...options, headers });
}

interface TokenAnswer {
  readonly status: number;
  readonly token: string;
  readonly members: readonly string[];
}

async function token(url: string, options: AskOptions = {}): Promise<TokenAnswer> {
  const asked = await ask(url, options);
  const json = jsonOf(asked);
  return { status: asked.status, token: String(json['access_token']), members: Object.keys(json).sort() };
}

const form = (values: Record<string, string>): AskOptions => ({
  method: 'POST',
  headers: { 'content-type': 'application/x-www-form-urlencoded' },
  body: new URLSearchParams(values).toString(),
});

test('Bearer by GET: the challenge leads to a token that opens this repository and no other', async (t) => {
  const registry = await start(t, { auth: { mode: 'bearer', users, service: 'a service' }, tokenOrigin: 'other' });
  const nobody = await manifest(registry, 'team/app', '1.0');
  assert.equal(nobody.status, 401);
  const { token: realm } = registry.urls;
  const challenge = `Bearer realm="${realm}/token",service="a service",scope="${scope}"`;
  assert.equal(nobody.headers['www-authenticate'], challenge);
  assert.notEqual(realm, registry.url);

  const url = `${realm}/token?service=a%20service&scope=${scope}`;
  const good = await token(url, { headers: basic('robot', 'pa:ss wörd') });
  assert.equal(good.status, 200);
  assert.deepEqual(good.members, ['access_token', 'expires_in', 'issued_at', 'token']);
  assert.equal((await manifest(registry, 'team/app', '1.0', { headers: bearer(good.token) })).status, 200);
  const other = await manifest(registry, 'team/closed', '1.0', { headers: bearer(good.token) });
  assert.equal(other.status, 401);
  assert.match(
    other.headers['www-authenticate'] ?? '',
    /scope="repository:team\/closed:pull",error="insufficient_scope"$/,
  );
  const forged = await manifest(registry, 'team/app', '1.0', { headers: bearer(`${good.token}x`) });
  assert.match(forged.headers['www-authenticate'] ?? '', /error="invalid_token"$/);
  assert.equal((await token(url, { headers: basic('robot', 'wrong') })).status, 401);
  assert.deepEqual(registry.requests.map(lineOf).slice(0, 3), [
    'registry GET /v2/team/app/manifests/1.0 401',
    `token GET /token?service=a%20service&scope=${scope} 200`,
    'registry GET /v2/team/app/manifests/1.0 200',
  ]);
});

test('Bearer by POST: access_token alone, a refresh token when asked for, and all that form encoding carries', async (t) => {
  const registry = await start(t, { auth: { mode: 'bearer', users } });
  const common = { service: 'fake-registry', client_id: 'test', scope };
  const password = { ...common, grant_type: 'password', username: 'robot', password: 'pa:ss wörd' };
  const url = `${registry.url}/token`;
  const good = await token(url, form(password));
  assert.deepEqual(good.members, ['access_token', 'expires_in', 'issued_at', 'scope']);
  assert.equal((await manifest(registry, 'team/app', '1.0', { headers: bearer(good.token) })).status, 200);
  const offline = await ask(url, form({ ...password, access_type: 'offline' }));
  const refresh = { ...common, grant_type: 'refresh_token', refresh_token: String(jsonOf(offline)['refresh_token']) };
  const again = await token(url, form(refresh));
  assert.equal((await manifest(registry, 'team/app', '1.0', { headers: bearer(again.token) })).status, 200);
  const statusOf = async (options: AskOptions) => (await ask(url, options)).status;
  assert.equal(await statusOf(form({ ...refresh, refresh_token: 'x' })), 401);
  assert.equal(await statusOf(form({ ...password, password: 'wrong' })), 401);
  assert.equal(await statusOf(form({ ...password, grant_type: 'magic' })), 400);
  assert.equal(await statusOf({ ...form(password), headers: {} }), 400);
  assert.equal(await statusOf({ ...form(password), body: JSON.stringify(password) }), 400);
});

test('a token request with a wrong service, an unknown or doubled parameter or an odd scope is 400', async (t) => {
  const auth = { mode: 'bearer', users, realmQuery: 'tenant=a%20b' } as const;
  const registry = await start(t, { auth });
  const status = async (query: string) => (await ask(`${registry.url}/token?${query}`)).status;
  const good = 'tenant=a%20b&service=fake-registry';
  assert.equal(await status(`${good}&scope=${scope}`), 200);
  assert.equal(await status(`tenant=a+b&service=fake-registry&scope=${scope}&scope=${scope}`), 200);
  assert.equal(await status('service=fake-registry'), 400);
  assert.equal(await status('tenant=a%20b&service=other'), 400);
  assert.equal(await status('tenant=a%20b'), 400);
  assert.equal(await status(`${good}&service=fake-registry`), 400);
  assert.equal(await status(`${good}&colour=red`), 400);
  assert.equal(await status(`${good}&scope=repository:team/app`), 400);
  assert.equal(await status(`${good}&account=somebody`), 200);
  const account = { headers: basic('robot', 'pa:ss wörd') };
  assert.equal((await ask(`${registry.url}/token?${good}&account=somebody`, account)).status, 400);
});

test('a wrong password can get a token without rights, as at Harbor, and nobody gets one for public repositories', async (t) => {
  const registry = await start(t, { auth: { mode: 'bearer', users, wrongPassword: 'empty-token' } });
  const url = `${registry.url}/token?service=fake-registry`;
  const empty = await token(`${url}&scope=${scope}`, { headers: basic('robot', 'wrong') });
  assert.equal(empty.status, 200);
  assert.equal((await manifest(registry, 'team/app', '1.0', { headers: bearer(empty.token) })).status, 401);
  const nobody = await token(`${url}&scope=repository:library/open:pull`);
  assert.equal((await manifest(registry, 'library/open', 'latest')).status, 401);
  assert.equal((await manifest(registry, 'library/open', 'latest', { headers: bearer(nobody.token) })).status, 200);
  const hidden = await token(`${url}&scope=${scope}`);
  assert.equal((await manifest(registry, 'team/app', '1.0', { headers: bearer(hidden.token) })).status, 401);
});

test('a token dies by the clock and by revocation', async (t) => {
  let now = Date.UTC(2026, 0, 1);
  const registry = await start(t, { auth: { mode: 'bearer', users, life: 60 }, now: () => now });
  const url = `${registry.url}/token?service=fake-registry&scope=${scope}`;
  const status = async (headers: Record<string, string>) =>
    (await manifest(registry, 'team/app', '1.0', { headers })).status;
  const first = await token(url, { headers: basic('robot', 'pa:ss wörd') });
  now += 59_999;
  assert.equal(await status(bearer(first.token)), 200);
  now += 1;
  assert.equal(await status(bearer(first.token)), 401);
  const second = await token(url, { headers: basic('robot', 'pa:ss wörd') });
  assert.equal(await status(bearer(second.token)), 200);
  registry.tokens.revoke();
  assert.equal(await status(bearer(second.token)), 401);
});

test('without rights: 403 and 404 where a service says so, and open repositories without any token', async (t) => {
  for (const [withoutRights, expected] of [
    ['denied', 403],
    ['not-found', 404],
  ] as const) {
    const registry = await start(t, { auth: { mode: 'bearer', users, withoutRights, openPublic: true } });
    const url = `${registry.url}/token?service=fake-registry&scope=repository:team/closed:pull`;
    const { token: some } = await token(url, { headers: basic('robot', 'pa:ss wörd') });
    assert.equal((await manifest(registry, 'team/closed', '1.0', { headers: bearer(some) })).status, expected);
    assert.equal((await manifest(registry, 'library/open', 'latest')).status, 200);
  }
});
