/** Lines about the token of a pod: that there is none, and each way in which it is not the right one. */
import type { TestContext } from 'node:test';
import { folder } from '../built.ts';
import { tokenOf } from '../jwt.ts';
import { type Group, goodRequest, serveLine } from './line.ts';

const now = Date.parse('2026-11-24T12:00:00Z');
const seconds = now / 1000;

const entry = {
  matchImages: ['reg.example'],
  provider: 'service-account-token',
  audience: 'reg.example',
  issuer: 'https://kubernetes.default.svc',
  kubeletCacheType: 'Token',
};

const tokens: readonly string[] = [
  'none',
  tokenOf(seconds, { header: {} }),
  tokenOf(seconds).replace(/\.[^.]+\./, '.W10.'),
  tokenOf(seconds, { claims: { iss: undefined } }),
  tokenOf(seconds, { claims: { aud: undefined } }),
  tokenOf(seconds, { claims: { exp: undefined } }),
  tokenOf(seconds, { claims: { nbf: 'now' } }),
  tokenOf(seconds),
  tokenOf(seconds, { claims: { aud: ['reg.example'], iss: 'https://other.example' } }),
  tokenOf(seconds - 86_400, { claims: { aud: ['reg.example'] } }),
  tokenOf(seconds + 86_400, { claims: { aud: ['reg.example'] } }),
];

async function tokenLine(t: TestContext, token?: string): Promise<string> {
  const document = { apiVersion: 'purser/v1', kind: 'PurserConfig', registries: [entry] };
  const path = folder(t, { 'config.json': JSON.stringify(document) });
  const stdin = token === undefined ? goodRequest : goodRequest.replace('}', `,"serviceAccountToken":"${token}"}`);
  const clock = { now: () => now, monotonic: () => 0, sleep: async () => undefined };
  return serveLine(stdin, { env: { PURSER_CONFIG: `${path}/config.json` }, uid: process.getuid?.(), clock });
}

export const tokenGroups: readonly Group[] = [
  {
    title: 'The token of a pod',
    async lines(t) {
      const lines = [await tokenLine(t)];
      for (const token of tokens) lines.push(await tokenLine(t, token));
      return lines;
    },
  },
];
