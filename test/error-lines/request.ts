/** Lines of serve: the request, the process. */

import { serve } from '../../src/commands/serve.ts';
import { describe } from '../../src/errors.ts';
import type { ProviderDefinition } from '../../src/provider.ts';
import { requestFor } from '../built.ts';
import { createProcess } from '../fake/process.ts';
import { type Group, goodRequest, serveLine } from './line.ts';

const put = (more: string): string => goodRequest.replace('}', `${more}}`);
const requests: readonly (string | Uint8Array)[] = [
  '',
  ' \n',
  goodRequest.slice(0, 40),
  `${goodRequest}{}`,
  put(',"image":"reg.example/other"'),
  put(',"__proto__":{}'),
  put(`,"x":${'['.repeat(33)}`),
  Buffer.from([0xff, 0xfe]),
  `\uFEFF${goodRequest}`,
  goodRequest.replace('app', 'a\0p'),
  '[]',
  goodRequest.replace('CredentialProviderRequest', 'Pod'),
  goodRequest.replace('"apiVersion":"credentialprovider.kubelet.k8s.io/v1",', ''),
  requestFor('reg.example/app', 'v2'),
  goodRequest.replace('"reg.example/app"', '7'),
  put(',"serviceAccountToken":7'),
  put(',"serviceAccountAnnotations":[]'),
  put(',"serviceAccountAnnotations":{"example.com/role":7}'),
  requestFor(''),
  requestFor('https://reg.example/app'),
  requestFor('user:password@reg.example/app'),
  requestFor('reg.example/App'),
  requestFor(`reg.example/${'a'.repeat(256)}`),
  requestFor('a'.repeat(64)),
  requestFor('reg.example/app@sha256:abcd'),
  requestFor(`reg.example/app@md5:${'a'.repeat(32)}`),
  requestFor(`reg.example/app@sha256:${'a'.repeat(63)}`),
  requestFor(`reg.example/app@sha256:${'A'.repeat(64)}`),
  requestFor('reg.example:0/app'),
  requestFor('0x7f.1/app'),
  requestFor('[::g]:5000/app'),
  requestFor('a_b.c/app'),
];

/** A provider that spoils the response, or never makes one. */
function spoiling(getCredentials: () => Promise<never[]>): ProviderDefinition {
  return {
    name: 'spoiling',
    decode: () => ({}),
    fields: () => ({}),
    recognises: () => true,
    load: async () => ({
      plan: ({ host, repository }) => {
        return { host, repository, identity: 'test', endpoint: 'test', scope: host, cacheIdentity: 'test' };
      },
      getCredentials,
    }),
  };
}

async function spoiledLine(getCredentials: () => Promise<never[]>, signal = new AbortController().signal) {
  const deadline = () => ({ remaining: () => 0, signal });
  const { edge, written } = createProcess(goodRequest, { deadline });
  await serve({}, edge, [spoiling(getCredentials)]);
  return written.stderr;
}

export const requestGroups: readonly Group[] = [
  {
    title: 'A request that is not one',
    async lines() {
      const lines: string[] = [];
      for (const stdin of requests) lines.push(await serveLine(stdin));
      for (const fault of ['unreadable', 'too-large', 'timeout'] as const) {
        lines.push(await serveLine('', { readStdin: async () => ({ fault }) }));
      }
      return lines;
    },
  },
  {
    title: 'The process',
    async lines() {
      const controller = new AbortController();
      const late = spoiledLine(() => {
        controller.abort();
        return new Promise(() => undefined);
      }, controller.signal);
      const badResponse = JSON.parse('[{"username":"u","password":7,"scope":"reg.example"}]');
      return [
        await late,
        await spoiledLine(async () => badResponse),
        describe(new Error('anything')),
        // The next two are main's own; serve-process and serve-signals see them come out of the built files.
        'purser: OUTPUT: writing to stdout: it is closed or full; look at what reads it',
        'purser: STOPPED: running: SIGTERM came; run it again',
      ];
    },
  },
];
