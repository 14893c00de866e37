/** Lines about files, and about what is written in a PurserConfig. */
import { chmodSync, chownSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { folder } from '../built.ts';
import { type Group, goodRequest, serveLine, settled } from './line.ts';

const entry = { matchImages: ['reg.example'], provider: 'static', username: 'robot' };
const document = (registries: unknown, more: object = {}): string => {
  return JSON.stringify({ apiVersion: 'purser/v1', kind: 'PurserConfig', registries, ...more });
};

/** The line for a password file that `make` prepared. */
async function fileLine(t: TestContext, make: (path: string) => void, more: object = {}): Promise<string> {
  const path = folder(t);
  const password = join(path, 'password');
  make(password);
  const config = join(path, 'config.json');
  writeFileSync(config, document([{ ...entry, passwordFile: password, ...more }]), { mode: 0o600 });
  const env = { PURSER_CONFIG: config };
  return settled(await serveLine(goodRequest, { env, uid: process.getuid?.() }), [path]);
}

async function configLine(t: TestContext, content: string | Uint8Array, mode = 0o600): Promise<string> {
  const path = folder(t);
  const config = join(path, 'config.yaml');
  writeFileSync(config, content);
  chmodSync(config, mode);
  const env = { PURSER_CONFIG: config };
  return settled(await serveLine(goodRequest, { env, uid: process.getuid?.() }), [path]);
}

const write =
  (content: string | Uint8Array, mode = 0o600) =>
  (path: string): void => {
    writeFileSync(path, content);
    chmodSync(path, mode);
  };

const head = 'apiVersion: purser/v1\nkind: PurserConfig\nregistries:\n';
const brokenTexts = [
  '',
  `${head}  - {`,
  `${head}\t- a\n`,
  `${head}  - a: 1\n    a: 2\n`,
  `${head}  - &a {x: *a}\n`,
  `${head}  - !!binary abc\n`,
  `${head}  - ? [a]\n    : b\n`,
  `${head}---\n${head}`,
  `${document([])}{}`,
  '{"apiVersion":"purser/v1","apiVersion":"purser/v1"}',
  '{"__proto__":1}',
  '{"apiVersion":',
  `{"registries":${'['.repeat(40)}${']'.repeat(40)}}`,
];
const good = { ...entry, passwordFile: '/etc/purser/password' };
const tokenEntry = {
  matchImages: ['reg.example'],
  provider: 'service-account-token',
  audience: 'reg.example',
  kubeletCacheType: 'Token',
};
const wrongDocuments = [
  '[]',
  document([good], { apiVersion: 'purser/v2' }),
  document([good], { kind: 'Config' }),
  document([good], { kind: undefined }),
  document([good], { registry: [] }),
  document('registry'),
  document([7]),
  document([{ ...good, provider: undefined }]),
  document([{ ...good, provider: 'statik' }]),
  document([{ ...good, provider: 'ecr' }]),
  document([{ ...good, usernmae: 'robot' }]),
  document([{ ...good, cacheDuration: '1d' }]),
  document([{ ...good, caFile: 'ca.pem' }]),
  document([{ ...good, plainHTTP: 'yes' }]),
  document([{ ...good, allowReadable: 1 }]),
  document([{ ...good, matchImages: undefined }]),
  document([{ ...good, matchImages: [] }]),
  document([{ ...good, matchImages: 'reg.example' }]),
  document([{ ...good, username: '' }]),
  document([{ ...good, username: undefined }]),
  document([{ ...good, password: 'twice' }]),
  document([{ ...good, passwordFile: 'password' }]),
  document([], { log: 'purser.log' }),
  document([], { automatic: 'yes' }),
  document([{ matchImages: ['reg.example'], provider: 'docker-config' }]),
  document([{ matchImages: ['reg.example'], provider: 'docker-config', path: 'config.json' }]),
  document([good, { ...good, cacheDuration: 5, caFile: 'x' }]),
  document([{ ...tokenEntry, audience: undefined }]),
  document([{ ...tokenEntry, audience: '' }]),
  document([{ ...tokenEntry, kubeletCacheType: undefined }]),
  document([{ ...tokenEntry, kubeletCacheType: 'ServiceAccount' }]),
  document([{ ...tokenEntry, username: 'a:b' }]),
];
const wrongPatterns = [
  ...['', '*.reg.example:*', 'reg.example:port', 'https://reg.example', 'reg.example/*', 'reg.example/app:v1'],
  ...['reg.example/Team', 'reg.example//a', 'index.docker.io', 'nginx', '-a.example', 'a..example', '[::1]'],
  ...['[::g]:80', 'reg_1.example', 'reg?.example', 'reg.example/a b', '[', 'a.b:1:2'],
];

export const fileGroups: readonly Group[] = [
  {
    title: 'A file that a config names',
    async lines(t) {
      const isRoot = process.getuid?.() === 0;
      return [
        await fileLine(t, () => undefined),
        await fileLine(t, (path) => mkdirSync(path)),
        await fileLine(t, write('')),
        await fileLine(t, write('\n')),
        await fileLine(t, write(Buffer.from([0xff]))),
        await fileLine(t, write('x'.repeat(1024 * 1024 + 1))),
        await fileLine(t, write('secret', 0o640)),
        await fileLine(t, write('secret', 0o622)),
        // Only root can give a file away; the line is the same for everybody.
        isRoot
          ? await fileLine(t, (path) => {
              write('secret')(path);
              chownSync(path, 1234, 1234);
            })
          : 'purser: FILE_TRUST: reading "/etc/purser/password" for registries[0] (static): it belongs to user 1234; chown it to root',
      ];
    },
  },
  {
    title: 'A config that cannot be found or read',
    async lines(t) {
      return [
        await serveLine(goodRequest, { env: { PURSER_CONFIG: '/etc/purser/absent.yaml' } }),
        await serveLine(goodRequest, { env: { PURSER_CONFIG: 'config.yaml' } }),
        await configLine(t, document([{ ...entry, password: 'open' }]), 0o644),
        await configLine(t, Buffer.from([0xff])),
        await configLine(t, 'x'.repeat(1024 * 1024 + 1)),
      ];
    },
  },
  { title: 'A config that is no document', lines: (t) => all(brokenTexts, (text) => configLine(t, text)) },
  { title: 'A config with something wrong in it', lines: (t) => all(wrongDocuments, (text) => configLine(t, text)) },
  {
    title: 'A pattern that can match no image',
    lines: (t) => all(wrongPatterns, (text) => configLine(t, document([{ ...good, matchImages: [text] }]))),
  },
];

async function all<T>(items: readonly T[], lineOf: (item: T) => Promise<string>): Promise<readonly string[]> {
  const lines: string[] = [];
  for (const item of items) lines.push(await lineOf(item));
  return lines;
}
