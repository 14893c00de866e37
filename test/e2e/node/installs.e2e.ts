/**
 * Ways to install purser that are not the one of the example, and a kubelet whose environment is empty or hostile: what
 * a node's owner does without a thought. Each must pull and run a private image.
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { linkSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { disarmed } from '../../../src/kubelet/own-entry-lint.ts';
import { type Install, install, portable, restartWith } from './installs.ts';
import { type Node, openNode, password } from './node.ts';
import { needNode } from './surroundings.ts';

const places: Readonly<Record<string, { readonly what: string; place(path: string, node: Node): void }>> = {
  'acme-credentials': {
    what: 'under another name',
    place: (path, { purser }) => linkSync(purser.program, path),
  },
  'purser-current': {
    what: 'through a chain of symbolic links that leads out of the bin directory',
    place: (path, { folder, purser }) => {
      const opt = join(folder, 'opt');
      mkdirSync(join(opt, 'purser-0.1.0'), { recursive: true });
      linkSync(purser.program, join(opt, 'purser-0.1.0/purser'));
      symlinkSync('purser-0.1.0', join(opt, 'purser'));
      symlinkSync('../opt/purser/purser', path);
    },
  },
  'purser-portable': {
    what: 'as the portable file, through a wrapper that starts Node',
    place: portable,
  },
};

describe('a purser that is installed', { skip: needNode() }, () => {
  let node: Node;
  before(async () => {
    node = await openNode();
  });
  after(() => node?.close());
  const runs = (made: Install | undefined) => made?.pod().runs(`${made.name}/app`);

  describe('next to others', { concurrency: true }, () => {
    let installs: Map<string, Install>;
    before(async () => {
      installs = new Map(
        Object.entries(places).map(([name, { place }]) => {
          return [name, install(node, { name, password, place: (path) => place(path, node) })];
        }),
      );
      await restartWith(node, [...installs.values()]);
    });
    for (const [name, { what }] of Object.entries(places)) {
      test(`${what}: a private image runs`, () => runs(installs.get(name)));
    }
  });

  test('on a read-only mount, with its config and its secret: a private image runs', async () => {
    const made = install(node, { name: 'read-only', password });
    const { purser } = node;
    const mount = (...args: readonly string[]) => execFileSync('mount', args);
    const folders = [purser.binDir, join(made.secret, '..')];
    for (const folder of folders) {
      mount('--bind', folder, folder);
      mount('-o', 'remount,bind,ro', folder);
    }
    try {
      assert.throws(() => writeFileSync(join(purser.binDir, 'new'), ''), /EROFS/);
      await restartWith(node, [made]);
      await runs(made);
    } finally {
      for (const folder of folders) execFileSync('umount', ['--lazy', folder]);
    }
  });

  test('below a kubelet without any environment, and given none: a private image runs', async () => {
    const made = install(node, { name: 'no-environment', password, armed: disarmed });
    const { daemon } = await restartWith(node, [made], { env: {} });
    assert.equal(readFileSync(`/proc/${daemon.pid}/environ`, 'utf8'), '');
    await runs(made);
  });
});
