/** Images that run: one static program that says what its image tells it to. Other words, another image. */
import { readFileSync } from 'node:fs';
import { createContent, createJsonContent, descriptorOf, sha256 } from '../../fake/content.ts';
import { type Image, linuxAmd64, mediaTypes } from '../../fake/image.ts';
import { createFileLayer } from '../../fake/layer.ts';

const types = mediaTypes.oci;

/** `say` is the path of the program; without words it is silent. The small second layer is no other image's. */
export function createSayImage(say: string, words?: string): Image {
  const layers = [
    createFileLayer({ name: 'say', data: readFileSync(say), mode: 0o755 }),
    createFileLayer({ name: 'words', data: Buffer.from(words ?? '') }),
  ];
  const contents = layers.map(({ gzip }) => createContent(types.layer, gzip));
  const config = createJsonContent(types.config, {
    created: '1970-01-01T00:00:00Z',
    ...linuxAmd64,
    config: { Entrypoint: ['/say'], Env: ['PATH=/', ...(words === undefined ? [] : [`SAY=${words}`])] },
    rootfs: { type: 'layers', diff_ids: layers.map(({ tar }) => sha256(tar)) },
  });
  const top = createJsonContent(types.manifest, {
    schemaVersion: 2,
    mediaType: types.manifest,
    config: descriptorOf(config),
    layers: contents.map(descriptorOf),
  });
  return { top, manifests: [top], blobs: [config, ...contents] };
}
