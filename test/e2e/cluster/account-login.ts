/** The way in to docker-registry for service accounts: a token service that takes their tokens as passwords. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ask, basic } from '../../fake/ask.ts';
import { createIndex } from '../../fake/image.ts';
import { startRegistry } from '../../fake/registry.ts';
import type { Authority } from '../../fake/tls.ts';
import { issuer } from '../../fake/tokens.ts';
import type { Login } from '../registry/login.ts';
import type { TokenVerifier } from './token-verifier.ts';

export interface AccountLogin extends Login {
  /** Asks for a token as a container runtime would; who that was is in `attempts`. */
  try(name: string, password: string): Promise<void>;
  /** Names of those who were let in or not, in order; who is nobody is undefined. */
  readonly attempts: readonly (string | undefined)[];
  /** From now on only these may pull the repository. */
  restrict(repository: string, readers: readonly string[]): void;
}

export interface AccountLoginOptions {
  /** Takes its files. */
  readonly folder: string;
  readonly authority: Authority;
  readonly verify: TokenVerifier;
  /** One who has a password. */
  readonly user: string;
  readonly password: string;
}

export async function accountLogin(options: AccountLoginOptions): Promise<AccountLogin> {
  const { folder, authority, verify, user, password } = options;
  const attempts: (string | undefined)[] = [];
  const users = (name: string, given: string): string | undefined => {
    const known = name === user && given === password ? user : verify(given);
    attempts.push(known);
    return known;
  };
  const service = 'e2e';
  const auth = { mode: 'bearer', users, service, signer: authority.issue(), anonymousTokens: false } as const;
  const fake = await startRegistry({ auth, tls: authority.issue() });
  const rootcertbundle = join(folder, 'accounts-ca.crt');
  writeFileSync(rootcertbundle, authority.certificate, { mode: 0o600 });
  const realm = `${fake.urls.token}/token`;
  return {
    auth: { token: { realm, service, issuer, rootcertbundle } },
    attempts,
    async try(name, given) {
      await ask(`${realm}?service=${service}`, { headers: basic(name, given), ca: authority.certificate });
    },
    // Who may read is asked of the token service, what is read of the registry behind: any image will do here.
    restrict: (repository, readers) => fake.add(repository, undefined, createIndex(), { readers }),
    stop: () => fake.close(),
  };
}
