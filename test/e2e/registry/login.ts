/** The ways to log in to docker-registry: a file of passwords, or tokens of a service beside it. */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startRegistry } from '../../fake/registry.ts';
import type { Authority } from '../../fake/tls.ts';
import { issuer } from '../../fake/tokens.ts';
import type { Auth } from './docker-registry.ts';

export interface Login {
  readonly auth: Auth;
  readonly stop: () => Promise<void>;
}

export interface LoginParts {
  /** Takes its files. */
  readonly folder: string;
  readonly user: string;
  readonly password: string;
}

export function htpasswdLogin({ folder, user, password }: LoginParts): Login {
  const line = execFileSync('htpasswd', ['-niB', user], { input: password, encoding: 'utf8' });
  const path = join(folder, 'htpasswd');
  writeFileSync(path, line, { mode: 0o600 });
  return { auth: { htpasswd: { realm: 'e2e', path } }, stop: async () => undefined };
}

/** The realm is that of a fake registry, and the real one checks its tokens by their signature. */
export async function tokenLogin(parts: LoginParts & { readonly authority: Authority }): Promise<Login> {
  const { folder, user, password, authority } = parts;
  const service = 'e2e';
  const signer = authority.issue();
  const tls = authority.issue();
  const fake = await startRegistry({ auth: { mode: 'bearer', users: { [user]: password }, service, signer }, tls });
  const rootcertbundle = join(folder, 'token-ca.crt');
  writeFileSync(rootcertbundle, authority.certificate, { mode: 0o600 });
  const auth = { token: { realm: `${fake.urls.token}/token`, service, issuer, rootcertbundle } };
  return { auth, stop: () => fake.close() };
}
