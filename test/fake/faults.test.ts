/** Every fault does what it says: to the request it is meant for, as often as it says, and to no other. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { type AskOptions, ask, askRaw, basic, bearer, jsonOf } from './ask.ts';
import type { Fault } from './faults.ts';
import { createImage } from './image.ts';
import { type Registry, type RegistryOptions, startRegistry } from './registry.ts';

const users = { robot: 'secret' };
const image = createImage({ format: 'docker' });
const [, layer = image.top] = image.blobs;
const { bytes } = layer;

const manifestPath = '/v2/team/app/manifests/1.0';
const blobPath = `/v2/team/app/blobs/${layer.digest}`;

async function start(t: TestContext, options: RegistryOptions = {}): Promise<Registry> {
  const registry = await startRegistry(options);
  t.after(() => registry.close());
  registry.add('team/app', '1.0', image);
  return registry;
}

async function blobWith(t: TestContext, fault: Fault['do'], options: AskOptions = {}) {
  const registry = await start(t, { faults: [{ match: { path: /\/blobs\// }, do: fault }] });
  return ask(`${registry.url}${blobPath}`, options);
}

test('a fault meets the origin, path, method, status and number it names', async (t) => {
  const registry = await start(t, { auth: { mode: 'basic', users } });
  const statusOf = async (method: string, path: string, headers = {}) =>
    (await ask(`${registry.url}${path}`, { method, headers })).status;
  const good = basic('robot', 'secret');
  registry.faults.add({ match: { method: 'HEAD', path: /manifests/ }, do: { is: 'status', status: 405 } });
  assert.equal(await statusOf('HEAD', manifestPath, good), 405);
  assert.equal(await statusOf('GET', manifestPath, good), 200);
  assert.equal(await statusOf('HEAD', blobPath, good), 200);
  registry.faults.clear();
  registry.faults.add({ match: { status: 401 }, do: { is: 'status', status: 418 } });
  assert.equal(await statusOf('GET', manifestPath), 418);
  assert.equal(await statusOf('GET', manifestPath, good), 200);
  registry.faults.clear();
  registry.faults.add({ match: { origin: 'storage' }, do: { is: 'status', status: 500 } });
  registry.faults.add({ match: { nth: [2, 3] }, do: { is: 'status', status: 500 } });
  const statuses = [1, 2, 3, 4].map(() => statusOf('GET', manifestPath, good));
  assert.deepEqual(await Promise.all(statuses), [200, 500, 500, 200]);
  assert.deepEqual(
    registry.requests.slice(-4).map(({ faults }) => faults),
    [[], ['status'], ['status'], []],
  );
});

test('an answer, a body, a status and a header instead of the honest ones', async (t) => {
  const limited = { is: 'answer', status: 429, headers: [['Retry-After', '7']], body: 'slow down' } as const;
  const answer = await blobWith(t, limited);
  assert.deepEqual([answer.status, answer.headers['retry-after'], answer.body.toString()], [429, '7', 'slow down']);
  assert.equal(answer.headers['content-type'], undefined);
  const body = await blobWith(t, { is: 'body', body: 'other' });
  assert.deepEqual([body.status, body.body.toString()], [200, 'other']);
  const removed = await blobWith(t, { is: 'header', name: 'docker-content-digest', values: [] });
  assert.equal(removed.headers['docker-content-digest'], undefined);
  const two = await blobWith(t, {
    is: 'header',
    name: 'WWW-Authenticate',
    values: ['Basic', 'Bearer realm={token}/x'],
  });
  assert.match(two.headers['www-authenticate'] ?? '', /^Basic, Bearer realm=http:\/\/127\.0\.0\.1:[0-9]+\/x$/);
});

test('what is in the text of a header reaches the wire, control characters too', async (t) => {
  const values = ['299 - "\u001b[31mred"'];
  const registry = await start(t, { faults: [{ do: { is: 'header', name: 'Warning', values } }] });
  assert.match((await askRaw(`${registry.url}${manifestPath}`)).text, /\r\nWarning: 299 - "\u001b\[31mred"\r\n/);
});

test('a redirect goes where it says, to itself too', async (t) => {
  const loop = await blobWith(t, { is: 'redirect', to: '{self}?again', status: 302 });
  assert.equal(loop.status, 302);
  assert.ok(loop.headers.location?.endsWith(`${blobPath}?again`));
  const away = await blobWith(t, { is: 'redirect', to: 'http://other.example/x' });
  assert.deepEqual([away.status, away.headers.location], [307, 'http://other.example/x']);
});

test('lengths that lie: longer, shorter, doubled, missing, and two framings at once', async (t) => {
  const long = await blobWith(t, { is: 'resize', by: 1, declared: 'actual' });
  assert.equal(long.body.length, bytes.length + 1);
  const short = await blobWith(t, { is: 'resize', by: -1, declared: 'actual' });
  assert.deepEqual([short.body.length, short.broken], [bytes.length - 1, undefined]);
  const early = await blobWith(t, { is: 'resize', by: -1, declared: 'honest' });
  assert.deepEqual([early.body.length, early.broken], [bytes.length - 1, 'ECONNRESET']);
  const none = await blobWith(t, { is: 'header', name: 'Content-Length', values: [] });
  assert.deepEqual([none.body.length, none.headers['content-length']], [bytes.length, undefined]);
  const registry = await start(t);
  const raw = async (name: string, values: readonly string[]) => {
    registry.faults.clear();
    registry.faults.add({ do: { is: 'header', name, values } });
    return (await askRaw(`${registry.url}${manifestPath}`)).text
      .split('\r\n')
      .filter((line) => /^(Content-Len|Trans)/.test(line));
  };
  assert.deepEqual(await raw('Content-Length', ['1', '2']), ['Content-Length: 1', 'Content-Length: 2']);
  const both = ['Transfer-Encoding: chunked', `Content-Length: ${image.top.size}`];
  assert.deepEqual(await raw('Transfer-Encoding', ['chunked']), both);
});

test('bytes that lie: one bit, and a coding that nobody asked for', async (t) => {
  const flipped = await blobWith(t, { is: 'flip', at: 100 });
  const differing = [...flipped.body].flatMap((byte, at) =>
    byte === bytes[at] ? [] : [[at, byte ^ (bytes[at] ?? 0)]],
  );
  assert.deepEqual(differing, [[100, 1]]);
  const zipped = await blobWith(t, { is: 'gzip' });
  assert.equal(zipped.headers['content-encoding'], 'gzip');
  assert.deepEqual(gunzipSync(zipped.body), bytes);
});

test('ranges that lie: everything, or another part', async (t) => {
  const headers = { range: 'bytes=5-9' };
  const whole = await blobWith(t, { is: 'whole' }, { headers });
  assert.deepEqual([whole.status, whole.body.length], [200, bytes.length]);
  const other = await blobWith(t, { is: 'range', first: 6, last: 9 }, { headers });
  assert.deepEqual([other.status, other.headers['content-range']], [206, `bytes 6-9/${bytes.length}`]);
  assert.deepEqual(other.body, bytes.subarray(6, 10));
});

test('connections that break: before the answer, and in it', async (t) => {
  for (const how of ['reset', 'end'] as const) {
    await assert.rejects(blobWith(t, { is: 'cut', after: 'nothing', how }), { code: 'ECONNRESET' });
  }
  const half = await blobWith(t, { is: 'cut', after: 1000, how: 'end' });
  assert.deepEqual([half.body.length, half.broken], [1000, 'ECONNRESET']);
  // A reset may overtake what was sent before it.
  const registry = await start(t, { faults: [{ do: { is: 'cut', after: 1000, how: 'reset' } }] });
  const raw = await askRaw(`${registry.url}${blobPath}`);
  assert.equal(raw.end, 'reset');
  assert.deepEqual(
    registry.requests.map(({ sent }) => sent),
    [1000],
  );
});

test('answers that do not come or do not end are ended by close, and only then', async () => {
  for (const fault of [
    { is: 'delay', ms: Number.POSITIVE_INFINITY },
    { is: 'cut', after: 10, how: 'silence' },
    { is: 'cut', after: 'nothing', how: 'silence' },
    { is: 'endless' },
    { is: 'trickle', bytes: 1, everyMs: 60_000 },
    { is: 'trickle', bytes: 1, everyMs: 60_000, of: 'all' },
  ] as const) {
    const registry = await startRegistry({ faults: [{ do: fault }] });
    const asked = askRaw(`${registry.url}/v2/`);
    while (registry.requests.length === 0) await new Promise(setImmediate);
    if (fault.is === 'endless') {
      while ((registry.requests[0]?.sent ?? 0) < 1_000_000) await new Promise(setImmediate);
    }
    await registry.close();
    const { text } = await asked;
    if (fault.is === 'endless') assert.ok(text.length > 100_000);
    else assert.ok(text.length < 1000);
  }
});

test('a trickle brings everything, in pieces', async (t) => {
  for (const part of ['body', 'all'] as const) {
    const trickled = await blobWith(t, { is: 'trickle', bytes: 1000, everyMs: 1, of: part });
    assert.deepEqual(trickled.body, bytes);
  }
});

const tokenQuery = '/token?service=fake-registry&scope=repository:team/app:pull';
const loginForm =
  'grant_type=password&username=robot&password=secret&client_id=test&service=fake-registry&scope=repository:team/app:pull';

test('tokens that lie: no rights, another life, another member, and one that dies on the way', async (t) => {
  const registry = await start(t, { auth: { mode: 'bearer', users } });
  const fetchToken = async () =>
    jsonOf(await ask(`${registry.url}${tokenQuery}`, { headers: basic('robot', 'secret') }));
  const statusWith = async (token: unknown) =>
    (await ask(`${registry.url}${manifestPath}`, { headers: bearer(String(token)) })).status;
  const good = await fetchToken();
  assert.equal(await statusWith(good['token']), 200);

  registry.faults.add({ match: { origin: 'token' }, do: { is: 'token', access: 'empty' } });
  assert.equal(await statusWith((await fetchToken())['token']), 401);
  registry.faults.clear();

  registry.faults.add({ match: { origin: 'token' }, do: { is: 'token', life: 0 } });
  const short = await fetchToken();
  assert.deepEqual([short['expires_in'], await statusWith(short['token'])], [0, 401]);
  registry.faults.clear();

  const rename = {
    is: 'json',
    rename: { access_token: 'token' },
    set: { expires_in: 'soon' },
    drop: ['issued_at'],
  } as const;
  registry.faults.add({ match: { origin: 'token', method: 'POST' }, do: rename });
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  const posted = jsonOf(await ask(`${registry.url}/token`, { method: 'POST', headers, body: loginForm }));
  assert.deepEqual(Object.keys(posted).sort(), ['expires_in', 'scope', 'token']);
  assert.equal(await statusWith(posted['token']), 200);

  registry.faults.add({ match: { path: /manifests/, nth: 2 }, do: { is: 'dead token' } });
  const statuses = [await statusWith(good['token']), await statusWith(good['token']), await statusWith(good['token'])];
  assert.deepEqual(statuses, [200, 401, 200]);
});

test('several faults of one request act one after the other', async (t) => {
  const registry = await start(t);
  registry.faults.add({ do: { is: 'flip', at: 0 } }, { do: { is: 'resize', by: -10, declared: 'honest' } });
  const asked = await ask(`${registry.url}${blobPath}`);
  assert.deepEqual([asked.body.length, asked.body[0], asked.broken], [bytes.length - 10, 0x1e, 'ECONNRESET']);
});

test('a fault that does not fit its request fails the test that asked for it', async () => {
  const registry = await startRegistry({ faults: [{ do: { is: 'whole' } }] });
  await assert.rejects(ask(`${registry.url}/v2/`), { code: 'ECONNRESET' });
  await assert.rejects(registry.close(), /the fault "whole" does not fit/);
});
