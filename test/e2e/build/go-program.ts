/**
 * Go programs as the tests need them: static, so that an image needs nothing else, and built without optimising, which
 * halves the time of a build whose result runs for a minute. The same flags for all, so that they share Go's build cache.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { cacheFolder } from './cache.ts';
import { type GoModule, writeGoModule } from './go-module.ts';

export interface GoProgram {
  readonly module: GoModule;
  /** Import path of its main package. */
  readonly package: string;
  /** Default: the end of that path. */
  readonly name?: string;
  /** Variables that the linker sets, such as the version that a kubelet reports. */
  readonly set?: Readonly<Record<string, string>>;
}

/** Path of the executable in the cache; built when it is not there. */
export function buildGoProgram(program: GoProgram): string {
  const { module, set = {}, name = basename(program.package) } = program;
  const output = cacheFolder(module.version, name);
  if (existsSync(output)) return output;
  console.log(`building ${name} ${module.version}; this takes minutes once, and is kept as ${output}`);
  const folder = cacheFolder('modules', `${module.path.replaceAll('/', '-')}-${module.version}`);
  writeGoModule(folder, module);
  goBuild({ folder, package: program.package, output, set });
  return output;
}

export interface GoBuild {
  /** With a go.mod. */
  readonly folder: string;
  /** Import path, or a path below the folder that starts with a dot. */
  readonly package: string;
  /** Path of the executable, which is there whole or not at all. */
  readonly output: string;
  readonly set?: Readonly<Record<string, string>>;
}

export function goBuild({ folder, package: main, output, set = {} }: GoBuild): void {
  const variables = Object.entries(set).map(([name, value]) => `-X ${name}=${value}`);
  const flags = ['-trimpath', '-tags', 'selinux,notest', '-gcflags', 'all=-N -l'];
  const unfinished = `${output}.${process.pid}`;
  mkdirSync(dirname(output), { recursive: true });
  execFileSync('go', ['build', ...flags, '-ldflags', ['-s', '-w', ...variables].join(' '), '-o', unfinished, main], {
    cwd: folder,
    env: { ...process.env, CGO_ENABLED: '0', GOFLAGS: '-mod=mod' },
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  renameSync(unfinished, output);
}
