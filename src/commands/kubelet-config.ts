/** A kubelet's --image-credential-provider-config as it lies on this machine, for commands that look at it. */
import { type Dirent, readdirSync, statSync } from 'node:fs';
import { InputError, PurserError, quote } from '../errors.ts';
import { errnoOf, readAnyFile } from '../file.ts';
import { type ConfigFile, type ConfigLocation, selectConfigFiles } from '../kubelet/provider-config-files.ts';

/** The file, or the files that a kubelet would read in the directory. What cannot be read is part of the result. */
export function readConfigLocation(path: string): ConfigLocation {
  if (!isDirectory(path)) return { kind: 'file', file: readConfigFile(path) };
  const folder = path.replace(/\/+$/, '');
  // A link to a directory is no directory here: a kubelet reads it as a file, and fails.
  const names = entriesIn(path).flatMap((entry) => (entry.isDirectory() ? [] : [entry.name]));
  const read = selectConfigFiles(names);
  const ignored = names.filter((name) => !read.includes(name));
  return { kind: 'directory', path, files: read.map((name) => readConfigFile(`${folder}/${name}`)), ignored };
}

function isDirectory(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

function entriesIn(path: string): readonly Dirent[] {
  try {
    return readdirSync(path, { withFileTypes: true });
  } catch (error) {
    const facts = { doing: `reading the directory ${quote(path)}`, found: `the system refused it (${errnoOf(error)})` };
    throw new InputError('FILE_READ', { ...facts, todo: 'make it readable for the running user' });
  }
}

/** Such files hold kilobytes. */
const maxConfigBytes = 4 * 1024 * 1024;

function readConfigFile(path: string): ConfigFile {
  try {
    return { path, bytes: readAnyFile(path, maxConfigBytes) };
  } catch (error) {
    if (!(error instanceof PurserError) || error.code === 'FILE_TOO_LARGE') throw error;
    const { cause } = error.facts;
    return { path, bytes: cause === undefined ? 'EISDIR' : errnoOf(cause) };
  }
}

/** The value of --kubelet-version; throws InputError. */
export function readKubeletVersion(version: string | undefined): { readonly kubeletVersion?: string } {
  if (version === undefined) return {};
  if (/^v?1\.[0-9]+(?:\.[0-9]+.*)?$/.test(version)) return { kubeletVersion: version };
  throw new InputError('USAGE', {
    doing: `reading --kubelet-version ${quote(version)}`,
    found: 'it is no version of Kubernetes',
    todo: 'write it as 1.36',
  });
}
