/**
 * How containerd speaks to a registry that no hosts.toml names: core/remotes/docker/config/hosts.go and MatchLocalhost of
 * https://github.com/containerd/containerd (301026e). Left out: hosts.toml, and the CRI plugin's older mirror settings.
 */

/** The schemes that are tried, in order. Plain HTTP on loopback also has its TLS checks off. */
export function containerdSchemes(host: string): readonly ('https' | 'http')[] {
  const port = splitHost(host)?.port ?? '';
  if (!isContainerdLocalhost(host) || port === '' || port === '443') return ['https'];
  return port === '80' ? ['http'] : ['https', 'http'];
}

/** Whether containerd holds `host[:port]` for its own machine. */
export function isContainerdLocalhost(host: string): boolean {
  const name = splitHost(host)?.name;
  return name === 'localhost' || name === '[::1]' || /^127(?:\.[0-9]{1,3}){3}$/.test(name ?? '');
}

/** `undefined` for what is no host and port, such as a colon without a number behind it. */
function splitHost(host: string): { name: string; port: string } | undefined {
  if (host === '::1') return { name: '[::1]', port: '' };
  const [, name, port = ''] = /^(\[[^\]]*\]|[^:]+)(?::([0-9]+))?$/.exec(host) ?? [];
  return name === undefined ? undefined : { name, port };
}
