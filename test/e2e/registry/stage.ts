/**
 * Everything one kind of login needs, in one folder: Debian's registry with an image in it, its authority, and configs for
 * purser. The image is pushed by skopeo, while the registry still asks nobody for anything.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Image } from '../../fake/image.ts';
import { openScene } from '../scene.ts';
import { type Auth, type DockerRegistry, startDockerRegistry } from './docker-registry.ts';
import { htpasswdLogin, tokenLogin } from './login.ts';
import { push } from './push.ts';

export const programs = {
  'docker-registry': 'docker-registry',
  htpasswd: 'apache2-utils',
  setpriv: 'util-linux',
  skopeo: 'skopeo',
};

export const user = 'robot';
export const password = 'correct-horse-battery';
export const repository = 'team/app';

export interface Stage {
  readonly registry: DockerRegistry;
  /** PEM of the authority that its certificate comes from. */
  readonly ca: string;
  /** Path of a PurserConfig with this password. */
  config(password: string): string;
  /** Ends everything and removes the folder. */
  close(): Promise<void>;
}

export function openStage(login: 'htpasswd' | 'token', image: Image, tag: string): Promise<Stage> {
  return openScene('registry', async ({ folder, authority, caFile, atEnd, close }) => {
    const tls = authority.issue();
    const start = async (auth: Auth): Promise<DockerRegistry> => {
      const name = Object.keys(auth)[0] ?? 'open';
      const registry = await startDockerRegistry({ folder, name, tls, auth });
      atEnd(() => registry.stop());
      return registry;
    };
    const open = await start({});
    push(image, { name: `${open.host}/${repository}:${tag}`, ca: authority.certificate });
    await open.stop();
    const parts = { folder, user, password, authority };
    const { auth, stop } = login === 'htpasswd' ? htpasswdLogin(parts) : await tokenLogin(parts);
    atEnd(stop);
    const registry = await start(auth);
    const config = (given: string): string => {
      const passwordFile = writeFile(folder, 'password', `${given}\n`);
      const entry = { matchImages: [registry.host], provider: 'static', username: user, passwordFile, caFile };
      const document = { apiVersion: 'purser/v1', kind: 'PurserConfig', registries: [entry] };
      return writeFile(folder, 'config.json', JSON.stringify(document));
    };
    return { registry, ca: authority.certificate, config, close };
  });
}

function writeFile(folder: string, name: string, content: string): string {
  writeFileSync(join(folder, name), content, { mode: 0o600 });
  return join(folder, name);
}
