/** What a kubelet keeps of its pulls, below its root folder (pkg/kubelet/images/pullmanager, from 1.35 on). */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RecordFile } from '../../kept-record.ts';

/** The record that names the image, without tag. */
export function recordOf(rootFolder: string, image: string): RecordFile | undefined {
  const folder = join(rootFolder, 'image_manager/pulled');
  const files = readdirSync(folder).map((name) => ({ name, text: readFileSync(join(folder, name), 'utf8') }));
  return files.find(({ text }) => text.includes(`${JSON.stringify(image)}:`));
}

/** The record without what chance made: times, ids, and which image it was. */
export function recordedShape(text: string): string {
  const chance = /"(lastUpdatedTime|uid|imageRef)":"[^"]*"/g;
  return text.replace(chance, '"$1":"…"');
}
