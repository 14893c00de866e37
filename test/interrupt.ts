/** Puts something in between two calls of the file system, every time: what a race does only sometimes. */
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import type { TestContext } from 'node:test';

type Name = 'openSync' | 'readSync' | 'closeSync';

/** Runs `meanwhile` with the number of the call, right before or right after each call of the function. */
export function interrupt(
  t: TestContext,
  when: 'before' | 'after',
  name: Name,
  meanwhile: (call: number) => void,
): void {
  const original = fs[name];
  let calls = 0;
  Object.assign(fs, {
    [name]: (...values: unknown[]) => {
      const call = ++calls;
      if (when === 'before') meanwhile(call);
      const result = Reflect.apply(original, fs, values);
      if (when === 'after') meanwhile(call);
      return result;
    },
  });
  const restore = (): void => {
    Object.assign(fs, { [name]: original });
    syncBuiltinESMExports();
  };
  syncBuiltinESMExports();
  t.after(restore);
}
