/**
 * Builds the Go side (go/) against one Kubernetes release, in the cache and with the flags of the end-to-end tests, so that
 * what the kubelet's own build left behind is used: seconds instead of minutes.
 */
import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cacheFolder } from '../e2e/build/cache.ts';
import { writeGoModule } from '../e2e/build/go-module.ts';
import { goBuild } from '../e2e/build/go-program.ts';
import { kubernetesVersions } from '../e2e/build/kubernetes.ts';

const sources = fileURLToPath(new URL('go/', import.meta.url));

/** Path of the executable. `version` is a release such as v1.36.3; of one with other rules, only configs are asked. */
export function buildKubelet(version: string): string {
  const names = version === kubernetesVersions.rules ? readdirSync(sources).sort() : ['config.go', 'main.go'];
  const folder = cacheFolder('differential', `${version}-${hashOf(names)}`);
  const program = join(folder, 'kubelet');
  if (existsSync(program)) return program;
  writeGoModule(folder, { path: 'k8s.io/kubernetes', version });
  for (const name of names) copyFileSync(join(sources, name), join(folder, name));
  goBuild({ folder, package: '.', output: program });
  return program;
}

function hashOf(names: readonly string[]): string {
  const hash = createHash('sha256');
  for (const name of names) hash.update(`${name}\0`).update(readFileSync(join(sources, name)));
  return hash.digest('hex').slice(0, 12);
}
