/** A kubelet's --image-credential-provider-config as it lies on this machine, for commands that look at it. */
import { readdirSync, statSync } from 'node:fs';
import { InputError, PurserError, quote } from '../errors.ts';
import { errnoOf, readAnyFile } from '../file.ts';
import { type ConfigFile, type ConfigLocation, selectConfigFiles } from '../kubelet/provider-config-files.ts';

/** The file, or the files that a kubelet would read in the directory. What cannot be read is part of the result. */
export function readConfigLocation(path: string): ConfigLocation {
  if (!isDirectory(path)) return { kind: 'file', file: readConfigFile(path) };
  const folder = path.replace(/\/+$/, '');
  const names = selectConfigFiles(namesIn(path).filter((name) => !isDirectory(`${folder}/${name}`)));
  return { kind: 'directory', path, files: names.map((name) => readConfigFile(`${folder}/${name}`)) };
}

function isDirectory(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

function namesIn(path: string): readonly string[] {
  try {
    return readdirSync(path);
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
