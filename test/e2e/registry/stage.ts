/**
 * Everything one kind of login needs, in one folder: Debian's registry with an image in it, its authority, and configs for
 * purser. The image is pushed by skopeo, while the registry still asks nobody for anything.
 */
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Image } from '../../fake/image.ts';
import { startRegistry } from '../../fake/registry.ts';
import { type Authority, createAuthority } from '../../fake/tls.ts';
import { issuer } from '../../fake/tokens.ts';
import { type Auth, type DockerRegistry, startDockerRegistry } from './docker-registry.ts';
import { writeLayout } from './oci-layout.ts';

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

export async function openStage(login: 'htpasswd' | 'token', image: Image, tag: string): Promise<Stage> {
  const folder = mkdtempSync(join(tmpdir(), 'purser-e2e-'));
  const endings: (() => Promise<void> | void)[] = [() => rmSync(folder, { recursive: true, force: true })];
  const close = async (): Promise<void> => {
    for (const end of endings.splice(0).reverse()) await end();
  };
  try {
    const authority = createAuthority();
    const caFile = writeFile(folder, 'ca.crt', authority.certificate);
    const tls = authority.issue();
    const start = async (auth: Auth): Promise<DockerRegistry> => {
      const registry = await startDockerRegistry({ folder, tls, auth });
      endings.push(() => registry.stop());
      return registry;
    };
    const open = await start({});
    push(folder, open.host, image, tag);
    await open.stop();
    const { auth, stop } = login === 'htpasswd' ? htpasswdLogin(folder) : await tokenLogin(folder, authority);
    endings.push(stop);
    const registry = await start(auth);
    const config = (given: string): string => {
      const passwordFile = writeFile(folder, 'password', `${given}\n`);
      const entry = { matchImages: [registry.host], provider: 'static', username: user, passwordFile, caFile };
      const document = { apiVersion: 'purser/v1', kind: 'PurserConfig', registries: [entry] };
      return writeFile(folder, 'config.json', JSON.stringify(document));
    };
    return { registry, ca: authority.certificate, config, close };
  } catch (error) {
    await close();
    throw error;
  }
}

function writeFile(folder: string, name: string, content: string): string {
  writeFileSync(join(folder, name), content, { mode: 0o600 });
  return join(folder, name);
}

function push(folder: string, host: string, image: Image, tag: string): void {
  const layout = join(folder, 'layout');
  writeLayout(layout, image, tag);
  // A folder of its own, because skopeo takes every certificate and key that it finds.
  const trust = join(folder, 'trust');
  mkdirSync(trust);
  copyFileSync(join(folder, 'ca.crt'), join(trust, 'ca.crt'));
  const flags = ['--insecure-policy', 'copy', '-q', '--all', '--preserve-digests', '--dest-cert-dir', trust];
  execFileSync('skopeo', [...flags, `oci:${layout}:${tag}`, `docker://${host}/${repository}:${tag}`]);
}

interface Login {
  readonly auth: Auth;
  readonly stop: () => Promise<void>;
}

function htpasswdLogin(folder: string): Login {
  const line = execFileSync('htpasswd', ['-niB', user], { input: password, encoding: 'utf8' });
  const auth = { htpasswd: { realm: 'e2e', path: writeFile(folder, 'htpasswd', line) } };
  return { auth, stop: async () => undefined };
}

/** The realm is that of a fake registry, and the real one checks its tokens by their signature. */
async function tokenLogin(folder: string, authority: Authority): Promise<Login> {
  const service = 'e2e';
  const users = { [user]: password };
  const signer = authority.issue();
  const fake = await startRegistry({ auth: { mode: 'bearer', users, service, signer }, tls: authority.issue() });
  const realm = `${fake.urls.token}/token`;
  const auth = { token: { realm, service, issuer, rootcertbundle: join(folder, 'ca.crt') } };
  return { auth, stop: () => fake.close() };
}
