/** Reads while somebody writes. The system's own functions are wrapped, so that the write comes in between, every time. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { readTrustedFile } from '../src/file.ts';
import { folder } from './built.ts';
import { interrupt } from './interrupt.ts';

const options = { uid: process.getuid?.(), maxBytes: 1024, privateMode: false };

function replace(path: string, text: string): void {
  fs.writeFileSync(`${path}.new`, text, { mode: 0o600 });
  fs.renameSync(`${path}.new`, path);
}

test('a file that is replaced between the check and the opening is checked and read again (F-D05)', (t) => {
  const path = join(folder(t, { secret: 'old' }), 'secret');
  interrupt(t, 'before', 'openSync', (call) => call === 1 && replace(path, 'new'));
  assert.equal(readTrustedFile(path, options).text, 'new');
});

test('a file that is replaced by one of others is refused (F-D05)', (t) => {
  const path = join(folder(t, { secret: 'old' }), 'secret');
  interrupt(t, 'before', 'openSync', (call) => {
    if (call !== 1) return;
    replace(path, 'new');
    fs.chmodSync(path, 0o666);
  });
  assert.throws(() => readTrustedFile(path, options), { code: 'FILE_TRUST' });
});

test('a file that is written to while it is read gives no mixture (F-D05)', (t) => {
  const path = join(folder(t, { secret: 'first half, second half' }), 'secret');
  interrupt(t, 'after', 'readSync', (call) => call === 1 && fs.writeFileSync(path, 'another text, which is longer'));
  assert.equal(readTrustedFile(path, options).text, 'another text, which is longer');
});

test('a file that changes at each read is given up (F-D05)', (t) => {
  const path = join(folder(t, { secret: '0' }), 'secret');
  interrupt(t, 'after', 'readSync', (call) => fs.utimesSync(path, call, call));
  assert.throws(() => readTrustedFile(path, options), {
    code: 'FILE_READ',
    message: /it changed each time it was read/,
  });
});
