/** The conformance tables of this folder, case by case, and the proof that none was left out. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { loadTables } from './load.ts';

const here = fileURLToPath(new URL('.', import.meta.url));

/** Kinds that later work will serve; a case of any other kind must run. */
const notBuiltYet: Readonly<Record<string, readonly string[]>> = {
  'auth-challenge': [
    'cri_auth',
    'default_scheme of containerd-cri-mirrors',
    'default_scheme of ggcr',
    'token_request by the order of a line',
    'token_request of CRI-O',
    'token_request with what a kubelet never gives',
  ],
  'platform-select': [
    'arch_suffix',
    'containerd_transfer_fetch',
    'crio_wanted_platforms',
    'host_platform',
    'runtime_divergence',
    'select_crio_manifest_list',
    'select_crio_oci_index',
    'single_manifest',
  ],
};

for (const { name, cases } of await loadTables(here)) {
  describe(`table ${name}`, () => {
    it('is known', () => assert(cases !== undefined));
    for (const { id, kind, run, notRun } of cases ?? []) {
      if (run !== undefined) it(`${id} (${kind})`, run);
      else if (notRun !== 'disputed' && !notBuiltYet[name]?.includes(kind)) {
        it(`${id} (${kind})`, () => assert.fail(`not run: ${notRun}`));
      }
    }
  });
}

describe('the tables that must run whole', () => {
  for (const name of ['docker-config', 'image-reference', 'url-match']) {
    it(`runs each case of ${name}`, async () => {
      const document: unknown = JSON.parse(readFileSync(join(here, `${name}.json`), 'utf8'));
      assert(Array.isArray(document) && document.length > 200);
      const table = (await loadTables(here)).find((loaded) => loaded.name === name);
      const ran = (table?.cases ?? []).filter(({ run }) => run !== undefined).map(({ id }) => id);
      assert.deepEqual(
        ran,
        document.map(({ id }) => id),
      );
    });
  }
});

describe('npm run vectors', () => {
  const run = (folder: string) =>
    spawnSync(process.execPath, [join(here, 'run.ts'), folder], {
      encoding: 'utf8',
      env: { PATH: process.env['PATH'] },
    });

  it('ends with the count and 0 when all pass', (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'vectors-'));
    t.after(() => rmSync(folder, { recursive: true }));
    cpSync(join(here, 'url-match.json'), join(folder, 'url-match.json'));
    const { status, stdout } = run(folder);
    assert.equal(stdout, '256 passed, 0 failed\n');
    assert.equal(status, 0);
  });

  it('names what fails and what it does not know, and ends with 1', (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'vectors-'));
    t.after(() => rmSync(folder, { recursive: true }));
    const vectors = [
      { id: 'a', kind: 'urls-match', pattern: 'reg.io', image: 'reg.io/x', match: false },
      { id: 'b', kind: 'of-tomorrow' },
      { id: 'c', kind: 'urls-match', disputed: true, pattern: 'reg.io', image: 'reg.io/x', match: true },
    ];
    writeFileSync(join(folder, 'url-match.json'), JSON.stringify(vectors));
    writeFileSync(join(folder, 'unheard-of.json'), '[]');
    const { status, stdout } = run(folder);
    assert.match(stdout, /^unheard-of: not run: table not built yet\n/);
    assert.match(stdout, /url-match a \(urls-match\) failed: whether it matches/);
    assert.match(stdout, /url-match: not run: of-tomorrow: kind not built yet \(1: b\)\n/);
    assert.match(stdout, /url-match: not run: urls-match: disputed \(1: c\)\n/);
    assert.match(stdout, /\n0 passed, 1 failed\n$/);
    assert.equal(status, 1);
  });
});
