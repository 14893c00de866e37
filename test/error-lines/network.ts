/** Lines about what happens between us and a server. */
import { createServer } from 'node:http';
import type { TestContext } from 'node:test';
import { describe } from '../../src/errors.ts';
import { createHttpClient, readBody } from '../../src/http.ts';
import { networkError } from '../../src/network-error.ts';
import { loadTrust } from '../../src/trust.ts';
import { folder } from '../built.ts';
import { type Group, settled, thrownLine } from './line.ts';

const request = { method: 'GET', url: 'https://reg.example/v2/' };

/** What runtimes call it, one for each kind. */
const codes = [
  ...['ENOTFOUND', 'CERT_HAS_EXPIRED', 'CERT_NOT_YET_VALID', 'ERR_TLS_CERT_ALTNAME_INVALID', 'CERT_WEAK_KEY'],
  ...['SELF_SIGNED_CERT_IN_CHAIN', 'ERR_SSL_WRONG_VERSION_NUMBER', 'UND_ERR_HEADERS_OVERFLOW', 'HPE_HTTPParserError'],
  ...['ECONNREFUSED', 'EHOSTUNREACH', 'EPERM', 'ETIMEDOUT', 'ECONNRESET'],
];

/** One answer of a server of these headers and this body. */
async function answerLine(t: TestContext, headers: Readonly<Record<string, string>>, body: string): Promise<string> {
  const server = createServer((_, response) => {
    response.writeHead(200, headers);
    response.end(body);
  }).listen(0, '127.0.0.1');
  t.after(() => server.close());
  await new Promise((resolve) => server.once('listening', resolve));
  const address = server.address();
  const url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}/v2/`;
  return settled(await ask(url, true));
}

async function ask(url: string, plainHTTP: boolean): Promise<string> {
  const client = await createHttpClient({ ca: [] });
  try {
    return await thrownLine(async () => {
      const response = await client.send({ method: 'GET', url, plainHTTP, signal: new AbortController().signal });
      await readBody(response, { maxBytes: 1024, request: { method: 'GET', url: url.split('?')[0] ?? url } });
    });
  } finally {
    await client.close();
  }
}

export const networkGroups: readonly Group[] = [
  {
    title: 'A connection that does not come about, or breaks',
    async lines() {
      const failed = codes.map((code) => describe(networkError(Object.assign(new Error(code), { code }), request)));
      return [...failed, describe(networkError(new Error('aborted'), request, AbortSignal.abort()))];
    },
  },
  {
    title: 'An address that is not asked',
    lines: async () => [
      await ask('http://reg.example/v2/', false),
      await ask('https://user:password@reg.example/v2/', false),
      await ask('file:///etc/passwd', true),
    ],
  },
  {
    title: 'An answer that is not taken',
    lines: async (t) => [
      await answerLine(t, { 'x-filler': 'x'.repeat(40_000) }, ''),
      await answerLine(t, { 'content-encoding': 'gzip' }, 'x'),
      await answerLine(t, {}, 'x'.repeat(2000)),
    ],
  },
  {
    title: 'Certificates of authorities',
    lines: async (t) => {
      const path = folder(t, { 'none.pem': '', 'bad.pem': pem('AAAA') });
      const lineOf = (name: string) => {
        return thrownLine(() => loadTrust({ env: {}, uid: undefined, caFile: `${path}/${name}` }));
      };
      return [await lineOf('none.pem'), await lineOf('bad.pem'), await lineOf('absent.pem')].map((line) =>
        settled(line, [path]),
      );
    },
  },
];

function pem(content: string): string {
  return `-----BEGIN CERTIFICATE-----\n${content}\n-----END CERTIFICATE-----\n`;
}
