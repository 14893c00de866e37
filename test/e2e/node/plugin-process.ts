/** The process of a plugin, which is the kubelet's own affair: it is found by what it was started with. */
import { readdirSync, readFileSync } from 'node:fs';
import { until } from '../until.ts';

/** Waits for a plugin with the text among its arguments that looks right, and sends it the signal. */
export async function strike(
  argument: string,
  signal: NodeJS.Signals,
  isRight: (pid: number) => boolean = () => true,
): Promise<void> {
  const found = () => processes().find((pid) => read(pid, 'cmdline').includes(argument) && isRight(pid));
  process.kill(await until(`a plugin with ${argument}`, found), signal);
}

/** It has come to where it ends by itself when it is asked to. */
export function catchesSigterm(pid: number): boolean {
  const [, caught = '0'] = /^SigCgt:\s*([0-9a-f]+)$/m.exec(read(pid, 'status')) ?? [];
  // Signal number 15 is bit 14.
  return (BigInt(`0x${caught}`) & (1n << 14n)) !== 0n;
}

function processes(): readonly number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

function read(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    // It has ended since.
    return '';
  }
}
