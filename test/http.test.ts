/** What the HTTP client lets through: literal answers of a raw server, and what is refused before anything is sent. */
import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { describe, it, type TestContext } from 'node:test';
import { PurserError } from '../src/errors.ts';
import { createHttpClient, readBody } from '../src/http.ts';

/** A server that says this, whatever it is asked, and ends the connection. */
async function say(t: TestContext, answer: string): Promise<string> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.once('data', () => socket.end(answer));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close());
  const address = server.address();
  assert(typeof address === 'object' && address !== null);
  return `http://127.0.0.1:${address.port}/`;
}

/** The body as text, or the code of the error. */
async function fetchText(url: string, options: { framed?: boolean; maxBytes?: number; plainHTTP?: boolean } = {}) {
  const { framed = false, maxBytes = 100, plainHTTP = true } = options;
  const client = await createHttpClient({ ca: [] });
  try {
    const response = await client.send({ method: 'GET', url, signal: new AbortController().signal, plainHTTP });
    const request = { method: 'GET', url };
    return Buffer.from(await readBody(response, { maxBytes, request, framed })).toString();
  } catch (error) {
    assert(error instanceof PurserError, String(error));
    return error.code;
  } finally {
    await client.close();
  }
}

describe('F-N04: an answer is never taken for whole when it may not be', () => {
  const head = 'HTTP/1.1 200 OK\r\n';
  const cases: readonly (readonly [name: string, answer: string, expected: RegExp])[] = [
    ['with its length', `${head}Content-Length: 5\r\n\r\nhello`, /^hello$/],
    ['in chunks', `${head}Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n`, /^hello$/],
    ['shorter than its length', `${head}Content-Length: 9\r\n\r\nhello`, /^NET_BROKEN$/],
    ['in chunks without an end', `${head}Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n`, /^NET_BROKEN$/],
    ['with a broken chunk', `${head}Transfer-Encoding: chunked\r\n\r\nzz\r\nhello\r\n0\r\n\r\n`, /^NET_BROKEN$/],
    ['without a length', `${head}\r\nhello`, /^UPSTREAM_FORMAT$/],
    [
      'with a length and chunks',
      `${head}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n`,
      /^(NET_BROKEN|UPSTREAM_FORMAT)$/,
    ],
    [
      'with two lengths',
      `${head}Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello`,
      /^(NET_BROKEN|UPSTREAM_FORMAT)$/,
    ],
    [
      'with one length twice',
      `${head}Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello`,
      /^(NET_BROKEN|UPSTREAM_FORMAT)$/,
    ],
    ['that is not HTTP', 'hello\r\n\r\n', /^UPSTREAM_FORMAT$/],
    ['that is nothing', '', /^NET_BROKEN$/],
  ];
  for (const [name, answer, expected] of cases) {
    it(name, async (t) => {
      assert.match(await fetchText(await say(t, answer), { framed: true }), expected);
    });
  }
});

describe('R-NET-09: an answer is never larger than allowed', () => {
  it('in its body', async (t) => {
    const url = await say(t, `HTTP/1.1 200 OK\r\nContent-Length: 101\r\n\r\n${'x'.repeat(101)}`);
    assert.equal(await fetchText(url), 'UPSTREAM_FORMAT');
    assert.equal(await fetchText(url, { maxBytes: 101 }), 'x'.repeat(101));
  });

  it('in its headers, one long or very many', async (t) => {
    for (const lines of [
      'a'.repeat(40_000),
      Array.from({ length: 2000 }, (_, n) => `1234567890\r\nX-${n}: 1234567890`).join(''),
    ]) {
      const url = await say(t, `HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX: ${lines}\r\n\r\nhello`);
      assert.match(await fetchText(url), /^UPSTREAM_FORMAT$/);
    }
    const url = await say(t, `HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX: ${'a'.repeat(20_000)}\r\n\r\nhello`);
    assert.equal(await fetchText(url), 'hello');
  });

  for (const encoding of ['gzip', 'br', 'gzip, gzip', 'x']) {
    it(`by an encoding that nobody asked for: ${encoding}`, async (t) => {
      const url = await say(t, `HTTP/1.1 200 OK\r\nContent-Encoding: ${encoding}\r\nContent-Length: 5\r\n\r\nhello`);
      assert.equal(await fetchText(url), 'UPSTREAM_FORMAT');
    });
  }
});

describe('before anything is sent', () => {
  for (const url of ['file:///etc/hostname', 'data:text/plain,hello', 's3://bucket/x', 'ftp://127.0.0.1/']) {
    it(`${url} is refused`, async () => {
      assert.equal(await fetchText(url), 'POLICY');
    });
  }

  it('http is refused unless it is allowed, and user information always', async (t) => {
    const url = await say(t, 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello');
    assert.equal(await fetchText(url, { plainHTTP: false }), 'POLICY');
    assert.equal(await fetchText(url.replace('//', '//robot:secret@')), 'POLICY');
  });
});

it('an abort with an error of ours ends with that error, and names the request', async (t) => {
  const server = createServer(() => undefined);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close());
  const address = server.address();
  assert(typeof address === 'object' && address !== null);
  const client = await createHttpClient({ ca: [] });
  t.after(() => client.close());
  const controller = new AbortController();
  const url = `http://127.0.0.1:${address.port}/?secret=s3cret`;
  const sent = client.send({ method: 'GET', url, signal: controller.signal, plainHTTP: true });
  server.on('connection', () => {
    controller.abort(new PurserError('NET_TIMEOUT', { doing: 'waiting', found: 'too long', todo: 'wait' }));
  });
  await assert.rejects(sent, (error: unknown) => {
    assert(error instanceof PurserError);
    assert.equal(error.message, `asking http://127.0.0.1:${address.port}/?secret=REDACTED: too long; wait`);
    assert.equal(error.facts.request?.method, 'GET');
    return true;
  });
});
