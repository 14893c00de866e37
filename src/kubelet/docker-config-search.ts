/**
 * Where a kubelet looks for the docker config of its node: pkg/credentialprovider/config.go (Kubernetes 1.36),
 * https://kubernetes.io/docs/concepts/containers/images/#config-json
 * The first file that can be read and decoded is the only one used, whatever is in it; no environment variable counts.
 * Left out: reading them, because whoever does so also decides whom to trust.
 */
import { posix } from 'node:path';
import type { DockerConfigForm } from './docker-config.ts';

/** What the search depends on; all absolute. */
export interface KubeletFolders {
  /** `--root-dir`. */
  readonly rootDir: string;
  readonly workingDir: string;
  /** `HOME`; where it is unset, its places are looked for below the working directory. */
  readonly home?: string;
}

export interface DockerConfigPlace {
  readonly path: string;
  readonly form: DockerConfigForm;
}

/** A kubelet knows the older form by its name, and so do we: whatever ends in `.dockercfg`. */
export function dockerConfigForm(path: string): DockerConfigForm {
  return path.endsWith('.dockercfg') ? '.dockercfg' : 'config.json';
}

/** Eight files, first to last: every config.json comes before every .dockercfg. */
export function dockerConfigPlaces({ rootDir, workingDir, home = workingDir }: KubeletFolders): DockerConfigPlace[] {
  const folders = [rootDir, workingDir];
  return [
    ...place('config.json', [...folders, posix.join(home, '.docker'), '/.docker']),
    ...place('.dockercfg', [...folders, home, '/']),
  ];
}

function place(form: DockerConfigForm, folders: readonly string[]): DockerConfigPlace[] {
  return folders.map((folder) => ({ path: posix.join(folder, form), form }));
}
