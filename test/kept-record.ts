/** What a real kubelet (1.36.3) wrote about pulls, in test/fixtures/pull-records: one file a folder, under its own name. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** An ImagePulledRecord or, in one folder, an ImagePullIntent; and the name of its file. */
export interface RecordFile {
  readonly name: string;
  readonly text: string;
}

type Folder = 'every-pod' | 'two-names' | 'service-accounts' | 'pull-secret' | 'intent';

export function keptRecord(folder: Folder): RecordFile {
  const path = fileURLToPath(new URL(`fixtures/pull-records/${folder}`, import.meta.url));
  const [name = ''] = readdirSync(path);
  return { name, text: readFileSync(join(path, name), 'utf8') };
}
