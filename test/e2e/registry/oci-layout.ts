/** An image as a folder that other tools read (OCI image layout 1.0.0). */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { descriptorOf } from '../../fake/content.ts';
import type { Image } from '../../fake/image.ts';

/** The folder is new; `tag` is the name by which the image is found in it. */
export function writeLayout(folder: string, image: Image, tag: string): void {
  const write = (path: string, content: string | Uint8Array): void => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  };
  write('oci-layout', JSON.stringify({ imageLayoutVersion: '1.0.0' }));
  for (const { digest, bytes } of [...image.manifests, ...image.blobs]) {
    write(join('blobs', digest.replace(':', '/')), bytes);
  }
  const annotations = { 'org.opencontainers.image.ref.name': tag };
  write('index.json', JSON.stringify({ schemaVersion: 2, manifests: [{ ...descriptorOf(image.top), annotations }] }));
}
