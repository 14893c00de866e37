/** version: what exactly is running. */
import type { Edge } from '../edge.ts';
import { exitCode } from '../errors.ts';

/** JSON text of a `Build`, put in by the build. */
declare const PURSER_BUILD: string;

interface Build {
  readonly version: string;
  readonly commit: string;
  readonly dependencies: Readonly<Record<string, string>>;
}

export async function version({ output }: { output: 'text' | 'json' }, edge: Edge): Promise<number> {
  const build: Build = JSON.parse(PURSER_BUILD);
  const facts = { ...build, runtime: edge.runtime };
  if (output === 'json') {
    edge.writeOut(`${JSON.stringify(facts)}\n`);
    return exitCode.ok;
  }
  const dependencies = Object.entries(facts.dependencies).map(([name, number]) => `${name} ${number}`);
  edge.writeOut(
    `purser ${facts.version} (${facts.commit})\nruntime ${facts.runtime.name} ${facts.runtime.version}\n${dependencies.join('\n')}\n`,
  );
  return exitCode.ok;
}
