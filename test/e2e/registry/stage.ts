/**
 * A folder with everything one kind of login needs: a registry that holds an image, its authority, and configs for
 * purser. The image is pushed by skopeo, while the registry still asks nobody for anything.
 */
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Image } from '../../fake/image.ts';
import { startRegistry } from '../../fake/registry.ts';
import { createAuthority } from '../../fake/tls.ts';
import { issuer } from '../../fake/tokens.ts';
import { type Auth, type DockerRegistry, startDockerRegistry } from './docker-registry.ts';
import { writeLayout } from './oci-layout.ts';

export const programs = { 'docker-registry': 'docker-registry', skopeo: 'skopeo', htpasswd: 'apache2-utils' };

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
    for (const end of endings.toReversed()) await end();
  };
  const file = (name: string, content: string): string => {
    writeFileSync(join(folder, name), content, { mode: 0o600 });
    return join(folder, name);
  };

  const htpasswd = (): Auth => {
    const line = execFileSync('htpasswd', ['-niB', user], { input: password, encoding: 'utf8' });
    return { htpasswd: { realm: 'e2e', path: file('htpasswd', line) } };
  };

  /** The realm is the fake's, whose tokens this registry checks by their signature. */
  const token = async (): Promise<Auth> => {
    const auth = { mode: 'bearer', users: { [user]: password }, service: 'e2e', signer: authority.issue() } as const;
    const fake = await startRegistry({ auth, tls });
    endings.push(() => fake.close());
    fake.add(repository, tag, image);
    const { realm, service } = { realm: `${fake.urls.token}/token`, service: auth.service };
    return { token: { realm, service, issuer, rootcertbundle: caFile } };
  };

  const authority = createAuthority();
  const tls = authority.issue();
  const caFile = file('ca.crt', authority.certificate);
  try {
    const open = await startDockerRegistry({ folder, tls, auth: {} });
    endings.push(() => open.stop());
    push(folder, open.host, image, tag);
    await open.stop();
    const registry = await startDockerRegistry({
      folder,
      tls,
      auth: login === 'htpasswd' ? htpasswd() : await token(),
    });
    endings.push(() => registry.stop());
    const config = (given: string): string => {
      const passwordFile = file('password', `${given}\n`);
      const entry = { matchImages: [registry.host], provider: 'static', username: user, passwordFile, caFile };
      return file(
        'config.json',
        JSON.stringify({ apiVersion: 'purser/v1', kind: 'PurserConfig', registries: [entry] }),
      );
    };
    return { registry, ca: authority.certificate, config, close };
  } catch (error) {
    await close();
    throw error;
  }
}

function push(folder: string, host: string, image: Image, tag: string): void {
  const layout = join(folder, 'layout');
  const trust = join(folder, 'trust');
  mkdirSync(trust);
  copyFileSync(join(folder, 'ca.crt'), join(trust, 'ca.crt'));
  writeLayout(layout, image, tag);
  const flags = ['--insecure-policy', 'copy', '-q', '--all', '--preserve-digests', '--dest-cert-dir', trust];
  execFileSync('skopeo', [...flags, `oci:${layout}:${tag}`, `docker://${host}/${repository}:${tag}`]);
}
