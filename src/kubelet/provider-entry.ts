/**
 * What a CredentialProviderConfig holds once it is decoded, each value with its place in the text. Members: https://kubernetes.io/docs/reference/config-api/kubelet-config.v1/#kubelet-config-k8s-io-v1-CredentialProvider
 */

/** A value and where it stands. */
export interface Placed<T> {
  readonly value: T;
  readonly offset: number;
}

/** Members that are absent or null are undefined; the kubelet takes both for the empty value. */
export interface ProviderEntry {
  readonly path: string;
  readonly offset: number;
  readonly name: Placed<string>;
  readonly matchImages: readonly Placed<string>[];
  /** Nanoseconds. */
  readonly defaultCacheDuration: Placed<bigint> | undefined;
  readonly apiVersion: Placed<string>;
  readonly args: readonly Placed<string>[];
  readonly env: readonly { readonly name: Placed<string>; readonly value: Placed<string> }[];
  readonly tokenAttributes: TokenAttributes | undefined;
}

export interface TokenAttributes {
  readonly offset: number;
  readonly serviceAccountTokenAudience: Placed<string>;
  readonly cacheType: Placed<string>;
  readonly requireServiceAccount: Placed<boolean> | undefined;
  readonly requiredServiceAccountAnnotationKeys: readonly Placed<string>[];
  readonly optionalServiceAccountAnnotationKeys: readonly Placed<string>[];
}

/** What differs from kubelet to kubelet. */
export interface ProviderConfigRules {
  readonly featureGate: boolean;
  /** 34 for Kubernetes 1.34. */
  readonly minor: number;
}
