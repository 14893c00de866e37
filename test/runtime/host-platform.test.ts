/** What this machine is called by containerd. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hostPlatform } from '../../src/runtime/host-platform.ts';
import { formatPlatform } from '../../src/runtime/platform.ts';

for (const [arch, endianness, name] of [
  ['x64', 'LE', 'linux/amd64'],
  ['arm64', 'LE', 'linux/arm64'],
  ['arm', 'LE', 'linux/arm/v7'],
  ['ia32', 'LE', 'linux/386'],
  ['ppc64', 'LE', 'linux/ppc64le'],
  ['ppc64', 'BE', 'linux/ppc64'],
  ['s390x', 'BE', 'linux/s390x'],
  ['riscv64', 'LE', 'linux/riscv64'],
  ['loong64', 'LE', 'linux/loong64'],
  ['mipsel', 'LE', 'linux/mipsle'],
] as const) {
  test(`${arch} (${endianness}) is ${name}`, () => assert.equal(formatPlatform(hostPlatform(arch, endianness)), name));
}
