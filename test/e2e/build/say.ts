/** The one program of all test images, kept in the cache under what its source says. */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cacheFolder } from './cache.ts';
import { goBuild } from './go-program.ts';

/** Path of the executable. */
export function buildSay(): string {
  const folder = fileURLToPath(new URL('../node/say', import.meta.url));
  const source = createHash('sha256')
    .update(readFileSync(join(folder, 'main.go')))
    .digest('hex');
  const output = cacheFolder('say', source.slice(0, 16));
  if (!existsSync(output)) goBuild({ folder, package: '.', output });
  return output;
}
