/**
 * A kubelet whose own environment holds variables that change what purser's runtime does. A plugin inherits them; those
 * that the example's `env` sets to nothing come after them and win. For each of them, a provider without that one line
 * shows the harm, and so that the line is needed. BUN_CONFIG_VERBOSE_FETCH has no such control: it prints requests, and
 * no provider sends one yet.
 */
import assert from 'node:assert/strict';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { until } from '../until.ts';
import { type Install, type InstallOptions, install, portable, restartWith } from './installs.ts';
import { type Node, openNode, password } from './node.ts';
import { strike } from './plugin-process.ts';
import { providerFailures } from './provider-failures.ts';
import { needNode } from './surroundings.ts';

describe("hostile variables in the kubelet's environment", { skip: needNode(), concurrency: true }, () => {
  const inspector = 9871;
  const installs: Record<string, Install> = {};
  let node: Node;
  /** To which foreign code adds a line for each program that runs it. */
  let mark: string;

  before(async () => {
    node = await openNode();
    mark = join(node.folder, 'mark');
    const foreign = join(node.folder, 'foreign.cjs');
    writeFileSync(
      foreign,
      `require('node:fs').appendFileSync(${JSON.stringify(mark)}, process.argv.join(' ') + '\\n');`,
    );
    const add = (name: string, more: Partial<InstallOptions> = {}): void => {
      installs[name] = install(node, { name, password, ...more });
    };
    add('disarmed');
    add('disarmed-portable', { place: portable });
    add('disarmed-failing', { place: portable });
    add('be-bun', { armed: ['BUN_BE_BUN'] });
    add('bun-options', { armed: ['BUN_OPTIONS'] });
    add('bun-inspect', { armed: ['BUN_INSPECT'] });
    add('node-options', { armed: ['NODE_OPTIONS'], place: portable });
    add('node-debug', { armed: ['NODE_DEBUG'], place: portable });
    for (const name of ['disarmed-failing', 'node-debug']) rmSync(installed(name).secret);
    const env = {
      PATH: process.env['PATH'] ?? '',
      BUN_BE_BUN: '1',
      BUN_OPTIONS: `--preload=${foreign}`,
      BUN_INSPECT: `ws://127.0.0.1:${inspector}/purser?wait=1`,
      BUN_CONFIG_VERBOSE_FETCH: 'curl',
      NODE_OPTIONS: `--require=${foreign}`,
      NODE_DEBUG: '*',
    };
    // One that waits must not keep the others waiting.
    await restartWith(node, Object.values(installs), { env, configuration: { serializeImagePulls: false } });
  });
  after(() => node?.close());

  const installed = (name: string): Install => {
    const found = installs[name];
    assert.ok(found !== undefined);
    return found;
  };
  const ranForeignCode = ({ config }: Install): boolean =>
    existsSync(mark) && readFileSync(mark, 'utf8').includes(config);
  const errorsOf = (made: Install) => providerFailures(node.kubelet().daemon.log.lines(), made);

  for (const name of ['disarmed', 'disarmed-portable']) {
    test(`${name}: with the lines of the example, a private image runs and no foreign code does (R-SEC-02)`, async () => {
      const made = installed(name);
      await made.pod().runs(`${name}/app`);
      assert.equal(ranForeignCode(made), false);
    });
  }

  test('with the lines of the example, a failure is one line of ours and nothing else (R-SEC-02)', async () => {
    const made = installed('disarmed-failing');
    const pod = made.pod();
    const [error] = await until('the error', () => errorsOf(made).length > 0 && errorsOf(made));
    assert.equal(error, missing(made));
    await pod.remove();
  });

  test('without the line for BUN_BE_BUN, purser is another program, and nothing is pulled', async () => {
    const pod = installed('be-bun').pod();
    assert.match(await pod.pullFails(), /no basic auth credentials|401 Unauthorized/);
    await pod.remove();
  });

  test('without the line for BUN_OPTIONS, foreign code runs before purser does', async () => {
    const made = installed('bun-options');
    await made.pod().runs('bun-options/app');
    assert.equal(ranForeignCode(made), true);
  });

  test('without the line for BUN_INSPECT, purser waits for a debugger', async () => {
    const made = installed('bun-inspect');
    const pod = made.pod();
    await until('the port of the debugger', () => isOpen(inspector));
    assert.equal((await pod.state())?.kind, 'waiting');
    const gone = pod.remove();
    await strike(made.config, 'SIGKILL');
    await gone;
  });

  test('without the line for NODE_OPTIONS, foreign code runs before the portable file does', async () => {
    const made = installed('node-options');
    await made.pod().runs('node-options/app');
    assert.equal(ranForeignCode(made), true);
  });

  test("without the line for NODE_DEBUG, the runtime's own lines are in the kubelet's log", async () => {
    const made = installed('node-debug');
    const pod = made.pod();
    const start = `error execing credential provider plugin node-debug for image ${made.image}: `;
    await until('an error', () => node.kubelet().daemon.log.text().includes(start));
    assert.ok(!errorsOf(made).includes(missing(made)), 'it is our line alone');
    await pod.remove();
  });
});

function missing({ secret }: Install): string {
  return `exit status 2: purser: FILE_MISSING: reading "${secret}" for registries[0] (static): no such file; create it or correct the path`;
}

function isOpen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy();
      resolve(true);
    }).on('error', () => resolve(false));
  });
}
