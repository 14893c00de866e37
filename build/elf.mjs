/** What an executable says of itself in its ELF header: enough to see that it was made for the machine that it is named for. */
import { closeSync, openSync, readSync } from 'node:fs';

const machines = { 62: 'x64', 183: 'arm64' };

/** Throws unless the executable is for that processor and that C library. */
export function checkElf(path, { machine, interpreter }) {
  const found = readElf(path);
  if (found.machine === machine && found.interpreter === interpreter) return;
  throw new Error(`${path} is for ${found.machine} and ${found.interpreter}, not for ${machine} and ${interpreter}`);
}

/** `{ machine, interpreter }`: the processor and the loader, such as `/lib/ld-musl-x86_64.so.1`. Throws for anything else. */
export function readElf(path) {
  const head = Buffer.alloc(4096);
  const descriptor = openSync(path, 'r');
  readSync(descriptor, head, 0, head.length, 0);
  closeSync(descriptor);
  if (head.readUInt32BE(0) !== 0x7f454c46 || head[4] !== 2 || head[5] !== 1)
    throw new Error(`${path} is no 64-bit ELF file`);
  const [interpreter] = /\/lib(?:64)?\/ld-[\w.-]+/.exec(head.toString('latin1')) ?? [];
  return { machine: machines[head.readUInt16LE(18)], interpreter };
}
