/**
 * The platform of this machine as containerd names it. What only the CPU knows (arm below v7, arm64 above v8, amd64 above
 * v1) is left out: containerd itself leaves amd64 without a variant, and old or new arm says so with --platform.
 */
import type { Platform } from '../registry/manifest.ts';

/** `arch` and `endianness` as node:os gives them. */
export function hostPlatform(arch: string, endianness: 'BE' | 'LE'): Platform {
  const architecture = architectures.get(`${arch} ${endianness}`) ?? architectures.get(arch) ?? arch;
  return { os: 'linux', architecture, ...(architecture === 'arm' && { variant: 'v7' }) };
}

const architectures: ReadonlyMap<string, string> = new Map([
  ['x64', 'amd64'],
  ['ia32', '386'],
  ['ppc64 LE', 'ppc64le'],
  ['mipsel', 'mipsle'],
]);
