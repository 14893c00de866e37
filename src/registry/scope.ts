/**
 * Scopes of the token specification, `type:name:action,action`:
 * https://distribution.github.io/distribution/spec/auth/scope/. Names may hold a colon of their own, so the type ends at
 * the first colon and the actions begin after the last one. What is no such scope (`*`, `aws`) means something to the
 * registry that sent it, and passes through.
 */

/** The right to pull one repository. */
export function pullScope(repository: string): string {
  return `repository:${repository}:pull`;
}

/** One scope for each resource, with the actions of all that name it; sorted, so that equal sets are equal lists. */
export function mergeScopes(...lists: readonly (readonly string[])[]): string[] {
  const actions = new Map<string, Set<string>>();
  const others = new Set<string>();
  for (const scope of lists.flat()) {
    const first = scope.indexOf(':');
    const last = scope.lastIndexOf(':');
    if (first === last) {
      if (scope !== '') others.add(scope);
      continue;
    }
    const resource = scope.slice(0, last);
    const known = actions.get(resource) ?? new Set();
    for (const action of scope.slice(last + 1).split(',')) if (action !== '') known.add(action);
    actions.set(resource, known);
  }
  const merged = [...actions].flatMap(([resource, known]) => {
    if (known.size === 0) return [];
    // All actions make the single ones superfluous.
    return [`${resource}:${known.has('*') ? '*' : [...known].sort().join(',')}`];
  });
  return [...merged, ...others].sort();
}
