/** The log when many runs find it too long at once; the rest of it is tested with the built files. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { appendRunLog } from '../src/run-log.ts';
import { folder } from './built.ts';
import { interrupt } from './interrupt.ts';

const run = { now: 0, milliseconds: 1, image: 'reg.example/app', facts: [], outcome: 'nothing serves this image' };

test('a run that comes second does not put the new log in the place of the old one', (t) => {
  const log = join(folder(t, { log: '' }), 'log');
  fs.truncateSync(log, 10 * 1024 * 1024 + 1);
  // Between finding it too long and renaming it, another run does both and writes its line.
  interrupt(t, 'before', 'closeSync', (call) => {
    if (call !== 1) return;
    fs.renameSync(log, `${log}.1`);
    fs.appendFileSync(log, 'line of the other run\n');
  });
  appendRunLog(log, run);
  assert.equal(fs.statSync(`${log}.1`).size, 10 * 1024 * 1024 + 1);
  assert.match(fs.readFileSync(log, 'utf8'), /^line of the other run\n1970-01-01T[^\n]+\n$/);
});
