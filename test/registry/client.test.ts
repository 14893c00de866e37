/** Names to manifests: registries that answer HEAD badly, headers that lie, documents that must not be believed. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { FaultAction } from '../fake/faults.ts';
import { createImage, createIndex, linuxArm64, mediaTypes } from '../fake/image.ts';
import {
  changed,
  createAmbiguous,
  createArtifact,
  createLargeManifest,
  createManyLayers,
  createNestedIndex,
  createSchema1,
} from '../fake/odd-image.ts';
import { assertPulled, codeOf, pull, requestsOf, robot, start, users, warningsOf } from './pulling.ts';

const digestHeader = (...values: string[]): FaultAction => ({ is: 'header', name: 'Docker-Content-Digest', values });
const other = `sha256:${'0'.repeat(64)}`;

describe('HEAD is never the verdict', () => {
  for (const status of [401, 403, 404, 405, 500]) {
    it(`where it says ${status}, GET decides`, async (t) => {
      const registry = await start(t);
      registry.faults.add({ match: { method: 'HEAD' }, do: { is: 'answer', status } });
      const result = await pull(registry);
      assertPulled(result);
      assert.equal(result.pulled?.digest, createImage().top.digest);
      assert.deepEqual(requestsOf(registry).slice(0, 2), [
        `registry HEAD manifests/1.0 ${status}`,
        'registry GET manifests/1.0 200',
      ]);
    });
  }

  it('where it has no length, or none that can be, GET decides', async (t) => {
    for (const values of [[], ['0']]) {
      const fault = { is: 'header', name: 'Content-Length', values } as const;
      const registry = await start(t, { faults: [{ match: { method: 'HEAD' }, do: fault }] });
      const result = await pull(registry);
      assertPulled(result);
      assert.equal(result.pulled?.digest, createImage().top.digest);
    }
  });

  it('where it names no digest, the bytes say what it is', async (t) => {
    const registry = await start(t, { faults: [{ match: { path: /manifests/ }, do: digestHeader() }] });
    const result = await pull(registry);
    assertPulled(result);
    assert.equal(result.pulled?.digest, createImage().top.digest);
    // The manifest that came with the question is not fetched again.
    assert.equal(registry.requests.filter(({ path }) => path.includes('/manifests/')).length, 2);
  });

  it('F-R06: where it says 429, the wait comes before another question', async (t) => {
    const limited = { is: 'answer', status: 429, headers: [['Retry-After', '7']] } as const;
    const registry = await start(t, { faults: [{ match: { method: 'HEAD', nth: 1 }, do: limited }] });
    const { clock, ...result } = await pull(registry);
    assertPulled(result);
    assert.deepEqual(clock.waits, [7000]);
    assert.deepEqual(requestsOf(registry).slice(0, 2), [
      'registry HEAD manifests/1.0 429',
      'registry HEAD manifests/1.0 200',
    ]);
  });
});

describe('the header that names a digest', () => {
  it('is only worth a warning where it is wrong', async (t) => {
    const registry = await start(t, {
      faults: [{ match: { method: 'GET', path: /manifests/ }, do: digestHeader(other) }],
    });
    const result = await pull(registry);
    assertPulled(result);
    assert.match(warningsOf(result).join(), /by a wrong name/);
  });

  it('may send us after something that is not there; the tag then tells', async (t) => {
    const registry = await start(t, { faults: [{ match: { method: 'HEAD' }, do: digestHeader(other) }] });
    const result = await pull(registry);
    assertPulled(result);
    assert.equal(result.pulled?.digest, createImage().top.digest);
    assert.match(warningsOf(result).join(), /which it does not have/);
  });

  it('R-PULL-01: never gets into an address unless it is a digest', async (t) => {
    for (const text of [
      'sha256:../../../../etc',
      `sha256:${'A'.repeat(64)}`,
      `md5:${'0'.repeat(32)}`,
      '../x',
      'sha256:00',
    ]) {
      const registry = await start(t, { faults: [{ match: { method: 'HEAD' }, do: digestHeader(text) }] });
      assertPulled(await pull(registry));
      const names = requestsOf(registry).filter((line) => line.includes('manifests/'));
      assert.deepEqual(names, ['registry HEAD manifests/1.0 200', 'registry GET manifests/1.0 200'], text);
    }
  });
});

describe('R-PULL-02, F-R02: a manifest with other bytes', () => {
  const cases: Readonly<Record<string, FaultAction>> = {
    'one bit': { is: 'flip', at: 30 },
    'one byte more': { is: 'resize', by: 1, declared: 'actual' },
    'one byte less': { is: 'resize', by: -1, declared: 'actual' },
  };
  for (const [name, fault] of Object.entries(cases)) {
    it(`is refused for ${name}`, async (t) => {
      const registry = await start(t, { faults: [{ match: { method: 'GET', path: /manifests/ }, do: fault }] });
      const result = await pull(registry);
      assert.match(codeOf(result) ?? '', /^VERIFY_(DIGEST|SIZE)$/);
      assert.equal(result.error?.exitCode, 9);
      assert.match(result.error?.message ?? '', new RegExp(createImage().top.digest));
    });
  }

  it('is refused also where it was asked for by digest', async (t) => {
    const { top } = createImage();
    const registry = await start(t, {
      faults: [{ match: { path: /manifests/ }, do: { is: 'flip', at: 30 } }, { do: digestHeader(top.digest) }],
    });
    assert.equal(codeOf(await pull(registry, { digest: top.digest })), 'VERIFY_DIGEST');
  });
});

describe('R-PULL-03, F-R02: a document that can be read in two ways', () => {
  const { oci } = mediaTypes;
  const refused = {
    'image and index at once': createAmbiguous(),
    'index and image at once': createAmbiguous(oci.index),
    'schema 1': createSchema1(),
    'a type that is not the one it came as': { ...createImage(), top: { ...createImage().top, mediaType: oci.index } },
    'no manifest at all': changed({ mediaType: 'application/json' }),
  };
  for (const [name, image] of Object.entries(refused)) {
    it(`is refused: ${name}`, async (t) => {
      const manifests = [image.top, ...image.manifests.slice(1)];
      const registry = await start(t, {}, { ...image, manifests });
      const result = await pull(registry);
      assert.equal(codeOf(result), 'VERIFY_MANIFEST');
      assert.equal(registry.requests.filter(({ path }) => path.includes('/blobs/')).length, 0);
    });
  }

  it('is refused where the index calls the manifest something else', async (t) => {
    const index = createIndex({ platforms: [linuxArm64] });
    const [, inner = index.top] = index.manifests;
    const lying = changed(
      {
        manifests: [
          { mediaType: mediaTypes.docker.manifest, digest: inner.digest, size: inner.size, platform: linuxArm64 },
        ],
      },
      index,
    );
    const registry = await start(t, {}, lying);
    assert.equal(codeOf(await pull(registry, { platform: linuxArm64 })), 'VERIFY_MANIFEST');
  });
});

describe('R-PULL-06: limits', () => {
  it('are two levels of indexes', async (t) => {
    assertPulled(await pull(await start(t, {}, createNestedIndex(2))));
    const result = await pull(await start(t, {}, createNestedIndex(3)));
    assert.equal(codeOf(result), 'VERIFY_MANIFEST');
    assert.match(result.error?.message ?? '', /nested/);
  });

  it('are a thousand layers, each of them fetched once', async (t) => {
    const registry = await start(t, {}, createManyLayers(1000));
    const result = await pull(registry);
    assertPulled(result);
    assert.equal(result.pulled?.blobs, 2);
    assert.equal(registry.requests.filter(({ path }) => path.includes('/blobs/')).length, 2);
    assert.equal(codeOf(await pull(await start(t, {}, createManyLayers(1001)))), 'VERIFY_MANIFEST');
  });

  it('R-NET-09: are 4 MiB for a manifest, with and without a length', async (t) => {
    const limit = 4 * 1024 * 1024;
    assertPulled(await pull(await start(t, {}, createLargeManifest(limit))));
    for (const faults of [[], [{ match: { method: 'HEAD' }, do: { is: 'status', status: 405 } }] as const]) {
      const registry = await start(t, { faults: [...faults] }, createLargeManifest(limit + 1));
      const result = await pull(registry);
      assert.equal(codeOf(result), 'VERIFY_MANIFEST');
      assert.match(result.error?.message ?? '', /4194304/);
    }
  });

  it('R-NET-09: of a manifest are those of what is read, too', async (t) => {
    const size = 24 * 1024 * 1024;
    const registry = await start(t, {}, createLargeManifest(size));
    // In pieces, so that the fake knows how much was taken.
    registry.faults.add({ match: { method: 'GET' }, do: { is: 'trickle', bytes: 256 * 1024, everyMs: 0 } });
    assert.equal(codeOf(await pull(registry)), 'VERIFY_MANIFEST');
    const [asked] = registry.requests.filter(({ method }) => method === 'GET');
    assert(asked !== undefined && asked.sent < size / 2, `${asked?.sent} bytes were taken`);
  });
});

describe('what is no image for a node', () => {
  it('is told of where it is an artifact', async (t) => {
    const result = await pull(await start(t, {}, createArtifact()));
    assertPulled(result);
    assert.match(warningsOf(result).join(), /no image/);
  });

  it('is refused where no platform fits', async (t) => {
    const registry = await start(t, {}, createIndex({ platforms: [linuxArm64] }));
    const result = await pull(registry);
    assert.equal(codeOf(result), 'VERIFY_PLATFORM');
    assert.match(result.error?.message ?? '', /linux\/arm64\/v8, nothing for linux\/amd64/);
  });

  it('is told of where a single image is for another platform', async (t) => {
    const result = await pull(await start(t, {}, createImage({ platform: linuxArm64 })));
    assertPulled(result);
    assert.match(warningsOf(result).join(), /cannot run it/);
  });

  it('is told of where only an older machine has it', async (t) => {
    const platforms = [{ os: 'linux', architecture: '386' }];
    const result = await pull(await start(t, {}, createIndex({ platforms })));
    assertPulled(result);
    assert.match(warningsOf(result).join(), /for want of a better one/);
  });

  it('is looked for in the config where the index does not say', async (t) => {
    const index = createIndex({ platforms: [linuxArm64] });
    const [, inner = index.top] = index.manifests;
    const silent = changed(
      { manifests: [{ mediaType: inner.mediaType, digest: inner.digest, size: inner.size }] },
      index,
    );
    assertPulled(await pull(await start(t, {}, silent), { platform: linuxArm64, level: 'access' }));
    assert.equal(codeOf(await pull(await start(t, {}, silent))), 'VERIFY_PLATFORM');
  });
});

describe('what a registry has to say', () => {
  it('is told once', async (t) => {
    const values = ['299 - "this registry closes"'];
    const registry = await start(t, { faults: [{ do: { is: 'header', name: 'Warning', values } }] });
    assert.deepEqual(warningsOf(await pull(registry)), ['the registry says: this registry closes']);
  });

  it('F-R06: of limits is in the sentence', async (t) => {
    const headers = [
      ['RateLimit-Limit', '100;w=21600'],
      ['RateLimit-Remaining', '0;w=21600'],
      ['Retry-After', '3600'],
    ] as const;
    const body = '{"errors":[{"code":"TOOMANYREQUESTS","message":"pull request limit exceeded"}]}';
    const registry = await start(t, { auth: { mode: 'basic', users } });
    registry.faults.add({ match: { method: 'GET', status: 200 }, do: { is: 'answer', status: 429, headers, body } });
    const result = await pull(registry, { credential: robot });
    assert.equal(codeOf(result), 'REGISTRY_LIMITED');
    assert.equal(result.error?.exitCode, 6);
    const message = result.error?.message ?? '';
    assert.match(message, /TOOMANYREQUESTS: pull request limit exceeded/);
    assert.match(message, /remaining 0;w=21600 of 100;w=21600/);
    assert.match(message, /asks to wait 3600 s/);
  });

  it('of an expired password has a verdict of its own', async (t) => {
    const body =
      '{"errors":[{"code":"DENIED","message":"Your authorization token has expired. Reauthenticate and try again."}]}';
    const registry = await start(t, { auth: { mode: 'basic', users } });
    registry.faults.add({ match: { status: 200 }, do: { is: 'answer', status: 403, body } });
    assert.equal(codeOf(await pull(registry, { credential: robot })), 'REGISTRY_EXPIRED');
  });
});
