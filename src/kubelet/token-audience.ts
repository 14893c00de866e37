/**
 * Who may ask for a token with an audience. From 1.33 on an API server gives a kubelet only tokens for audiences that a
 * volume of the pod names, unless RBAC allows the node more; refused, the kubelet does not run the plugin.
 * https://kubernetes.io/docs/reference/access-authn-authz/admission-controllers/#noderestriction
 */

/** One rule of a ClusterRole, to be bound to the group system:nodes. The audience itself is the resource. */
export interface AudienceRule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
}

export function audienceRule(audience: string): AudienceRule {
  return { apiGroups: [''], resources: [audience], verbs: ['request-serviceaccounts-token-audience'] };
}

/**
 * What stands in the kubelet's log without the rule, as API servers up to 1.36 and from 1.37 on word it; the rest of that
 * line differs from version to version.
 */
export function audienceRefusals(audience: string): readonly [until136: string, from137: string] {
  const quoted = JSON.stringify(audience);
  return [
    `audience ${quoted} not found in pod spec volume`,
    `is not authorized to request tokens for audience ${quoted}`,
  ];
}

/** Names by which an API server knows itself: who holds a token for one of them can speak to it as the pod. */
export function isApiServerAudience(audience: string): boolean {
  return /^(?:https:\/\/)?kubernetes\.default(?:\.svc(?:\.[a-z0-9.-]+)?)?(?::[0-9]+)?\/?$|^api$/.test(audience);
}
