/**
 * Keys of a docker config that no image finds, or that more images find than meant. They follow the rules of matchImages
 * once a kubelet has taken off http(s):// and one /v1/ or /v2/ (keyring.ts); only the plain index.docker.io is special.
 */
import type { Advice } from '../finding.ts';
import { fromBytes } from './go-text.ts';
import { indexEntry } from './keyring.ts';
import { lintMatchImage } from './match-image-lint.ts';

export function lintDockerKey(key: string): readonly Advice[] {
  const bytes = indexEntry(key);
  if (bytes === undefined) {
    const message = 'a kubelet cannot read this key as a host, and skips the entry';
    return [{ rule: 'unreadable-key', message, todo: 'write host, host:port or host/path' }];
  }
  const scheme = /^[A-Za-z][A-Za-z0-9+.-]*:\/\//.exec(key)?.[0];
  if (scheme !== undefined && scheme !== 'https://' && scheme !== 'http://') {
    const message = 'a kubelet takes off https:// and http:// only, so no image finds it';
    return [{ rule: 'scheme', message, todo: `write ${key.slice(scheme.length)}` }];
  }
  const entry = fromBytes(bytes);
  if (entry === 'index.docker.io') return [];
  const path = /^[^/]*\/(v[12])$/.exec(entry)?.[1];
  if (path !== undefined) {
    const message = `without a slash behind it, ${path} is taken for the path of an image`;
    return [{ rule: 'api-path', message, todo: `write ${entry.slice(0, -path.length - 1)}` }];
  }
  const advice = lintMatchImage(entry);
  if (!/^[^/]*\*/.test(entry) || advice.length > 0) return advice;
  const message = 'every host that fits gets this credential';
  return [{ rule: 'wildcard-key', message, todo: 'write one key for each host' }];
}
