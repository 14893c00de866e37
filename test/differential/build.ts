/** Builds kubelet.go against one Kubernetes release; the Go module proxy brings its sources, a cache folder keeps the result. */
import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const cache = fileURLToPath(new URL('../../.cache/differential/', import.meta.url));
const source = fileURLToPath(new URL('kubelet.go', import.meta.url));

/** Path of the executable. `version` is a release such as v1.36.3. Minutes when nothing is cached, else at once. */
export function buildKubelet(version: string): string {
  const program = join(cache, version, 'kubelet');
  if (existsSync(program) && statSync(program).mtimeMs > statSync(source).mtimeMs) return program;
  go(['build', '-o', program, '.'], prepare(version));
  return program;
}

const offline = { GOPROXY: 'off', GOSUMDB: 'off' };

/** Whether Go is there and has all sources already, so that a build takes seconds and asks nobody. */
export function isAtHand(version: string): boolean {
  try {
    go(['list', '-deps', '.'], prepare(version, offline), offline);
    return true;
  } catch {
    return false;
  }
}

/** A folder with the program and the release's own module file. */
function prepare(version: string, env = {}): string {
  const folder = join(cache, version);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const sources = downloadSources(version, env);
  copyFileSync(source, join(folder, 'main.go'));
  copyFileSync(join(sources, 'go.sum'), join(folder, 'go.sum'));
  writeFileSync(join(folder, 'go.mod'), moduleFor(version, readFileSync(join(sources, 'go.mod'), 'utf8')));
  return folder;
}

function downloadSources(version: string, env: Readonly<Record<string, string>>): string {
  const found: unknown = JSON.parse(go(['mod', 'download', '-json', `k8s.io/kubernetes@${version}`], cache, env));
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

function go(args: readonly string[], cwd: string, env: Readonly<Record<string, string>> = {}): string {
  return execFileSync('go', args, {
    cwd,
    env: { ...process.env, GOFLAGS: '-mod=mod', ...env },
    encoding: 'utf8',
    maxBuffer: 1 << 26,
    stdio: ['ignore', 'pipe', env['GOPROXY'] === undefined ? 'inherit' : 'ignore'],
  });
}
