/** What providers hand out and what the wire carries. */

/** User name and password as a kubelet passes them on; both may be empty. */
export interface AuthConfig {
  readonly username: string;
  readonly password: string;
}

/** An AuthConfig with where and how long it is good. */
export interface Credential extends AuthConfig {
  /**
   * A host (`host[:port]`), or a host and a path: what the credential is good for. The host alone promises that every
   * image there would get exactly this answer, so that a kubelet may keep it for all of them; anything narrower promises
   * nothing about other images.
   */
  readonly scope: string;
  /**
   * Milliseconds since the epoch; `never` for a password that somebody changes by hand; absent when the issuer did
   * not say.
   */
  readonly expiresAt?: number | 'never';
}
