/**
 * The contract every provider keeps (docs/writing-a-provider.md). A definition is cheap: the table of all of them
 * is loaded for every answer. The provider itself is loaded when an image needs it, an SDK only inside it.
 */
import type { ZodType, z } from 'zod';
import type { Clock, Deadline } from './clock.ts';
import type { Credential } from './credential.ts';
import type { JsonObject } from './json.ts';
import type { CredentialProviderRequest } from './kubelet/api.ts';
import type { ProviderFetch } from './provider-fetch.ts';

/** What zod offers, handed to a definition when its schema is needed: the module is not loaded before. */
export type Zod = typeof z;

/**
 * One line of the provider table. `Options` is what `decode` makes of an entry's own members; whoever holds a
 * definition as `ProviderDefinition` passes it only options that its own `decode` made.
 */
export interface ProviderDefinition<Options = unknown> {
  readonly name: string;
  /** Strict and silent: `undefined` refuses, and the schema then says why. Both accept the same. */
  decode(members: JsonObject): Options | undefined;
  /** The entry's own members as a schema, for messages and for editors. */
  fields(zod: Zod): Readonly<Record<string, ZodType>>;
  /** What holds between members; `decode` refuses what this objects to. */
  rules?(members: JsonObject): readonly RuleProblem[];
  /** Whether a host is served without an entry for it. ASCII, anchored, label by label. */
  recognises(host: string): boolean;
  /** Whether these options hold a secret themselves, so that the config must be private. */
  holdsSecret?(options: Options): boolean;
  /** What these options ask of the kubelet's own config: for lint and explain, which see both. */
  kubeletToken?(options: Options): KubeletToken;
  load(): Promise<Provider<Options>>;
}

/** What `tokenAttributes` must say, because without a pod's token for this audience there is no credential. */
export interface KubeletToken {
  readonly audience: string;
  /** Where only one works: a kubelet refuses its own token as a password unless it is `Token`. */
  readonly cacheType?: 'Token';
}

/** Why members that are right by themselves do not go together; `member` is where to look. */
export interface RuleProblem {
  readonly member?: string;
  readonly message: string;
}

export interface Provider<Options = unknown> {
  /** Pure and offline. `undefined`: not mine. */
  plan(request: PlanRequest, options: Options): Plan | undefined;
  /**
   * Asked and found nothing: an empty list. Anything else that goes wrong throws a PurserError. The request is the one of
   * the plan: the pod's token is in it and, being a secret, nowhere else.
   */
  getCredentials(
    plan: Plan,
    options: Options,
    context: ProviderContext,
    request: PlanRequest,
  ): Promise<readonly Credential[]>;
}

/** The request as providers see it: the image is normalised, without tag and digest. */
export interface PlanRequest {
  readonly image: string;
  readonly host: string;
  /** Path of the repository, without a leading slash. */
  readonly repository: string;
  readonly serviceAccountToken?: CredentialProviderRequest['serviceAccountToken'];
  readonly serviceAccountAnnotations?: CredentialProviderRequest['serviceAccountAnnotations'];
}

/** What would be done, in words and keys that carry no secret: for explain, for error lines, for caches. */
export interface Plan {
  readonly host: string;
  readonly repository: string;
  /** Who asks: `node`, a user name, a service account, a role. */
  readonly identity: string;
  /** Where the credential comes from: a file, an API. */
  readonly endpoint: string;
  /** Host, or host and path, that the answer is for. */
  readonly scope: string;
  /** Two plans with equal values here get equal credentials. */
  readonly cacheIdentity: string;
}

/**
 * What is expected of a file. `secret`: only its owner can read it (unless the entry says allowReadable); one final line
 * end is no part of it, and an empty one is refused. `public`: the same, but anybody may read it. `document`: only its
 * owner can read it; its text comes as it stands.
 */
export type FileKind = 'secret' | 'public' | 'document';

/** The six things a provider may use. Before a seventh, ask which provider can do without it. */
export interface ProviderContext {
  readonly clock: Clock;
  readonly deadline: Deadline;
  readonly fetch: ProviderFetch;
  /**
   * Reads a file that an entry names, after the checks of src/file.ts; throws InputError. FILE_MISSING and FILE_READ say
   * that the file is not there or that the system does not give it; any other code, that it must not be used.
   */
  readFile(path: string, kind: FileKind): Promise<string>;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** One fact for the optional log; never a secret. */
  log(fact: string): void;
}
