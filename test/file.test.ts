/** Reads while somebody writes. The system's own functions are wrapped, so that the write comes in between, every time. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { readTrustedFile } from '../src/file.ts';
import { folder } from './built.ts';

const options = { uid: process.getuid?.(), maxBytes: 1024, privateMode: false };

/** Runs `meanwhile` at each call of the function, before or after it. */
function interrupt(t: TestContext, name: 'openSync' | 'readSync', meanwhile: (call: number) => void): void {
  const original = fs[name];
  let calls = 0;
  Object.assign(fs, {
    [name]: (...values: unknown[]) => {
      // Opening sees what was put there; reading has read before more is written.
      if (name === 'openSync') meanwhile(++calls);
      const result = Reflect.apply(original, fs, values);
      if (name === 'readSync') meanwhile(++calls);
      return result;
    },
  });
  syncBuiltinESMExports();
  t.after(() => {
    Object.assign(fs, { [name]: original });
    syncBuiltinESMExports();
  });
}

function replace(path: string, text: string): void {
  fs.writeFileSync(`${path}.new`, text, { mode: 0o600 });
  fs.renameSync(`${path}.new`, path);
}

test('a file that is replaced between the check and the opening is checked and read again (F-D05)', (t) => {
  const path = join(folder(t, { secret: 'old' }), 'secret');
  interrupt(t, 'openSync', (call) => call === 1 && replace(path, 'new'));
  assert.equal(readTrustedFile(path, options).text, 'new');
});

test('a file that is replaced by one of others is refused (F-D05)', (t) => {
  const path = join(folder(t, { secret: 'old' }), 'secret');
  interrupt(t, 'openSync', (call) => {
    if (call !== 1) return;
    replace(path, 'new');
    fs.chmodSync(path, 0o666);
  });
  assert.throws(() => readTrustedFile(path, options), { code: 'FILE_TRUST' });
});

test('a file that is written to while it is read gives no mixture (F-D05)', (t) => {
  const path = join(folder(t, { secret: 'first half, second half' }), 'secret');
  interrupt(t, 'readSync', (call) => call === 1 && fs.writeFileSync(path, 'another text, which is longer'));
  assert.equal(readTrustedFile(path, options).text, 'another text, which is longer');
});

test('a file that changes at each read is given up (F-D05)', (t) => {
  const path = join(folder(t, { secret: '0' }), 'secret');
  interrupt(t, 'readSync', (call) => fs.utimesSync(path, call, call));
  assert.throws(() => readTrustedFile(path, options), {
    code: 'FILE_READ',
    message: /it changed each time it was read/,
  });
});
