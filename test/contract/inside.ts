/** The other half of sealed.ts: runs in the sealed process, takes a task on stdin, prints what came of it. */
import { readFileSync, writeSync } from 'node:fs';
import type { ProviderDefinition } from '../../src/provider.ts';
import { ask, prepare } from './cases.ts';

const task = JSON.parse(readFileSync(0, 'utf8'));
globalThis.fetch = () => {
  throw new Error('it fetched by itself');
};
const before = traces();
const exported: Record<string, unknown> = await import(new URL(task.source, task.root).href);
const left = traces().filter((trace) => !before.includes(trace));
writeSync(1, JSON.stringify(task.name === undefined ? left : await credentials()));

/** Where code that runs when it is imported leaves something. */
function traces(): readonly string[] {
  const names = [...process.getActiveResourcesInfo(), ...Reflect.ownKeys(globalThis), ...process.eventNames()];
  return names.map(String);
}

async function credentials(): Promise<unknown> {
  const definition = Object.values(exported)
    .filter(isDefinition)
    .find(({ name }) => name === task.name);
  if (definition === undefined) throw new Error(`${task.source} does not export ${task.name}`);
  return (await ask(await prepare(definition, task.item), task.item)).credentials;
}

function isDefinition(value: unknown): value is ProviderDefinition {
  return typeof value === 'object' && value !== null && 'recognises' in value;
}
