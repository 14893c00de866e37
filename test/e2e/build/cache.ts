/** Where built programs stay between runs, outside the tree: a machine that built a kubelet once does not do it again. */
import { homedir } from 'node:os';
import { join } from 'node:path';

/** `$PURSER_E2E_CACHE`, else `~/.cache/purser-e2e`. It may be removed at any time; about 100 MB for each program. */
export function cacheFolder(...below: readonly string[]): string {
  return join(process.env['PURSER_E2E_CACHE'] ?? join(homedir(), '.cache/purser-e2e'), ...below);
}
