/**
 * What every stage, node and cluster of these tests begins with: a folder, an authority for certificates, and a list of
 * what has to be ended when it is over, or when it could not be set up.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Authority, createAuthority } from '../fake/tls.ts';

export interface Scene {
  readonly folder: string;
  readonly authority: Authority;
  /** Path of the authority's certificate. */
  readonly caFile: string;
  /** Last come, first ended; the folder goes at the very end. */
  atEnd(end: () => Promise<void> | void): void;
  close(): Promise<void>;
}

/** Hands a new scene to who sets it up; closes it if that fails. */
export async function openScene<T>(name: string, setUp: (scene: Scene) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), `purser-${name}-`));
  const endings: (() => Promise<void> | void)[] = [() => rmSync(folder, { recursive: true, force: true })];
  const close = async (): Promise<void> => {
    for (const end of endings.splice(0).reverse()) await end();
  };
  try {
    const authority = createAuthority();
    const caFile = join(folder, 'ca.crt');
    writeFileSync(caFile, authority.certificate);
    return await setUp({ folder, authority, caFile, atEnd: (end) => void endings.push(end), close });
  } catch (error) {
    await close();
    throw error;
  }
}
