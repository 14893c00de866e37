/**
 * Our own fake registry, on which most tests stand, says what a real one says to the same requests, and a client of others
 * takes it for one. Left out is where it is stricter on purpose: names and references outside the grammar, several
 * ranges, methods that only push.
 */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';
import { type Asked, ask, basic } from '../../fake/ask.ts';
import { createIndex, mediaTypes } from '../../fake/image.ts';
import { type Registry, startRegistry } from '../../fake/registry.ts';
import { createAuthority } from '../../fake/tls.ts';
import { needPrograms } from '../programs.ts';
import { openStage, password, programs, repository, type Stage, user } from './stage.ts';

const skip = needPrograms(programs);
const image = createIndex();
const tag = '1.0';
const [layer = image.top] = image.blobs.slice(1);
const absent = `sha256:${'0'.repeat(64)}`;

const good = basic(user, password);
const accept = { accept: Object.values(mediaTypes.oci).join(', ') };
const blob = (digest: string): string => `/v2/${repository}/blobs/${digest}`;
const manifest = (reference: string): string => `/v2/${repository}/manifests/${reference}`;

type Question = readonly [method: string, path: string, headers: Readonly<Record<string, string>>];

const questions: Readonly<Record<string, readonly Question[]>> = {
  'asks strangers who they are': [
    ['GET', '/v2/', {}],
    ['GET', manifest(tag), accept],
    ['HEAD', manifest(tag), accept],
    ['GET', blob(layer.digest), {}],
    ['GET', manifest(tag), { ...accept, ...basic(user, 'wrong') }],
    ['GET', manifest(tag), { ...accept, ...basic('nobody', password) }],
  ],
  'gives manifests to those who accept them': [
    ['GET', '/v2/', good],
    ['GET', manifest(tag), { ...accept, ...good }],
    ['HEAD', manifest(tag), { ...accept, ...good }],
    ['GET', manifest(image.top.digest), { ...accept, ...good }],
    ['GET', manifest(tag), good],
    ['GET', manifest(tag), { accept: '*/*', ...good }],
  ],
  'gives blobs, whole and by range': [
    ['GET', blob(layer.digest), good],
    ['HEAD', blob(layer.digest), good],
    ['GET', blob(layer.digest.replace(':', '%3A')), good],
    ['GET', blob(layer.digest), { range: 'bytes=0-0', ...good }],
    ['GET', blob(layer.digest), { range: 'bytes=5-', ...good }],
    ['GET', blob(layer.digest), { range: 'bytes=-5', ...good }],
    ['GET', blob(layer.digest), { range: `bytes=0-${layer.size}`, ...good }],
    ['GET', blob(layer.digest), { range: `bytes=${layer.size}-`, ...good }],
    ['GET', blob(layer.digest), { range: 'bytes=0-1', 'if-range': '"other"', ...good }],
  ],
  'does not find what is not there': [
    ['GET', manifest('absent'), { ...accept, ...good }],
    ['HEAD', manifest('absent'), { ...accept, ...good }],
    ['GET', manifest(absent), { ...accept, ...good }],
    ['GET', blob(image.top.digest), good],
    ['GET', blob(absent), good],
    ['HEAD', blob(absent), good],
  ],
};

describe('the fake registry beside a real one', { skip }, () => {
  let stage: Stage;
  let fake: Registry;
  before(async () => {
    stage = await openStage('htpasswd', image, tag);
    fake = await startRegistry({ auth: { mode: 'basic', users: { [user]: password }, realm: 'e2e' } });
    fake.add(repository, tag, image);
  });
  after(() => Promise.all([stage?.close(), fake?.close()]));

  for (const [sentence, group] of Object.entries(questions)) {
    test(sentence, async () => {
      for (const [method, path, headers] of group) {
        const real = await ask(`https://${stage.registry.host}${path}`, { method, headers, ca: stage.ca });
        const ours = await ask(`${fake.url}${path}`, { method, headers });
        assert.deepEqual(summary(method, path, ours), summary(method, path, real));
      }
    });
  }
});

test('skopeo copies an image out of the fake: a token, then blobs from storage that takes none', {
  skip,
}, async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'purser-e2e-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const authority = createAuthority();
  const auth = { mode: 'bearer', users: { [user]: password } } as const;
  const fake = await startRegistry({ auth, tokenOrigin: 'other', storage: {}, tls: authority.issue() });
  t.after(() => fake.close());
  fake.add(repository, tag, image);
  writeFileSync(join(folder, 'ca.crt'), authority.certificate);
  const copy = (given: string) => {
    const flags = [
      '--insecure-policy',
      'copy',
      '-q',
      '--all',
      '--src-cert-dir',
      folder,
      '--src-creds',
      `${user}:${given}`,
    ];
    return promisify(execFile)('skopeo', [
      ...flags,
      `docker://${fake.host}/${repository}:${tag}`,
      `dir:${folder}/copy`,
    ]);
  };
  await copy(password);
  const copied = readdirSync(join(folder, 'copy'));
  for (const { digest } of image.blobs) assert.ok(copied.includes(digest.replace('sha256:', '')), digest);
  assert.deepEqual(new Set(fake.requests.map(({ origin }) => origin)), new Set(['registry', 'token', 'storage']));
  await assert.rejects(copy('wrong'), /unauthorized|authentication/);
});

const told = ['accept-ranges', 'content-length', 'content-type', 'docker-content-digest', 'etag'];
const always = ['content-range', 'docker-distribution-api-version', 'www-authenticate'];

/** The texts of errors are everybody's own, and so are their lengths. */
function summary(method: string, path: string, { status, headers, body }: Asked): object {
  const pick = (names: readonly string[]): object => Object.fromEntries(names.map((name) => [name, headers[name]]));
  const common = { method, path, status, ...pick(always) };
  if (status < 400) return { ...common, ...pick(told), body: body.toString('latin1') };
  return { ...common, ...pick(['content-type']), code: /"code":"(\w+)"/.exec(body.toString())?.[1] };
}
