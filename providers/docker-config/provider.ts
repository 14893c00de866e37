/**
 * The credentials of a docker config on the node, as a kubelet would use them: globs in hosts, plain prefixes of paths,
 * several matches in the keyring's order. Inside the file these rules hold, not those of matchImages.
 * https://kubernetes.io/docs/concepts/containers/images/#config-json
 * Leaves out what a kubelet leaves out: credential stores, credential helpers and identity tokens.
 */
import type { Credential } from '../../src/credential.ts';
import { ProviderError, PurserError, quote } from '../../src/errors.ts';
import {
  type DockerConfig,
  DockerConfigError,
  type DockerConfigForm,
  decodeDockerConfig,
  locateFault,
} from '../../src/kubelet/docker-config.ts';
import { dockerConfigForm, dockerConfigPlaces, type KubeletFolders } from '../../src/kubelet/docker-config-search.ts';
import { createKeyring } from '../../src/kubelet/keyring.ts';
import type { Plan, PlanRequest, Provider, ProviderContext } from '../../src/provider.ts';

/** All paths are absolute. */
export type DockerConfigOptions = { readonly path: string } | { readonly search: KubeletFolders };

export const dockerConfigProvider: Provider<DockerConfigOptions> = { plan, getCredentials };

function plan({ host, repository, image }: PlanRequest, options: DockerConfigOptions): Plan {
  return {
    host,
    repository,
    identity: 'node',
    endpoint: 'path' in options ? options.path : describeSearch(options.search),
    scope: image,
    cacheIdentity: JSON.stringify(['docker-config', options, image]),
  };
}

function describeSearch({ rootDir, workingDir, home }: KubeletFolders): string {
  const environment = home === undefined ? 'without HOME' : `with HOME ${home}`;
  return `the docker config of a kubelet in ${workingDir} with --root-dir ${rootDir}, ${environment}`;
}

async function getCredentials(
  { host, repository }: Plan,
  options: DockerConfigOptions,
  context: ProviderContext,
): Promise<readonly Credential[]> {
  const config = 'path' in options ? await readNamed(options.path, context) : await search(options.search, context);
  const keyring = createKeyring([config]);
  const image = `${host}/${repository}`;
  const scope = keyring.variesByPath(image) ? image : host;
  const matches = keyring.matches(image);
  if (matches.length === 0) context.log(`no key of a docker config covers ${image}`);
  return matches.map(({ authConfig: { username, password }, entry }) => {
    // `docker login` leaves such entries where it has a credential store. A kubelet tries them all the same.
    if (username === '' && password === '') context.log(`${entry} has neither user name nor password`);
    return { username, password, scope, expiresAt: 'never' };
  });
}

async function readNamed(path: string, context: ProviderContext): Promise<DockerConfig> {
  const decoded = decode(await context.readFile(path, 'document'), dockerConfigForm(path));
  if ('config' in decoded) return decoded.config;
  throw new ProviderError('FILE_CONTENT', 'docker-config', {
    doing: `reading ${quote(path)}`,
    found: decoded.fault,
    todo: 'correct it and check it with purser lint',
  });
}

/** The first file that can be read and decoded. One that others could have written is an error, wherever it is. */
async function search(folders: KubeletFolders, context: ProviderContext): Promise<DockerConfig> {
  for (const { path, form } of dockerConfigPlaces(folders)) {
    const text = await readIfThere(path, context);
    if (text === undefined) continue;
    const decoded = decode(text, form);
    context.log(`${path}: ${'config' in decoded ? 'used' : decoded.fault}`);
    if ('config' in decoded) return decoded.config;
  }
  return {};
}

async function readIfThere(path: string, context: ProviderContext): Promise<string | undefined> {
  try {
    return await context.readFile(path, 'document');
  } catch (error) {
    if (!(error instanceof PurserError) || !(error.code === 'FILE_MISSING' || error.code === 'FILE_READ')) throw error;
    if (error.code === 'FILE_READ') context.log(`${path}: ${error.facts.found}`);
    return undefined;
  }
}

/** A fault is told by line and column: the dotted path would name keys, and a key may hold `user:password@`. */
function decode(text: string, form: DockerConfigForm): { readonly config: DockerConfig } | { readonly fault: string } {
  try {
    return { config: decodeDockerConfig(text, form) };
  } catch (error) {
    if (!(error instanceof DockerConfigError)) throw error;
    const { line, column } = locateFault(text, error);
    return { fault: `at ${line}:${column}: ${error.message}` };
  }
}
