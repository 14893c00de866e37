/**
 * Builds the Go side (go/) against one Kubernetes release: the Go module proxy brings its sources, a cache folder keeps the
 * result. The flags are those of the end-to-end tests, so that what the kubelet's own build left in Go's cache is used:
 * seconds instead of minutes.
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const cache = join(process.env['PURSER_E2E_CACHE'] ?? join(homedir(), '.cache/purser-e2e'), 'differential');
const sources = fileURLToPath(new URL('go/', import.meta.url));

/** The release that our rule books were written for. */
export const newestKubelet = 'v1.36.3';

/** Path of the executable. `version` is a release such as v1.36.3; of one that is not the newest, only configs are asked. */
export function buildKubelet(version: string): string {
  const names = version === newestKubelet ? readdirSync(sources).sort() : ['config.go', 'main.go'];
  const folder = join(cache, `${version}-${hashOf(names)}`);
  const program = join(folder, 'kubelet');
  if (existsSync(program)) return program;
  mkdirSync(folder, { recursive: true });
  const release = downloadSources(version);
  for (const name of names) copyFileSync(join(sources, name), join(folder, name));
  // Written anew, because in Go's cache it is read-only, and the build adds to it.
  writeFileSync(join(folder, 'go.sum'), readFileSync(join(release, 'go.sum')));
  writeFileSync(join(folder, 'go.mod'), moduleFor(version, readFileSync(join(release, 'go.mod'), 'utf8')));
  go(['build', ...flags, '-o', `${program}.new`, '.'], folder);
  // A build that was cut short leaves nothing under the final name.
  renameSync(`${program}.new`, program);
  return program;
}

const flags = ['-mod=mod', '-gcflags=all=-N -l', '-trimpath', '-tags=selinux,notest', '-ldflags=-s -w'];

function hashOf(names: readonly string[]): string {
  const hash = createHash('sha256');
  for (const name of names) hash.update(`${name}\0`).update(readFileSync(join(sources, name)));
  return hash.digest('hex').slice(0, 12);
}

function downloadSources(version: string): string {
  const found: unknown = JSON.parse(go(['mod', 'download', '-json', `k8s.io/kubernetes@${version}`], cache));
  if (typeof found === 'object' && found !== null && 'Dir' in found && typeof found.Dir === 'string') return found.Dir;
  throw new Error(`the sources of ${version} were not found`);
}

/** The release's own dependencies and defaults, with its parts from the proxy where the repository has them in folders. */
function moduleFor(version: string, module: string): string {
  const part = version.replace('v1.', 'v0.');
  return (
    module
      .replace(/^module .*$/m, 'module differential')
      // Examples that nothing needs, and that the proxy does not have of every release.
      .replace(/^\tk8s\.io\/sample-.*\n/gm, '')
      .replace(/^(\tk8s\.io\/\S+ => )\.\/staging\/src\/(k8s\.io\/\S+)$/gm, `$1$2 ${part}`)
      .concat(`\nrequire k8s.io/kubernetes ${version}\n`)
  );
}

function go(args: readonly string[], cwd: string): string {
  const env = { ...process.env, CGO_ENABLED: '0', GOFLAGS: '' };
  return execFileSync('go', args, { cwd, env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
}
