/**
 * A go.mod from which programs and packages of somebody else's module can be built, without a clone of its repository.
 * Kubernetes keeps k8s.io/api and its kin in its own tree (staging) and requires them as v0.0.0; outside it they are
 * published as v0.MINOR.PATCH, and only the main module's replacements count.
 * https://go.dev/ref/mod#go-mod-file-replace
 */
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface GoModule {
  /** As in `require`. */
  readonly path: string;
  /** With the `v`. */
  readonly version: string;
}

/** Writes go.mod and go.sum into the folder, which is made; downloads the module when it is not there yet. */
export function writeGoModule(folder: string, module: GoModule): void {
  const { GoMod: goMod, Dir: source } = download(module);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'go.mod'), goModFor(module, readFileSync(goMod, 'utf8')));
  // Its authors' own sums of what it needs; go adds those of the published staging modules.
  copyFileSync(join(source, 'go.sum'), join(folder, 'go.sum'));
}

function download({ path, version }: GoModule): { readonly GoMod: string; readonly Dir: string } {
  const args = ['mod', 'download', '-json', `${path}@${version}`];
  return JSON.parse(execFileSync('go', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] }));
}

/** `own` is the module's go.mod. */
function goModFor({ path, version }: GoModule, own: string): string {
  const lines = own.split('\n');
  const kept = lines.filter((line) => /^(?:go|godebug) /.test(line));
  const published = `v0.${version.split('.').slice(1).join('.')}`;
  const staged = lines.flatMap((line) => {
    const [, name] = /^\s*(?:replace )?(\S+) => \.\/staging\//.exec(line) ?? [];
    return name === undefined ? [] : [`replace ${name} => ${name} ${published}`];
  });
  return [`module purser.test/e2e`, ...kept, `require ${path} ${version}`, ...staged, ''].join('\n');
}
