/** Finds the tables of a folder and the module that knows each by its file name. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { VectorCase, VectorTable } from './table.ts';

export interface LoadedTable {
  readonly name: string;
  /** `undefined` where no module here knows the table. */
  readonly cases: readonly VectorCase[] | undefined;
}

/** All `NAME.json` of a folder, in the order of their names. */
export async function loadTables(folder: string): Promise<LoadedTable[]> {
  const names = readdirSync(folder)
    .filter((file) => file.endsWith('.json'))
    .map((file) => file.slice(0, -'.json'.length))
    .sort();
  return Promise.all(names.map((name) => loadTable(folder, name)));
}

async function loadTable(folder: string, name: string): Promise<LoadedTable> {
  const table = await findTable(name);
  if (table === undefined) return { name, cases: undefined };
  const document: unknown = JSON.parse(readFileSync(join(folder, `${name}.json`), 'utf8'));
  return { name, cases: [...table.cases(document)] };
}

async function findTable(name: string): Promise<VectorTable | undefined> {
  if (!/^[a-z-]+$/.test(name) || !existsSync(new URL(`${name}.ts`, import.meta.url))) return undefined;
  const module: { readonly table?: VectorTable } = await import(`./${name}.ts`);
  return module.table;
}
