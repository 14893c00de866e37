/** What source files import, read from their text: type imports too, and those that are loaded later. */
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('..', import.meta.url));

export interface Arrow {
  /** From the root of the project. */
  readonly from: string;
  /** The same, or the name of a package or of a module of the runtime. */
  readonly to: string;
  readonly kind: 'value' | 'type' | 'lazy';
}

export function importsOf(file: string): Arrow[] {
  const text = readFileSync(join(root, file), 'utf8');
  const resolve = (specifier: string): string => {
    return specifier.startsWith('.') ? join(dirname(file), specifier) : specifier;
  };
  const statics = [...text.matchAll(/^(?:import|export)\s+(type\s)?[^;]*?from\s+'([^']+)'/gm)];
  const lazy = [...text.matchAll(/\bimport\(\s*'([^']+)'\s*\)/g)];
  return [
    ...statics.map(
      ([, type, specifier = '']): Arrow => ({ from: file, to: resolve(specifier), kind: type ? 'type' : 'value' }),
    ),
    ...lazy.map(([, specifier = '']): Arrow => ({ from: file, to: resolve(specifier), kind: 'lazy' })),
  ];
}

/** All arrows that are reached from a file by arrows of these kinds, the file's own first. */
export function importsBelow(file: string, kinds: readonly Arrow['kind'][]): Arrow[] {
  const reached = new Map<string, Arrow[]>();
  const visit = (source: string): void => {
    if (reached.has(source) || !source.endsWith('.ts')) return;
    const arrows = importsOf(source).filter(({ kind }) => kinds.includes(kind));
    reached.set(source, arrows);
    for (const { to } of arrows) visit(to);
  };
  visit(file);
  return [...reached.values()].flat();
}

/** What a file of a provider may import besides files of its own folder. */
export const providerImports =
  /^(src\/(provider|credential|errors|json|redact|image-reference|kubelet\/[a-z-]+)\.ts|node:crypto)$/;
