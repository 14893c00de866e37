/** What is shown while a pull goes on: one line over and over on a terminal, one a second elsewhere. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createProgress, formatBytes } from '../../src/commands/progress.ts';
import type { Edge } from '../../src/edge.ts';
import { createTestClock } from '../registry/test-clock.ts';

const MiB = 1024 * 1024;

function createEdge(isTerminal: boolean, env: Edge['env'] = {}) {
  const clock = createTestClock();
  const written: string[] = [];
  const edge: Edge = {
    argv: [],
    env,
    startDirectory: '/',
    uid: 0,
    runtime: { name: 'test', version: '0' },
    clock,
    deadline: () => assert.fail('there is none'),
    readStdin: () => assert.fail('nothing is read'),
    isTerminal: () => isTerminal,
    writeOut: () => assert.fail('stdout is for the report'),
    writeError: (text) => void written.push(text),
  };
  return { edge, clock, written };
}

describe('progress off a terminal', () => {
  it('is one line a second, and none for what is quickly done', () => {
    const { edge, clock, written } = createEdge(false);
    const progress = createProgress('reg.example/app:1', edge);
    progress.show({ kind: 'blobs', count: 2, bytes: 100 * MiB });
    for (let step = 0; step < 25; step++) {
      clock.advance(100);
      progress.show({ kind: 'bytes', count: MiB });
    }
    progress.end();
    assert.deepEqual(written, [
      'reg.example/app:1  0/2 blobs  10.0 MiB of 100.0 MiB  10.0 MiB/s\n',
      'reg.example/app:1  0/2 blobs  20.0 MiB of 100.0 MiB  10.0 MiB/s\n',
    ]);
  });

  it('holds no escape code and no line break but the last, whatever an image is called', () => {
    const { edge, clock, written } = createEdge(false);
    const progress = createProgress('reg\u001B[2J\nx', edge);
    clock.advance(1000);
    progress.show({ kind: 'resolved', digest: 'sha256:00' });
    assert.deepEqual(written, ['reg\\u001b[2J\\u000ax  asking the registry\n']);
  });
});

describe('progress on a terminal', () => {
  it('is drawn over and over, not wider than the terminal, and gone at the end', () => {
    const { edge, clock, written } = createEdge(true, { COLUMNS: '60' });
    const progress = createProgress('reg.example/app:1', edge);
    progress.show({ kind: 'blobs', count: 2, bytes: 4 * MiB });
    clock.advance(100);
    progress.show({ kind: 'bytes', count: MiB });
    progress.show({ kind: 'bytes', count: MiB });
    progress.end();
    const [line = '', clear] = written;
    assert.equal(written.length, 2);
    assert.match(line, /^\r\u001B\[2K\[#{5}\.{15}\] {2}reg\.example\/app:1 {2}0\/2 blobs/);
    assert.equal(line.replace('\r\u001B[2K', '').length, 59);
    assert.equal(clear, '\r\u001B[2K');
  });

  it('makes room for what must be read', () => {
    const { edge, clock, written } = createEdge(true);
    const progress = createProgress('reg.example/app:1', edge);
    clock.advance(100);
    progress.show({ kind: 'resolved', digest: 'sha256:00' });
    progress.show({ kind: 'notice', text: 'it goes elsewhere' });
    progress.show({ kind: 'retry', reason: 'asking: it broke; wait', wait: 1250 });
    progress.end();
    assert.deepEqual(written.slice(1), [
      '\r\u001B[2Knotice: it goes elsewhere\n',
      'once more in 1.3 s: asking: it broke; wait\n',
    ]);
  });
});

it('sizes are in binary units', () => {
  assert.deepEqual([0, 1023, 1024, 1536 * 1024, 5 * 1024 ** 3, 3 * 1024 ** 4].map(formatBytes), [
    '0 B',
    '1023 B',
    '1.0 KiB',
    '1.5 MiB',
    '5.0 GiB',
    '3072.0 GiB',
  ]);
});
