/** Everything one credential, or none, needs to pull from one repository, put together: nothing in it is shared. */
import type { Clock } from '../clock.ts';
import type { AuthConfig } from '../credential.ts';
import type { HttpClient } from '../http.ts';
import { type BlobClient, createBlobClient } from './blob.ts';
import { createRegistryClient, type RegistryClient } from './client.ts';
import { createHandshake } from './handshake.ts';
import type { RealmOptions } from './realm.ts';
import { createRetryBudget } from './retry.ts';
import type { TokenHabit } from './token-request.ts';
import type { Trace } from './trace.ts';
import { createTransport } from './transport.ts';

export interface RegistrySession {
  readonly manifests: RegistryClient;
  readonly blobs: BlobClient;
  /** Whether the credential was ever shown to anybody. */
  readonly credentialSent: boolean;
}

export interface SessionOptions {
  readonly http: HttpClient;
  readonly clock: Clock;
  readonly trace: Trace;
  /** From 0 to 1, for the length of waits. */
  readonly random?: () => number;
  /** `host[:port]` as in the image's name. */
  readonly host: string;
  readonly repository: string;
  readonly plainHTTP: boolean;
  readonly credential?: AuthConfig;
  /** Credentials that were shown to the same registry before: it may give them back too. */
  readonly shownBefore?: readonly AuthConfig[];
  readonly habit: TokenHabit;
  readonly realms: RealmOptions;
}

export function createSession(options: SessionOptions): RegistrySession {
  const { http, clock, trace, random, host, repository, plainHTTP, credential, habit, realms } = options;
  const { shownBefore = [] } = options;
  const owner = credential === undefined ? {} : { credential };
  const origin = `${plainHTTP ? 'http' : 'https'}://${apiHost(host)}`;
  const transport = createTransport({ http, trace, plainHTTP, shownBefore, ...owner });
  const handshake = createHandshake({ transport, clock, trace, origin, repository, habit, realms, ...owner });
  const budget = createRetryBudget({ clock, trace, ...(random !== undefined && { random }) });
  return {
    manifests: createRegistryClient({ handshake, budget, clock, trace }),
    blobs: createBlobClient({ handshake, budget, clock, trace }),
    get credentialSent() {
      return transport.credentialSent;
    },
  };
}

/** The one name that is not where its images are. */
function apiHost(host: string): string {
  return host === 'docker.io' ? 'registry-1.docker.io' : host;
}
