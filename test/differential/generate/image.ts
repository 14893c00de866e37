/** Images as a kubelet names them to a plugin, and patterns that nearly cover them. */
import fc from 'fast-check';
import { good, mostly } from './choice.ts';

const label = good('a', 'registry', 'x-1', 'example', 'amazonaws', 'io', 'com', 'eu', '123456789012', 'dkr', 'b');

const host = mostly(
  fc.oneof(
    fc.array(label, { minLength: 2, maxLength: 4 }).map((labels) => labels.join('.')),
    good('docker.io', 'localhost', 'quay.io', '10.0.0.1'),
  ),
  good(
    'index.docker.io',
    'registry-1.docker.io',
    '[::1]',
    '[fe80::1%25eth0]',
    'A.Example.com',
    '\u00e9.io',
    'a..b',
    'a.b.',
    '',
  ),
  12,
);

const port = mostly(good('', '', ':5000', ':443'), good(':', ':0', ':05000', ':65536', ':99999999', ':port', ':*'), 20);

const segment = good('team', 'app', 'a', 'library', 'v1', 'v2', 'team-a', 'x.y', 'a__b', 'te');

/** Without tag and digest. */
export const imageName = fc
  .tuple(host, port, fc.array(segment, { minLength: 1, maxLength: 3 }))
  .map(([name, suffix, segments]) => [name + suffix, ...segments].join('/'));

type Change = 'glob' | 'part' | 'labels' | 'port' | 'path' | 'case';

const change = fc.tuple(good<Change>('glob', 'glob', 'glob', 'part', 'labels', 'port', 'path', 'case'), fc.nat(7));

/** Cut from the image, then changed a little: what makes it cover more, and what makes it miss. */
export function patternFor(image: string): fc.Arbitrary<string> {
  const [authority = '', ...segments] = image.split('/');
  const colon = authority.startsWith('[') ? authority.indexOf(':', authority.indexOf(']')) : authority.indexOf(':');
  const name = colon === -1 ? authority : authority.slice(0, colon);
  const suffix = colon === -1 ? '' : authority.slice(colon);
  return fc
    .tuple(fc.nat(segments.length), good('', '', '/', 'x', '/*'), fc.array(change, { maxLength: 2 }))
    .map(([kept, end, changes]) => {
      const parts = {
        labels: name.split('.'),
        port: suffix,
        path: segments
          .slice(0, kept)
          .map((part) => `/${part}`)
          .join(''),
      };
      for (const [kind, at] of changes) changePart(parts, kind, at);
      return parts.labels.join('.') + parts.port + parts.path + (kept === 0 && end === 'x' ? '' : end);
    });
}

function changePart(parts: { labels: string[]; port: string; path: string }, kind: Change, at: number): void {
  const index = at % parts.labels.length;
  const text = parts.labels[index] ?? '';
  if (kind === 'glob') parts.labels[index] = ['*', `${text.slice(0, 1)}*`, `*${text.slice(1)}`, '*'][at % 4] ?? '*';
  if (kind === 'part') parts.labels[index] = `${text}x`;
  if (kind === 'labels') parts.labels.splice(index, at % 2, ...(at % 2 === 0 ? ['*'] : []));
  if (kind === 'port') parts.port = ['', ':5000', ':443', ':*', ':'][at % 5] ?? '';
  if (kind === 'path') parts.path = ['', '/', '/te', '/team/', '/*', '/v1/', '//', '/%74eam'][at] ?? '';
  if (kind === 'case') parts.labels[index] = text.toUpperCase();
}
