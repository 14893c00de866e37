/** version: what exactly is running. */
import type { Edge } from '../edge.ts';
import { exitCode } from '../errors.ts';

/** Put in by the build. */
declare const PURSER_BUILD: {
  readonly version: string;
  readonly commit: string;
  readonly dependencies: Readonly<Record<string, string>>;
};

export async function version({ output }: { output: 'text' | 'json' }, edge: Edge): Promise<number> {
  const facts = { ...PURSER_BUILD, runtime: edge.runtime };
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
