/**
 * The other end of a measured pull, in a process of its own so that what it takes is nobody's: a private registry with an
 * image of one large layer for each size in MiB that is named. Says in one line of JSON where it is; ends when its stdin
 * does, which also happens when whoever started it dies.
 */
import { randomFillSync } from 'node:crypto';
import { createContent, descriptorOf } from '../test/fake/content.ts';
import { createImage, type Image } from '../test/fake/image.ts';
import { changed } from '../test/fake/odd-image.ts';
import { startRegistry } from '../test/fake/registry.ts';

const [username = '', password = '', ...sizes] = process.argv.slice(2);
const registry = await startRegistry({ auth: { mode: 'basic', users: { [username]: password } } });
const layers = sizes.map((size) => {
  const layer = createContent(
    'application/vnd.oci.image.layer.v1.tar',
    randomFillSync(Buffer.alloc(Number(size) * 1024 * 1024)),
  );
  const image: Image = changed({ layers: [descriptorOf(layer)] }, createImage({ layers: [] }));
  registry.add('bench/app', size, { ...image, blobs: [...image.blobs, layer] });
  return [size, `${registry.url}/v2/bench/app/blobs/${layer.digest}`] as const;
});
console.log(JSON.stringify({ host: registry.host, layers: Object.fromEntries(layers) }));
process.stdin.resume().on('end', () => void registry.close());
