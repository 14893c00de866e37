/**
 * `provider: docker-config`, as an entry writes it: the path of one file, or where the kubelet of this node would search
 * (docs/configuration.md). What is done with it is in provider.ts, which other answers do not load.
 */
import type { Json, JsonObject } from '../../src/json.ts';
import type { ProviderDefinition, RuleProblem, Zod } from '../../src/provider.ts';
import type { DockerConfigOptions } from './provider.ts';

export const dockerConfigDefinition: ProviderDefinition<DockerConfigOptions> = {
  name: 'docker-config',
  decode,
  fields,
  rules,
  recognises: () => false,
  load: async () => (await import('./provider.ts')).dockerConfigProvider,
};

/** Where a kubelet keeps its files unless told otherwise, and where systemd starts it. */
const defaults = { rootDir: '/var/lib/kubelet', workingDir: '/' };

function decode(members: JsonObject): DockerConfigOptions | undefined {
  const { path, rootDir, workingDir, home, ...others } = members;
  const folders = given({ rootDir, workingDir, home });
  if (Object.keys(others).length > 0 || (path === undefined) === (folders.length === 0)) return undefined;
  if (path !== undefined) return isAbsolute(path) ? { path } : undefined;
  if (!folders.every(([, folder]) => isAbsolute(folder))) return undefined;
  return { search: { ...defaults, ...Object.fromEntries(folders) } };
}

function given(members: Readonly<Record<string, Json | undefined>>): [name: string, value: Json][] {
  return Object.entries(members).filter((member): member is [string, Json] => member[1] !== undefined);
}

const absolute = /^\/[^\0]*$/;

function isAbsolute(path: Json): path is string {
  return typeof path === 'string' && absolute.test(path);
}

function fields(zod: Zod) {
  const path = zod.string().regex(absolute, 'not an absolute path; name it from / on');
  return {
    path: path.optional().describe('A config.json, or a .dockercfg if its name ends so; takes the place of a search'),
    rootDir: path.optional().describe(`The kubelet's --root-dir, searched first; ${defaults.rootDir} unless given`),
    workingDir: path.optional().describe(`The kubelet's working directory; ${defaults.workingDir} unless given`),
    home: path.optional().describe('HOME of the kubelet; leave it out where that is unset'),
  };
}

function rules({ path, rootDir, workingDir, home }: JsonObject): readonly RuleProblem[] {
  const [first] = given({ rootDir, workingDir, home });
  if (path === undefined && first === undefined) {
    return [{ message: 'no path; give path, or rootDir, workingDir or home to search as a kubelet does' }];
  }
  if (path === undefined || first === undefined) return [];
  return [{ member: 'path', message: `given beside ${first[0]}; keep path, or search as a kubelet does` }];
}
