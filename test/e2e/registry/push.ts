/** An image into a registry, by skopeo: no hand of ours in how a push is done. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Image } from '../../fake/image.ts';
import { writeLayout } from './oci-layout.ts';

export interface PushTarget {
  /** `host/repository:tag`; nobody is asked for a password. */
  readonly name: string;
  /** PEM of the authority of its certificate. */
  readonly ca: string;
}

export function push(image: Image, { name, ca }: PushTarget): void {
  const folder = mkdtempSync(join(tmpdir(), 'purser-push-'));
  try {
    const layout = join(folder, 'layout');
    writeLayout(layout, image, 'pushed');
    writeFileSync(join(folder, 'ca.crt'), ca);
    const flags = ['--insecure-policy', 'copy', '-q', '--all', '--preserve-digests', '--dest-cert-dir', folder];
    execFileSync('skopeo', [...flags, `oci:${layout}:pushed`, `docker://${name}`]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
