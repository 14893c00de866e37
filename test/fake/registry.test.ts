/** The fake tells the truth: without faults it answers as distribution's documents say and refuses what they forbid. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { Agent } from 'node:http';
import { type TestContext, test } from 'node:test';
import { type AskOptions, ask, basic, bearer } from './ask.ts';
import { createImage, createIndex, mediaTypes } from './image.ts';
import { type Registry, type RegistryOptions, startRegistry } from './registry.ts';
import { createAuthority } from './tls.ts';

const users = { robot: 'pa:ss wörd' };
const image = createIndex();
const accept = { accept: Object.values(mediaTypes.oci).join(', ') };
const [, firstManifest = image.top] = image.manifests;
const [, layer = image.top] = image.blobs;

async function start(t: TestContext, options: RegistryOptions = {}): Promise<Registry> {
  const registry = await startRegistry(options);
  t.after(() => registry.close());
  registry.add('team/app', '1.0', image);
  registry.add('library/open', 'latest', image, { visibility: 'public' });
  registry.add('team/closed', '1.0', image, { readers: ['somebody'] });
  return registry;
}

function manifest(registry: Registry, name: string, reference: string, options: AskOptions = {}) {
  const headers = { ...accept, ...options.headers };
  return ask(`${registry.url}/v2/${name}/manifests/${reference}`, { ...options, headers });
}

function blob(registry: Registry, options: AskOptions = {}) {
  return ask(`${registry.url}/v2/team/app/blobs/${layer.digest}`, options);
}

test('a manifest comes by tag and by digest, with its digest, type and length, and HEAD says the same', async (t) => {
  const registry = await start(t);
  for (const reference of ['1.0', image.top.digest, image.top.digest.replace(':', '%3A')]) {
    const got = await manifest(registry, 'team/app', reference);
    assert.equal(got.status, 200);
    assert.equal(`sha256:${createHash('sha256').update(got.body).digest('hex')}`, image.top.digest);
    assert.equal(got.headers['docker-content-digest'], image.top.digest);
    assert.equal(got.headers['content-type'], mediaTypes.oci.index);
    const head = await manifest(registry, 'team/app', reference, { method: 'HEAD' });
    assert.equal(head.body.length, 0);
    assert.deepEqual({ ...head.headers, date: 0 }, { ...got.headers, date: 0 });
  }
  assert.equal((await manifest(registry, 'team/app', firstManifest.digest)).status, 200);
});

test('what is not there is 404 with its code, what cannot be is 400', async (t) => {
  const registry = await start(t);
  const codes = async (path: string) => {
    const { status, body } = await ask(`${registry.url}${path}`, { headers: accept });
    const [, code] = /"code":"([A-Z_]+)"/.exec(body.toString()) ?? [];
    return `${status} ${code}`;
  };
  assert.equal(await codes('/v2/team/app/manifests/2.0'), '404 MANIFEST_UNKNOWN');
  assert.equal(await codes(`/v2/team/app/manifests/sha256:${'0'.repeat(64)}`), '404 MANIFEST_UNKNOWN');
  assert.equal(await codes('/v2/team/none/manifests/1.0'), '404 NAME_UNKNOWN');
  assert.equal(await codes(`/v2/team/app/blobs/sha256:${'0'.repeat(64)}`), '404 BLOB_UNKNOWN');
  assert.equal(await codes(`/v2/team/app/blobs/${image.top.digest}`), '404 BLOB_UNKNOWN');
  assert.equal(await codes('/v2/Team/app/manifests/1.0'), '400 NAME_INVALID');
  assert.equal(await codes('/v2/team/app/manifests/-x'), '400 TAG_INVALID');
  assert.equal(await codes('/v2/team/app/manifests/sha256:beef'), '400 DIGEST_INVALID');
  assert.equal(await codes('/v2/team/app/blobs/latest'), '400 DIGEST_INVALID');
  assert.equal(await codes('/v2'), '404 UNSUPPORTED');
  assert.equal(await codes('/v1/_ping'), '404 UNSUPPORTED');
});

test('an OCI manifest is only for those who accept it by name', async (t) => {
  const registry = await start(t);
  registry.add('team/docker', 'x', createImage({ format: 'docker' }));
  assert.equal((await manifest(registry, 'team/app', '1.0', { headers: { accept: '*/*' } })).status, 404);
  assert.equal((await manifest(registry, 'team/docker', 'x', { headers: { accept: '*/*' } })).status, 200);
});

test('a request that no client should send is refused, whoever sends it', async (t) => {
  const registry = await start(t);
  const url = `${registry.url}/v2/team/app/manifests/1.0`;
  const status = async (options: AskOptions) => (await ask(url, options)).status;
  assert.equal(await status({ headers: accept }), 200);
  assert.equal(await status({ headers: { ...accept, host: 'other.example' } }), 421);
  assert.equal(await status({ method: 'DELETE' }), 405);
  assert.equal(await status({ headers: { ...accept, cookie: 'a=b' } }), 400);
  assert.equal(await status({ headers: { ...accept, 'proxy-authorization': 'Basic eDp5' } }), 400);
  assert.equal(await status({ headers: { ...accept, 'content-length': '2' }, body: '{}' }), 400);
  const twice = ['authorization', 'Basic eDp5', 'authorization', 'Basic eDp5'];
  assert.equal(await status({ headers: ['host', registry.host, 'accept', accept.accept, ...twice] }), 400);
});

