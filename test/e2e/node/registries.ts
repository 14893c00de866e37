/**
 * The registries of a node: one storage with three doors. Everybody may enter by the first, a password opens the second,
 * a token of a service beside it the third. Images are pushed through the first.
 */
import { mkdirSync } from 'node:fs';
import type { Image } from '../../fake/image.ts';
import type { Authority } from '../../fake/tls.ts';
import { type DockerRegistry, startDockerRegistry } from '../registry/docker-registry.ts';
import { htpasswdLogin, type LoginParts, tokenLogin } from '../registry/login.ts';
import { push } from '../registry/push.ts';

export interface Registries {
  readonly open: DockerRegistry;
  readonly password: DockerRegistry;
  readonly token: DockerRegistry;
  /** `name` is a repository and a tag. */
  push(image: Image, name: string): void;
  stop(): Promise<void>;
}

export type RegistriesOptions = LoginParts & { readonly authority: Authority };

export async function startRegistries(options: RegistriesOptions): Promise<Registries> {
  const { folder, authority } = options;
  mkdirSync(folder, { recursive: true });
  const tokens = await tokenLogin(options);
  const tls = authority.issue();
  const [open, password, token] = await Promise.all([
    startDockerRegistry({ folder, name: 'open', tls, auth: {} }),
    startDockerRegistry({ folder, name: 'password', tls, auth: htpasswdLogin(options).auth }),
    startDockerRegistry({ folder, name: 'token', tls, auth: tokens.auth }),
  ]);
  return {
    open,
    password,
    token,
    push: (image, name) => push(image, { name: `${open.host}/${name}`, ca: authority.certificate }),
    async stop() {
      await Promise.all([open.stop(), password.stop(), token.stop(), tokens.stop()]);
    },
  };
}
