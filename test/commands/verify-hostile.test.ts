/**
 * R-NET-09 and F-N04 by both built files: answers that are too large, that never end, or that may have been cut. The two
 * runtimes let different ones pass; what is verified must not.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { builds } from '../built.ts';
import type { Fault, FaultAction } from '../fake/faults.ts';
import { configFor, startWithImages, users, verify } from './verifying.ts';

const atToken = { origin: 'token' } as const;
const atManifest = { path: /manifests/, method: 'GET', status: 200 } as const;
const atLayer = { path: /blobs/, nth: 2 } as const;

const header = (name: string, ...values: string[]): FaultAction => ({ is: 'header', name, values });
const large = 'x'.repeat(40_000);
const bomb = JSON.stringify({ access_token: 'y'.repeat(70_000), expires_in: 300 });

const refused: readonly (readonly [name: string, faults: readonly Fault[], code: number, because: RegExp])[] = [
  ['a token of 70 kB', [{ match: atToken, do: { is: 'body', body: bomb } }], 6, /more than 65536 bytes/],
  [
    'a token without end',
    [{ match: atToken, do: { is: 'endless' } }],
    6,
    /does not say how long|more than 65536 bytes/,
  ],
  [
    'a token whose end nobody knows',
    [{ match: atToken, do: header('Content-Length') }],
    6,
    /does not say how long its body is/,
  ],
  [
    'a token with two lengths',
    [{ match: atToken, do: header('Content-Length', '9', '900') }],
    6,
    /the connection broke|no proper HTTP|in two ways/,
  ],
  [
    'a manifest whose end nobody knows',
    [{ match: atManifest, do: header('Content-Length') }],
    6,
    /does not say how long/,
  ],
  ['a manifest that is encoded', [{ match: atManifest, do: { is: 'gzip' } }], 6, /encoded, unasked/],
  ['a manifest under a mountain of headers', [{ match: atManifest, do: header('X-Mountain', large) }], 6, /headers/],
  ['a manifest without end', [{ match: atManifest, do: { is: 'endless' } }], 6, /does not say how long/],
  ['a layer that is encoded', [{ match: atLayer, do: { is: 'gzip' } }], 6, /encoded, unasked/],
  ['a layer without end', [{ match: atLayer, do: { is: 'endless' } }], 9, /more than [0-9]+ bytes came/],
  [
    'a layer that is longer',
    [{ match: atLayer, do: { is: 'resize', by: 5, declared: 'actual' } }],
    9,
    /descriptor says/,
  ],
];

for (const build of builds) {
  for (const [name, faults, expected, because] of refused) {
    test(`${build.name}: R-NET-09: ${name} is refused`, async (t) => {
      const registry = await startWithImages(t, { auth: { mode: 'bearer', users }, faults: [...faults] });
      const { code, stdout } = await verify(build, configFor(t, registry.host), [`${registry.host}/team/app:1.0`]);
      assert.equal(code, expected, stdout);
      assert.match(stdout, because);
      assert(stdout.length < 4096);
    });
  }

  for (const how of ['reset', 'end'] as const) {
    for (const after of [0, 1, 1000]) {
      test(`${build.name}: F-N04: a layer whose line breaks (${how} after ${after}) is read to its end`, async (t) => {
        const fault: Fault = { match: atLayer, do: { is: 'cut', after, how } };
        const registry = await startWithImages(t, { auth: { mode: 'bearer', users }, faults: [fault] });
        const result = await verify(build, configFor(t, registry.host), [`${registry.host}/team/app:1.0`]);
        assert.equal(result.code, 0, result.stdout);
        assert.match(result.stderr, /once more in/);
      });
    }
  }

  test(`${build.name}: F-N02: a connection that breaks before its answer is tried again`, async (t) => {
    const fault: Fault = { match: { nth: 1 }, do: { is: 'cut', after: 'nothing', how: 'reset' } };
    const registry = await startWithImages(t, { auth: { mode: 'bearer', users }, faults: [fault] });
    const result = await verify(build, configFor(t, registry.host), [`${registry.host}/team/app:1.0`]);
    assert.equal(result.code, 0, result.stdout);
  });

  test(`${build.name}: F-N04: a layer that is always cut without a length is never taken for whole`, async (t) => {
    const faults: readonly Fault[] = [
      { match: { path: /blobs/ }, do: header('Content-Length') },
      { match: { path: /blobs/ }, do: { is: 'cut', after: 100, how: 'reset' } },
    ];
    const registry = await startWithImages(t, { auth: { mode: 'bearer', users }, faults });
    const { code, stdout } = await verify(build, configFor(t, registry.host), [`${registry.host}/team/app:1.0`]);
    assert.equal(code, 6, stdout);
    assert.match(stdout, /ended before all bytes had come|the connection broke/);
  });
}
