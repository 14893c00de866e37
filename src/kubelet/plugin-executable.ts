/**
 * The last thing that a kubelet checks before it starts: each provider's executable in the folder behind
 * --image-credential-provider-bin-dir (pkg/credentialprovider/plugin/plugin.go). Looking is the caller's.
 */
import type { Problem } from '../finding.ts';
import type { ProviderEntry } from './provider-entry.ts';

/** What is found under a name, after all links: something that the running user can start, or why not. */
export type FoundExecutable = 'executable' | 'directory' | 'not-executable' | 'missing';

/** What a kubelet prints; undefined if it goes on. Its text for a missing file leaves the name out, by mistake. */
export function executableError(path: string, found: FoundExecutable): string | undefined {
  if (found === 'executable') return undefined;
  if (found === 'missing') return 'plugin binary executable  did not exist';
  const reason = found === 'directory' ? 'is a directory' : 'permission denied';
  return `error inspecting binary executable : exec: "${path}": ${reason}`;
}

/** The same with its place and a cure. */
export function executableProblem({ name, path }: ProviderEntry, file: string, found: FoundExecutable): Problem {
  const place = { path: `${path}.name`, offset: name.offset };
  if (name.value === '')
    return { ...place, message: 'without a name no executable is found', todo: 'name the executable' };
  if (found === 'missing') return { ...place, message: `there is no ${file}`, todo: 'install it, or correct the name' };
  if (found === 'directory') return { ...place, message: `${file} is a directory`, todo: 'name an executable file' };
  return { ...place, message: `${file} is not executable`, todo: 'chmod +x it' };
}

/** What a kubelet prints if the folder itself is not there, before it reads any config. */
export function folderError(binDir: string): string {
  return `plugin binary directory ${binDir} did not exist`;
}
