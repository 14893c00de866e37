/** Which of the documents that this program can lint a text is meant to be, even where it is broken. */

export const documentKinds = ['kubelet', 'purser', 'docker-config', 'dockercfg'] as const;

/**
 * `kubelet`: a CredentialProviderConfig; `purser`: a PurserConfig; `docker-config`: what docker keeps as config.json;
 * `dockercfg`: its older form.
 */
export type DocumentKind = (typeof documentKinds)[number];

/** `name` is the file's. `undefined`: it could be anything. */
export function detectKind(text: string, name: string): DocumentKind | undefined {
  const kind = memberText(text, 'kind');
  const apiVersion = memberText(text, 'apiVersion');
  if (kind === 'PurserConfig' || apiVersion?.startsWith('purser/')) return 'purser';
  if (kind === 'CredentialProviderConfig' || apiVersion?.startsWith('kubelet.config.k8s.io')) return 'kubelet';
  if (kind !== undefined || apiVersion !== undefined || !/^[\s\uFEFF]*\{/.test(text)) return undefined;
  if (name.endsWith('.dockercfg')) return 'dockercfg';
  if (name.endsWith('config.json') || /"(?:auths|credsStore|credHelpers)"\s*:/i.test(text)) return 'docker-config';
  return /"(?:auth|username|password)"\s*:/i.test(text) ? 'dockercfg' : undefined;
}

/** Of the first member with this name, at whatever depth: the document's own come first in all that people write. */
function memberText(text: string, name: string): string | undefined {
  return new RegExp(`(?:^|[\\s{,])(["']?)${name}\\1\\s*:\\s*["']?([A-Za-z0-9./_-]+)`).exec(text)?.[2];
}
