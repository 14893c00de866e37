/** What the files of scenarios would run. Node's test runner has no list, so they are loaded with another one (list.ts). */
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export interface Scenario {
  readonly file: string;
  /** With the names of the suites around it, as the test runner compares them. */
  readonly name: string;
  /** Why it would be skipped. */
  readonly skip: string | undefined;
}

export function listScenarios(files: readonly string[], env: NodeJS.ProcessEnv): readonly Scenario[] {
  const list = fileURLToPath(new URL('./list.ts', import.meta.url));
  return JSON.parse(execFileSync(process.execPath, [list, ...files], { env, encoding: 'utf8' }));
}
