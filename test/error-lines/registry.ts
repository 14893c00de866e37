/** Lines about what registries and their token services answer, and about what they send. */
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { describe } from '../../src/errors.ts';
import { type Digest, parseDigest } from '../../src/registry/digest.ts';
import { parseManifest } from '../../src/registry/manifest.ts';
import type { Fault } from '../fake/faults.ts';
import { createImage, createIndex, type Image } from '../fake/image.ts';
import type { RegistryOptions } from '../fake/registry.ts';
import { type PullTest, pull, robot, start, users } from '../registry/pulling.ts';
import { type Group, settled, thrownLine } from './line.ts';

interface Case {
  readonly faults?: readonly Fault[];
  readonly options?: RegistryOptions;
  readonly image?: Image;
  readonly pull?: PullTest;
}

const bearer = { mode: 'bearer', users } as const;

/** The line that ends a pull with the right credential, unless the case says otherwise. */
async function pullLine(t: TestContext, { faults = [], options = {}, image, pull: asked = {} }: Case) {
  const registry = await start(t, { auth: bearer, ...options }, image ?? createImage());
  registry.faults.add(...faults);
  const { error } = await pull(registry, { credential: robot, ...asked });
  assert.ok(error, JSON.stringify(faults));
  return settled(describe(error)).replace(/sha256:[0-9a-f]{64}/g, 'sha256:DIGEST');
}

async function all(t: TestContext, cases: readonly Case[]): Promise<readonly string[]> {
  const lines: string[] = [];
  for (const one of cases) lines.push(await pullLine(t, one));
  return lines;
}

const manifest = { path: /\/manifests\// };
const blob = { path: /\/blobs\// };
const token = { origin: 'token' } as const;
const answer = (match: Fault['match'] & object, status: number, body = '', more: readonly Fault[] = []): Case => {
  return { options: { auth: { mode: 'none' } }, faults: [{ match, do: { is: 'answer', status, body } }, ...more] };
};
const says = JSON.stringify({ errors: [{ code: 'DENIED', message: 'requested access is denied' }] });
const realm = (text: string, strict = false): Case => {
  const values = [`Bearer realm="${text}",service="fake-registry"`];
  return {
    faults: [{ match: { status: 401 }, do: { is: 'header', name: 'WWW-Authenticate', values } }],
    pull: { strict },
  };
};

export const registryGroups: readonly Group[] = [
  {
    title: 'A registry that does not give the manifest',
    lines: (t) =>
      all(t, [
        { pull: { credential: { ...robot, password: 'wrong' } } },
        answer(manifest, 401),
        answer(manifest, 403, says),
        answer(manifest, 403, 'Your Authorization Token has expired. Reauthenticate and try again.'),
        answer(manifest, 404),
        answer(manifest, 400),
        answer(manifest, 405),
        answer(manifest, 418),
        answer(manifest, 429),
        answer(manifest, 503),
      ]),
  },
  {
    title: 'A token service',
    lines: (t) =>
      all(t, [
        { faults: [{ match: token, do: { is: 'answer', status: 401 } }] },
        { faults: [{ match: token, do: { is: 'answer', status: 418 } }] },
        { faults: [{ match: token, do: { is: 'answer', status: 429 } }] },
        { faults: [{ match: token, do: { is: 'answer', status: 503 } }] },
        { faults: [{ match: token, do: { is: 'body', body: 'no JSON' } }] },
        { faults: [{ match: token, do: { is: 'body', body: '{}' } }] },
        { faults: [{ match: token, do: { is: 'body', body: '{"access_token":"a b"}' } }] },
        { faults: [{ match: manifest, do: { is: 'dead token' } }] },
      ]),
  },
  {
    title: 'A token service that may not see the credential',
    lines: (t) =>
      all(t, [
        realm('http://169.254.169.254/token'),
        realm('http://robot:x@127.0.0.1/token'),
        realm('file:///etc/passwd'),
        realm('https:token'),
        realm('http://token.example/token', true),
      ]),
  },
  {
    title: 'A redirect that is not followed',
    lines: (t) =>
      all(t, [
        { faults: [{ match: blob, do: { is: 'redirect', to: 'http://169.254.169.254/' } }] },
        { faults: [{ match: blob, do: { is: 'redirect', to: 'file:///etc/passwd' } }] },
        { faults: [{ match: blob, do: { is: 'redirect', to: 'http://user:pass@127.0.0.1:1/' } }] },
        { faults: [{ match: blob, do: { is: 'redirect', to: '{self}' } }] },
        { faults: [{ match: token, do: { is: 'redirect', to: '{registry}/token', status: 307 } }] },
      ]),
  },
  {
    title: 'Bytes that are not those that were asked for',
    lines: (t) =>
      all(t, [
        { faults: [{ match: { ...manifest, method: 'GET' }, do: { is: 'flip', at: 20 } }] },
        { faults: [{ match: blob, do: { is: 'flip', at: 20 } }] },
        { faults: [{ match: blob, do: { is: 'resize', by: 3, declared: 'actual' } }] },
        { faults: [{ match: blob, do: { is: 'resize', by: -3, declared: 'actual' } }] },
        { pull: { platform: { os: 'linux', architecture: 's390x' } }, image: createIndex() },
      ]),
  },
  {
    title: 'A manifest that cannot be one',
    async lines() {
      const lines: string[] = [];
      for (const [contentType, document] of manifests) {
        const bytes = Buffer.from(typeof document === 'string' ? document : JSON.stringify(document), 'latin1');
        lines.push(await thrownLine(() => parseManifest(bytes, { contentType, path: [digest] })));
      }
      return lines.map((line) => line.replace(digest.text, 'sha256:DIGEST'));
    },
  },
];

const imageType = 'application/vnd.oci.image.manifest.v1+json';
const indexType = 'application/vnd.oci.image.index.v1+json';
const digest = createDigest();
const config = { mediaType: 'application/vnd.oci.image.config.v1+json', digest: digest.text, size: 2 };
const good = { schemaVersion: 2, mediaType: imageType, config, layers: [config] };
const manifests: readonly (readonly [contentType: string, document: unknown])[] = [
  [imageType, '{'],
  [imageType, '\xff'],
  [imageType, []],
  [imageType, { ...good, schemaVersion: 1 }],
  [imageType, { ...good, schemaVersion: '2' }],
  [imageType, { ...good, manifests: [] }],
  [indexType, good],
  ['application/vnd.docker.distribution.manifest.v1+json', good],
  ['text/html', { schemaVersion: 2 }],
  [imageType, { ...good, config: undefined }],
  [imageType, { ...good, layers: undefined }],
  [imageType, { ...good, layers: [{ ...config, digest: 'sha256:../../etc' }] }],
  [imageType, { ...good, layers: [{ ...config, size: -1 }] }],
  [imageType, { ...good, layers: [7] }],
  [imageType, { ...good, layers: Array(1001).fill(config) }],
  [indexType, { schemaVersion: 2, mediaType: indexType, manifests: [{ ...config, platform: 'linux' }] }],
];

function createDigest(): Digest {
  const parsed = parseDigest(`sha256:${'a'.repeat(64)}`);
  assert.ok(parsed);
  return parsed;
}
