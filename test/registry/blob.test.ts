/** Configs and layers over good and bad lines: every byte checked, or one byte asked for, and nothing half is whole. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { TraceEvent } from '../../src/registry/trace.ts';
import type { Fault, FaultAction } from '../fake/faults.ts';
import { createImage } from '../fake/image.ts';
import { changed, createForeignLayers } from '../fake/odd-image.ts';
import { assertPulled, codeOf, pull, requestsOf, robot, start, users, warningsOf } from './pulling.ts';
import { createTestClock } from './test-clock.ts';

const image = createImage({ layers: [300_000] });
const [config = image.top, layer = image.top] = image.blobs;
const atLayer = new RegExp(layer.digest);

function layerFault(fault: FaultAction, nth?: number): Fault {
  return { match: { path: atLayer, ...(nth !== undefined && { nth }) }, do: fault };
}

function layerRequests(
  requests: readonly { path: string; headers: readonly (readonly [string, string])[] }[],
): string[] {
  return requests
    .filter(({ path }) => path.includes(layer.digest))
    .map(({ headers }) => headers.find(([name]) => name.toLowerCase() === 'range')?.[1] ?? 'whole');
}

describe('R-PULL-02: a layer', () => {
  it('is read to its end and counted once, however often it is named', async (t) => {
    const { mediaType, digest, size } = layer;
    const twice = changed({ layers: [layer, layer].map(() => ({ mediaType, digest, size })) }, image);
    const registry = await start(t, {}, twice);
    const checked = new Map<string, number>();
    const result = await pull(registry, { checked });
    assertPulled(result);
    assert.equal(result.pulled?.blobs, 2);
    assert.deepEqual([...checked.values()], [config.size, layer.size]);
    assert.deepEqual(layerRequests(registry.requests), ['whole']);
  });

  const wrong: Readonly<Record<string, [FaultAction, code: string]>> = {
    'with one bit changed': [{ is: 'flip', at: 150_000 }, 'VERIFY_DIGEST'],
    'with one byte more': [{ is: 'resize', by: 1, declared: 'actual' }, 'VERIFY_SIZE'],
    'with one byte less': [{ is: 'resize', by: -1, declared: 'actual' }, 'VERIFY_SIZE'],
    'without an end': [{ is: 'endless' }, 'VERIFY_SIZE'],
  };
  for (const [name, [fault, code]] of Object.entries(wrong)) {
    it(`is refused ${name}, at once (F-R02)`, async (t) => {
      const registry = await start(t, { faults: [layerFault(fault)] }, image);
      const checked = new Map<string, number>();
      const result = await pull(registry, { checked });
      assert.equal(codeOf(result), code);
      assert.equal(result.error?.exitCode, 9);
      assert.match(result.decidedBy.url, atLayer);
      assert.equal(result.decidedBy.status, 200);
      assert(!checked.has(layer.digest));
      assert.deepEqual(layerRequests(registry.requests), ['whole']);
    });
  }

  it('R-NET-09: is refused where it comes encoded, whatever is inside', async (t) => {
    const registry = await start(t, { faults: [layerFault({ is: 'gzip' })] }, image);
    const result = await pull(registry);
    assert.equal(codeOf(result), 'UPSTREAM_FORMAT');
    assert.match(result.error?.message ?? '', /encoded/);
    for (const { headers } of registry.requests) {
      assert.equal(headers.find(([name]) => name.toLowerCase() === 'accept-encoding')?.[1], 'identity');
    }
  });

  it('stops the others when it is wrong', async (t) => {
    const many = createImage({ layers: Array.from({ length: 40 }, () => 50_000) });
    const [, bad = many.top] = many.blobs;
    const match = { path: new RegExp(bad.digest) };
    const registry = await start(t, { faults: [{ match, do: { is: 'flip', at: 0 } }] }, many);
    const result = await pull(registry);
    assert.equal(codeOf(result), 'VERIFY_DIGEST');
    // What was stopped is not tried again, nor told of.
    assert.deepEqual(
      result.events.filter(({ kind }) => kind === 'retry'),
      [],
    );
    assert(registry.requests.filter(({ path }) => path.includes('/blobs/')).length < 20);
  });
});

describe('F-N04: a line that breaks', () => {
  for (const how of ['reset', 'end'] as const) {
    for (const after of ['nothing', 0, 1, 65_536, 200_000, layer.size - 1] as const) {
      it(`goes on where it broke: ${how} after ${after}`, async (t) => {
        const registry = await start(t, { faults: [layerFault({ is: 'cut', after, how }, 1)] }, image);
        assertPulled(await pull(registry));
        const [first, second = ''] = layerRequests(registry.requests);
        assert.equal(first, 'whole');
        assert.match(second, new RegExp(`^(?:whole|bytes=[0-9]+-${layer.size - 1})$`));
      });
    }
  }

  it('that always breaks is never a whole layer', async (t) => {
    const registry = await start(t, { faults: [layerFault({ is: 'cut', after: 1000, how: 'end' })] }, image);
    const result = await pull(registry);
    assert.equal(codeOf(result), 'NET_BROKEN');
    assert.equal(result.error?.exitCode, 6);
    assert.equal(layerRequests(registry.requests).length, 6);
  });

  it('is seen also where the answer has no length', async (t) => {
    const noLength: FaultAction = { is: 'header', name: 'Content-Length', values: [] };
    for (const how of ['end', 'reset'] as const) {
      const cut: FaultAction = { is: 'cut', after: 100_000, how };
      const registry = await start(t, { faults: [layerFault(noLength, 1), layerFault(cut, 1)] }, image);
      assertPulled(await pull(registry));
      assert.equal(layerRequests(registry.requests).length, 2);
    }
  });

  const cut: FaultAction = { is: 'cut', after: 100_000, how: 'end' };
  const badRests: Readonly<Record<string, FaultAction>> = {
    'all of it': { is: 'whole' },
    'another range': { is: 'range', first: 5, last: 10 },
    'a rest without a Content-Range': { is: 'header', name: 'Content-Range', values: [] },
    'no such range': { is: 'answer', status: 416 },
  };
  for (const [name, fault] of Object.entries(badRests)) {
    it(`begins anew where the registry sends ${name} for the rest (F-R05)`, async (t) => {
      const registry = await start(t, { faults: [layerFault(cut, 1), layerFault(fault, 2)] }, image);
      assertPulled(await pull(registry));
    });
  }

  it('after the last byte leaves nothing to ask for', async (t) => {
    // One chunk with all of it, and then not the chunk that would end it.
    const body = Buffer.concat([Buffer.from(`${layer.size.toString(16)}\r\n`), layer.bytes, Buffer.from('\r\n')]);
    const faults = [
      layerFault({ is: 'body', body }),
      layerFault({ is: 'header', name: 'Content-Length', values: [] }),
      layerFault({ is: 'header', name: 'Transfer-Encoding', values: ['chunked'] }),
    ];
    const registry = await start(t, { faults }, image);
    assertPulled(await pull(registry));
    assert.deepEqual(layerRequests(registry.requests), ['whole']);
  });

  it('brings no other bytes in with the rest', async (t) => {
    const faults = [layerFault(cut, 1), layerFault({ is: 'flip', at: 10 }, 2)];
    assert.equal(codeOf(await pull(await start(t, { faults }, image))), 'VERIFY_DIGEST');
  });
});

describe('F-R05, R-NET-09: what stands still', () => {
  /** Each try brings `piece` bytes, then nothing; the clock moves on when all of them have come. */
  async function pullStalling(t: Parameters<typeof start>[0], after: number | 'nothing') {
    const piece = after === 'nothing' ? 0 : after;
    const registry = await start(t, { faults: [layerFault({ is: 'cut', after, how: 'silence' })] }, image);
    const clock = createTestClock();
    let bytes = 0;
    let retries = 0;
    let isOver = false;
    const onEvent = (event: TraceEvent): void => {
      if (event.kind === 'bytes') bytes += event.count;
      if (event.kind === 'retry') retries++;
    };
    const pulling = pull(registry, { clock, onEvent }).finally(() => {
      isOver = true;
    });
    while (!isOver) {
      await new Promise((resolve) => setImmediate(resolve));
      const tries = layerRequests(registry.requests).length;
      if (tries === retries + 1 && bytes === config.size + tries * piece) clock.advance(30_000);
    }
    return { result: await pulling, tries: layerRequests(registry.requests).length };
  }

  it('ends after half a minute without an answer', async (t) => {
    const { result, tries } = await pullStalling(t, 'nothing');
    assert.equal(codeOf(result), 'NET_TIMEOUT');
    assert.equal(result.error?.exitCode, 6);
    assert.match(result.error?.message ?? '', /did not answer in 30 s/);
    assert.equal(tries, 6);
  });

  it('ends in the middle of a layer', async (t) => {
    const { result, tries } = await pullStalling(t, 10_000);
    assert.equal(codeOf(result), 'NET_TIMEOUT');
    assert.match(result.error?.message ?? '', /fewer than 16384 bytes came in 30 s/);
    assert.match(result.decidedBy.url, atLayer);
    assert.equal(tries, 6);
  });
});

