/** What a session asks, by a script in place of the network: for hosts that loopback cannot play. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { HttpClient } from '../../src/http.ts';
import { createSession } from '../../src/registry/session.ts';
import { registrableDomain } from '../../src/registry/site.ts';
import type { TraceEvent } from '../../src/registry/trace.ts';
import { containerdTokenRequest } from '../../src/runtime/containerd-token.ts';
import { createImage } from '../fake/image.ts';
import { createTestClock } from './test-clock.ts';

test('images of docker.io are asked for where they are, and their token service is no stranger', async () => {
  const { top } = createImage();
  const asked: string[] = [];
  const events: TraceEvent[] = [];
  const http: HttpClient = {
    close: async () => undefined,
    async send({ method, url, headers = {} }) {
      asked.push(`${method} ${url}`);
      const isToken = url.startsWith('https://auth.docker.io/token');
      const body = isToken ? '{"access_token":"t","expires_in":300}' : '';
      const challenge = 'Bearer realm="https://auth.docker.io/token",service="registry.docker.io"';
      const status = isToken || headers['authorization'] === 'Bearer t' ? 200 : 401;
      const own = isToken ? {} : { 'docker-content-digest': top.digest, 'www-authenticate': challenge };
      return {
        status,
        headers: new Headers({ ...own, 'content-length': `${isToken ? body.length : top.size}` }),
        body: (async function* () {
          yield Buffer.from(body);
        })(),
        cancel: () => undefined,
      };
    },
  };
  const session = createSession({
    http,
    clock: createTestClock(),
    trace: (event) => void events.push(event),
    host: 'docker.io',
    repository: 'library/alpine',
    plainHTTP: false,
    credential: { username: 'robot', password: 'secret' },
    habit: containerdTokenRequest,
    realms: { registrableDomain },
  });
  const { digest } = await session.manifests.resolve({ tag: 'latest' });
  assert.equal(digest.text, top.digest);
  assert.deepEqual(asked, [
    'HEAD https://registry-1.docker.io/v2/library/alpine/manifests/latest',
    'POST https://auth.docker.io/token',
    'HEAD https://registry-1.docker.io/v2/library/alpine/manifests/latest',
  ]);
  assert.deepEqual(
    events.filter(({ kind }) => kind === 'notice'),
    [],
  );
});
