/** What providers hand out and what the wire carries. */

/** User name and password as a kubelet passes them on; both may be empty. */
export interface AuthConfig {
  readonly username: string;
  readonly password: string;
}

/** An AuthConfig with where and how long it is good. */
export interface Credential extends AuthConfig {
  /**
   * The images for which the provider would choose exactly this credential: a host (`host[:port]`), or a host and
   * a path for that repository and all below it.
   */
  readonly scope: string;
  /**
   * Milliseconds since the epoch; `never` for a password that somebody changes by hand; absent when the issuer did
   * not say.
   */
  readonly expiresAt?: number | 'never';
}
