/** Images that run: one static program that says what its image tells it to. Other words, another image. */
import { readFileSync } from 'node:fs';
import { assembleImage, type Image, linuxAmd64 } from '../../fake/image.ts';
import { createFileLayer } from '../../fake/layer.ts';

/** `say` is the path of the program; without words it is silent. The small second layer is no other image's. */
export function createSayImage(say: string, words?: string): Image {
  const layers = [
    createFileLayer({ name: 'say', data: readFileSync(say), mode: 0o755 }),
    createFileLayer({ name: 'words', data: Buffer.from(words ?? '') }),
  ];
  const runs = { Entrypoint: ['/say'], Env: ['PATH=/', ...(words === undefined ? [] : [`SAY=${words}`])] };
  return assembleImage(layers, { format: 'oci', platform: linuxAmd64, runs });
}