describe('access: one byte of each blob', () => {
  it('is asked for, and only that', async (t) => {
    const registry = await start(t, { storage: {} }, image);
    const checked = new Map<string, number>();
    const result = await pull(registry, { level: 'access', checked });
    assertPulled(result);
    assert.equal(result.pulled?.blobs, 2);
    assert.equal(checked.size, 0);
    const atStorage = registry.requests.filter(({ origin }) => origin === 'storage');
    assert.deepEqual(
      atStorage.map(({ sent, status }) => [sent, status]),
      [
        [1, 206],
        [1, 206],
      ],
    );
  });

  it('is proved by 200, whose body is let go', async (t) => {
    const large = createImage({ layers: [20_000_000] });
    const registry = await start(t, { faults: [{ match: { path: /blobs/ }, do: { is: 'whole' } }] }, large);
    assertPulled(await pull(registry, { level: 'access' }));
  });

  it('is asked for without a range where there are none', async (t) => {
    const registry = await start(t, {
      faults: [{ match: { path: /blobs/, status: 206 }, do: { is: 'answer', status: 416 } }],
    });
    assertPulled(await pull(registry, { level: 'access' }));
  });

  it('is enough to see that a layer has another size', async (t) => {
    const values = [`bytes 0-0/${layer.size + 1}`];
    const registry = await start(t, { faults: [layerFault({ is: 'header', name: 'Content-Range', values })] }, image);
    assert.equal(codeOf(await pull(registry, { level: 'access' })), 'VERIFY_SIZE');
  });

  it('is enough to see that storage refuses', async (t) => {
    const registry = await start(t, { auth: { mode: 'basic', users }, storage: {} }, image);
    registry.faults.add({ match: { origin: 'storage' }, do: { is: 'answer', status: 403, body: '<Error/>' } });
    const result = await pull(registry, { level: 'access', credential: robot });
    assert.equal(codeOf(result), 'REGISTRY_UNAVAILABLE');
    assert.match(result.error?.message ?? '', /storage refuses/);
  });

  it('is asked for at a new address when the first one has run out', async (t) => {
    const registry = await start(t, { storage: {} }, image);
    const expired = '<Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>';
    registry.faults.add({ match: { origin: 'storage', nth: 1 }, do: { is: 'answer', status: 403, body: expired } });
    assertPulled(await pull(registry, { level: 'access' }));
  });

  it('is all that is asked for what was checked before', async (t) => {
    const registry = await start(t, {}, image);
    const checked = new Map<string, number>();
    assertPulled(await pull(registry, { checked }));
    assertPulled(await pull(registry, { checked }));
    assert.deepEqual(layerRequests(registry.requests), ['whole', 'bytes=0-0']);
  });
});

describe('an absent blob', () => {
  it('ends the pull, and no other credential is to blame', async (t) => {
    const registry = await start(t, {}, { ...image, blobs: image.blobs.slice(0, 1) });
    const result = await pull(registry);
    assert.equal(codeOf(result), 'REGISTRY_NOT_FOUND');
    assert.match(result.decidedBy.url, atLayer);
  });

  it('is told of where it is a foreign layer, which others may keep', async (t) => {
    const foreign = createForeignLayers('application/vnd.docker.image.rootfs.foreign.diff.tar.gzip');
    const registry = await start(t, {}, { ...foreign, blobs: foreign.blobs.slice(0, 1) });
    const result = await pull(registry);
    assertPulled(result);
    assert.match(warningsOf(result).join(), /foreign/);
    assert.equal(requestsOf(registry, ({ status }) => status === 404).length, 2);
  });

  it('is told of nothing where the layers are encrypted and there', async (t) => {
    const encrypted = createForeignLayers('application/vnd.oci.image.layer.v1.tar+gzip+encrypted');
    const result = await pull(await start(t, {}, encrypted));
    assertPulled(result);
    assert.match(warningsOf(result).join(), /not unpacked without a key/);
  });
});
