/** platform-select.json: which manifest of an index a node takes. Only containerd's client is built. */
import assert from 'node:assert/strict';
import type { Platform } from '../../src/registry/manifest.ts';
import {
  choosePlatform,
  matchesPlatform,
  matchesStrictly,
  parsePlatform,
  runsOnWindows,
} from '../../src/runtime/platform.ts';
import { casesByKind, listOf, objectOf, textOf, type Vector, type VectorTable } from './table.ts';

export const table: VectorTable = {
  name: 'platform-select',
  cases: (document) =>
    casesByKind(document, {
      match: checkMatch,
      select_containerd: checkSelection,
      windows_build: checkWindowsBuild,
    }),
};

function platform(text: unknown): Platform {
  const parsed = parsePlatform(String(text));
  assert(parsed !== undefined, `${text} is a platform`);
  return parsed;
}

function checkMatch(vector: Vector): void {
  const input = objectOf(vector['input']);
  const matcher = textOf(input, 'matcher');
  assert(matcher === 'only' || matcher === 'strict', 'the matcher is known');
  const matches = matcher === 'only' ? matchesPlatform : matchesStrictly;
  const match = matches(platform(input['host']), platform(input['candidate']));
  assert.deepEqual({ match }, vector['expect']);
}

function checkSelection(vector: Vector): void {
  const input = objectOf(vector['input']);
  const expect = objectOf(vector['expect']);
  const host = platform(input['host']);
  const names = listOf(input, 'manifests');
  const entries = names.map((name) => (name === null ? undefined : platform(name)));
  const { candidates, lastResort } = choosePlatform(entries, host);
  // What a caller does: the last resort counts only if the platform in its config fits.
  const configs = input['config_platforms'] === undefined ? [] : listOf(input, 'config_platforms');
  const fits = lastResort !== undefined && matchesPlatform(host, platform(configs[lastResort]));
  const selected = candidates[0] ?? (fits ? lastResort : undefined);
  assert.equal(selected ?? null, expect['selected_index']);
  if ('selected' in expect) assert.equal(selected === undefined ? null : names[selected], expect['selected']);
  if ('candidates_in_order' in expect)
    assert.deepEqual(
      candidates.map((index) => names[index]),
      expect['candidates_in_order'],
    );
  assert.equal(selected === undefined, 'error' in expect, 'whether nothing fits');
}

function checkWindowsBuild(vector: Vector): void {
  const input = objectOf(vector['input']);
  const runs = runsOnWindows(textOf(input, 'host_build'), textOf(input, 'image_build'));
  assert.deepEqual({ runs }, vector['expect']);
}
