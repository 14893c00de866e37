/**
 * Programs of others that the end-to-end tests need. `npm run e2e` installs them as root on Debian and its kin; elsewhere
 * the tests that need them are skipped with the reason, but not in CI: a machine that always skips proves nothing.
 */
import { execFileSync, type StdioOptions } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Name of a program to the Debian package that brings it. */
export type Programs = Readonly<Record<string, string>>;

/** Whether to skip, and why; for the options of node:test. */
export function needPrograms(programs: Programs): string | false {
  const names = missingPrograms(programs);
  if (names.length === 0) return false;
  const reason = `${names.join(', ')} missing; on Debian: apt-get install ${Object.values(programs).join(' ')}`;
  if (process.env['CI'] === 'true') throw new Error(reason);
  return reason;
}

/** Does nothing when all are there, and where it cannot; then `needPrograms` tells. */
export function installPrograms(programs: Programs): void {
  const packages = new Set(missing(programs).map(([, debian]) => debian));
  if (packages.size > 0 && process.getuid?.() === 0 && isThere('apt-get')) install([...packages]);
}

export function missingPrograms(programs: Programs): readonly string[] {
  return missing(programs).map(([name]) => name);
}

function missing(programs: Programs): [name: string, debian: string][] {
  return Object.entries(programs).filter(([name]) => !isThere(name));
}

function isThere(name: string): boolean {
  return (process.env['PATH'] ?? '').split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, name), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

function install(packages: readonly string[]): void {
  console.log(`installing ${packages.join(', ')}`);
  const stdio: StdioOptions = ['ignore', 'ignore', 'inherit'];
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  execFileSync('apt-get', ['update', '-q'], { stdio, env });
  execFileSync('apt-get', ['install', '-q', '-y', '--no-install-recommends', ...packages], { stdio, env });
}