test('Basic: a challenge, the right password, the wrong one, and no canonical form', async (t) => {
  const registry = await start(t, { auth: { mode: 'basic', users, realm: 'here' } });
  const ask1 = (name: string, headers: Record<string, string> = {}) => manifest(registry, name, '1.0', { headers });
  const nobody = await ask1('team/app');
  assert.equal(nobody.status, 401);
  assert.equal(nobody.headers['www-authenticate'], 'Basic realm="here"');
  assert.equal((await ask1('team/app', basic('robot', 'pa:ss wörd'))).status, 200);
  assert.equal((await ask1('team/app', basic('robot', 'pa:ss'))).status, 401);
  assert.equal((await ask1('team/app', basic('__proto__', ''))).status, 401);
  assert.equal((await ask1('team/app', bearer('x'))).status, 401);
  assert.equal((await ask1('team/app', { authorization: 'Basic cm9ib3Q6eA' })).status, 400);
  assert.equal((await ask1('team/closed', basic('robot', 'pa:ss wörd'))).status, 403);
  assert.equal((await ask1('team/none', basic('robot', 'pa:ss wörd'))).status, 404);
  assert.equal((await manifest(registry, 'library/open', 'latest')).status, 200);
});

test('blobs by range: one range, its end, the whole, nothing, and several', async (t) => {
  const registry = await start(t);
  const size = layer.bytes.length;
  const part = async (range: string) => {
    const { status, headers, body } = await blob(registry, { headers: { range } });
    return [status, headers['content-range'], body.length];
  };
  assert.deepEqual(await part('bytes=0-0'), [206, `bytes 0-0/${size}`, 1]);
  assert.deepEqual(await part('bytes=10-'), [206, `bytes 10-${size - 1}/${size}`, size - 10]);
  assert.deepEqual(await part('bytes=-5'), [206, `bytes ${size - 5}-${size - 1}/${size}`, 5]);
  assert.deepEqual(await part(`bytes=0-${size + 9}`), [206, `bytes 0-${size - 1}/${size}`, size]);
  assert.deepEqual((await part(`bytes=${size}-`)).slice(0, 2), [416, `bytes */${size}`]);
  assert.equal((await part('bytes=0-1,3-4'))[0], 400);
  const changed = await blob(registry, { headers: { range: 'bytes=0-0', 'if-range': '"other"' } });
  assert.deepEqual([changed.status, changed.body.length], [200, size]);
  const middle = await blob(registry, { headers: { range: 'bytes=3-6' } });
  assert.deepEqual(middle.body, layer.bytes.subarray(3, 7));
});

test('storage serves the address it was given, once for each method, until it dies, and never with Authorization', async (t) => {
  let now = Date.UTC(2026, 0, 1);
  const registry = await start(t, { auth: { mode: 'basic', users }, storage: { life: 60 }, now: () => now });
  const auth = basic('robot', 'pa:ss wörd');
  const redirect = await blob(registry, { headers: auth });
  assert.equal(redirect.status, 307);
  const location = redirect.headers.location ?? '';
  assert.ok(location.startsWith(registry.urls.storage));
  assert.notEqual(registry.urls.storage, registry.url);
  const got = await ask(location, { headers: { range: 'bytes=0-9' } });
  assert.deepEqual([got.status, got.body], [206, layer.bytes.subarray(0, 10)]);
  const refusal = async (url: string, options: AskOptions = {}) => {
    const { status, headers, body } = await ask(url, options);
    assert.equal(headers['content-type'], 'application/xml');
    return `${status} ${/<Code>(\w+)</.exec(body.toString())?.[1]}`;
  };
  assert.equal(await refusal(location, { headers: auth }), '400 InvalidArgument');
  assert.equal((await ask(location, { method: 'HEAD' })).status, 403);
  const rebuilt = new URL(location);
  rebuilt.searchParams.append('x', 'y');
  assert.equal(await refusal(rebuilt.href), '403 SignatureDoesNotMatch');
  now += 60_000;
  assert.equal(await refusal(location), '403 AccessDenied');
});

test('over TLS with a private authority; what ALPN offers is noted', async (t) => {
  const authority = createAuthority();
  const registry = await start(t, { tls: authority.issue() });
  assert.match(registry.url, /^https:/);
  const got = await manifest(registry, 'team/app', '1.0', { ca: authority.certificate });
  assert.equal(got.status, 200);
  assert.deepEqual(registry.offered, [['http/1.1']]);
  await assert.rejects(manifest(registry, 'team/app', '1.0'), { code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' });
});

test('a connection that is kept serves many requests, and none of them stays on it', async (t) => {
  const registry = await start(t);
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  t.after(() => agent.destroy());
  const warnings: Error[] = [];
  const onWarning = (warning: Error): void => void warnings.push(warning);
  process.on('warning', onWarning);
  t.after(() => process.off('warning', onWarning));
  for (let count = 0; count < 20; count++) assert.equal((await blob(registry, { agent })).status, 200);
  assert.deepEqual(warnings, []);
});

test('after close nothing listens, and no connection is left', async () => {
  const registry = await startRegistry({ auth: { mode: 'bearer', users }, tokenOrigin: 'other', storage: {} });
  const { urls } = registry;
  await registry.close();
  for (const url of Object.values(urls)) await assert.rejects(ask(`${url}/v2/`), { code: 'ECONNREFUSED' });
});
