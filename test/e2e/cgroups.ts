/**
 * Control groups, the one thing of a container that no namespace takes along: they are folders of the machine, empty once
 * their processes are gone. All of ours are below one name, and each run removes those that the run before could not.
 */
import { readdirSync, rmdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** As a kubelet names it, below the root of each hierarchy. */
export const cgroupRoot = '/purser-e2e';

const mounted = '/sys/fs/cgroup';

/** Those with processes in them, of a run beside this one, stay. */
export function removeCgroups(): void {
  // Version 1 has a folder for each controller, version 2 has no such level.
  const hierarchies = [mounted, ...foldersIn(mounted).map((name) => join(mounted, name))];
  for (const hierarchy of hierarchies) removeTree(join(hierarchy, cgroupRoot));
}

function removeTree(folder: string): void {
  for (const name of foldersIn(folder)) removeTree(join(folder, name));
  try {
    rmdirSync(folder);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && ['ENOENT', 'EBUSY', 'ENOTEMPTY'].includes(String(error.code)))) {
      throw error;
    }
  }
}

function foldersIn(folder: string): readonly string[] {
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true) return [];
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name);
}
