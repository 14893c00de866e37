/**
 * Every failure this program can name: one base class, four kinds, one place that turns them into the line
 * an operator reads (docs/errors.md). A kubelet shows that line only when we fail and puts its own
 * context in front, so the line must stand alone, must be one line, and must not carry a secret.
 * Messages of foreign errors are never shown: parsers and HTTP stacks quote their input.
 */

/** Exit codes; the kubelet only asks whether it is zero, people and installers read the rest. */
export const exitCode = {
  ok: 0,
  internal: 1,
  config: 2,
  request: 3,
  policy: 4,
  refused: 5,
  temporary: 6,
  deadline: 7,
  output: 8,
  content: 9,
  notFound: 10,
} as const;

export type ExitCode = (typeof exitCode)[keyof typeof exitCode];

/** Stable names for what went wrong, and the exit code each ends with. */
export const exitCodes = {
  INTERNAL: exitCode.internal,
  USAGE: exitCode.config,
  CONFIG_MISSING: exitCode.config,
  CONFIG_READ: exitCode.config,
  CONFIG_SYNTAX: exitCode.config,
  CONFIG_INVALID: exitCode.config,
  CONFIG_MATCH_IMAGE: exitCode.config,
  FILE_MISSING: exitCode.config,
  FILE_READ: exitCode.config,
  FILE_TRUST: exitCode.config,
  FILE_EMPTY: exitCode.config,
  FILE_TOO_LARGE: exitCode.config,
  FILE_ENCODING: exitCode.config,
  FILE_CONTENT: exitCode.config,
  CA_FILE: exitCode.config,
  REQ_EMPTY: exitCode.request,
  REQ_READ: exitCode.request,
  REQ_TOO_LARGE: exitCode.request,
  REQ_ENCODING: exitCode.request,
  REQ_SYNTAX: exitCode.request,
  REQ_INVALID: exitCode.request,
  REQ_VERSION: exitCode.request,
  REQ_IMAGE: exitCode.request,
  REQ_TIMEOUT: exitCode.deadline,
  POLICY: exitCode.policy,
  TOKEN_MISSING: exitCode.policy,
  TOKEN_INVALID: exitCode.policy,
  TOKEN_AUDIENCE: exitCode.policy,
  TOKEN_ISSUER: exitCode.policy,
  TOKEN_EXPIRED: exitCode.policy,
  TOKEN_EARLY: exitCode.policy,
  DEADLINE: exitCode.deadline,
  OUTPUT: exitCode.output,
  UPSTREAM_FORMAT: exitCode.temporary,
  NET_CONNECT: exitCode.temporary,
  NET_DNS: exitCode.temporary,
  NET_TLS: exitCode.temporary,
  NET_TIMEOUT: exitCode.temporary,
  NET_BROKEN: exitCode.temporary,
  REGISTRY_DENIED: exitCode.refused,
  REGISTRY_EXPIRED: exitCode.refused,
  REGISTRY_NOT_FOUND: exitCode.notFound,
  REGISTRY_LIMITED: exitCode.temporary,
  REGISTRY_UNAVAILABLE: exitCode.temporary,
  REGISTRY_PROTOCOL: exitCode.temporary,
  VERIFY_DIGEST: exitCode.content,
  VERIFY_SIZE: exitCode.content,
  VERIFY_MANIFEST: exitCode.content,
  VERIFY_PLATFORM: exitCode.content,
} as const satisfies Record<string, ExitCode>;

export type ErrorCode = keyof typeof exitCodes;

/** The parts of a sentence: doing what, on what, what came back, what to do. None may hold a secret. */
export interface ErrorFacts {
  readonly doing: string;
  readonly found: string;
  readonly todo: string;
  readonly cause?: unknown;
  /** The HTTP request that decided, where one did. */
  readonly request?: RequestFacts;
}

/** A request as it may be printed: the URL is masked. No status: no answer came. */
export interface RequestFacts {
  readonly method: string;
  readonly url: string;
  readonly status?: number;
}

/** Base of all errors that this program raises on purpose. Shape: a stable code and three facts. */
export class PurserError extends Error {
  override readonly name: string = 'PurserError';
  readonly code: ErrorCode;
  readonly facts: ErrorFacts;

  constructor(code: ErrorCode, facts: ErrorFacts) {
    super(`${facts.doing}: ${facts.found}; ${facts.todo}`, { cause: facts.cause });
    this.code = code;
    this.facts = facts;
  }

  get exitCode(): ExitCode {
    return exitCodes[this.code];
  }
}

/** The request, a file or an argument is not as it must be; whoever wrote it can mend it. */
export class InputError extends PurserError {
  override readonly name = 'InputError';
}

/** A provider could not get a credential. */
export class ProviderError extends PurserError {
  override readonly name = 'ProviderError';
  readonly provider: string;

  constructor(code: ErrorCode, provider: string, facts: ErrorFacts) {
    super(code, facts);
    this.provider = provider;
  }
}

/** A registry or its token service answered something other than what was asked for. */
export class RegistryError extends PurserError {
  override readonly name = 'RegistryError';
  /** Milliseconds for which the registry asks to be left alone. */
  readonly retryAfter: number | undefined;

  constructor(code: ErrorCode, facts: ErrorFacts, retryAfter?: number) {
    super(code, facts);
    this.retryAfter = retryAfter;
  }
}

/** Bytes are not the ones that were asked for. */
export class IntegrityError extends PurserError {
  override readonly name = 'IntegrityError';
}

/** Longest line that ends up in a kubelet log; the kubelet itself sets no bound. */
const maxLineBytes = 4096;

/** Any thrown value as one printable line without a line break at its end, at most 4 KiB of UTF-8. */
export function describe(error: unknown): string {
  if (error instanceof PurserError) return printable(`purser: ${error.code}: ${error.message}`);
  // A foreign error may quote secrets in its message, stack or properties: name nothing of it.
  return 'purser: INTERNAL: running: an unexpected error; this is a bug in purser, please report it with the image name';
}

export function exitCodeOf(error: unknown): ExitCode {
  return error instanceof PurserError ? error.exitCode : exitCode.internal;
}

/** Escapes everything that could break a line or a terminal, then cuts at `max` bytes. */
export function printable(text: string, max: number = maxLineBytes): string {
  // C0, DEL, C1, line and paragraph separators, bidirectional and other format characters, lone surrogates.
  const safe = text.replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, (character) => {
    return `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`;
  });
  if (Buffer.byteLength(safe) <= max) return safe;
  const mark = '…';
  const cut = Buffer.from(safe).subarray(0, max - Buffer.byteLength(mark));
  return `${cut.toString('utf8').replace(/\uFFFD+$/, '')}${mark}`;
}

/** Text in double quotes, masked, escaped and shortened: how names given by others appear in a sentence. */
export function quote(text: string, max = 200): string {
  return `"${printable(hidePassword(text), max).replaceAll('"', '\\"')}"`;
}

/**
 * Names of images and registries may come with `user:password@` before the host, which is no part of them. A digest
 * after an `@` is.
 */
export function hidePassword(name: string): string {
  return name.replace(/^([a-z][a-z0-9+.-]*:\/\/)?[^/@:]*:.*@(?!sha[0-9]+:)/is, '$1xxxxx@');
}
