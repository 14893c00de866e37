/**
 * The driver of the end-to-end tests: prepares what they need while there is a network, then runs them in a sandbox
 * without one. `npm run e2e -- --help` tells its options, docs/testing.md the rest.
 */
import { spawn } from 'node:child_process';
import { globSync } from 'node:fs';
import { constants } from 'node:os';
import { parseArgs } from 'node:util';
import { kubernetesVersions } from './build/kubernetes.ts';
import { removeCgroups } from './cgroups.ts';
import { announce, prepare } from './prepare.ts';
import { sandboxed } from './sandbox.ts';
import { listScenarios, type Scenario } from './scenarios.ts';

const help = `npm run e2e -- [options]
  --list             names the scenarios, and what would be skipped
  --only TEXT        runs those with the text in their name
  --kubelet VERSION  another kubelet than ${kubernetesVersions.newest}, such as ${kubernetesVersions.older.join(' or ')}`;

try {
  process.exitCode = await main();
} catch (error) {
  console.error(`e2e: ${error instanceof Error ? error.message : error}`);
  process.exitCode = 1;
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      list: { type: 'boolean', default: false },
      only: { type: 'string', default: '' },
      kubelet: { type: 'string', default: kubernetesVersions.newest },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return say(help);
  const kubelet = values.kubelet.replace(/^v?/, 'v');
  const { env: prepared, lacks } = values.list ? announce(kubelet) : prepare(kubelet);
  const env = { ...process.env, ...prepared };
  const files = globSync('test/e2e/**/*.e2e.ts').sort();
  const scenarios = listScenarios(files, env).filter(({ name }) => name.includes(values.only));
  if (scenarios.length === 0) return say(`no scenario has ${values.only} in its name`, 1);
  if (values.list) return say(scenarios.map(lineFor).join('\n'));
  const chosen = files.filter((file) => scenarios.some((scenario) => scenario.file === file));
  const pattern = values.only === '' ? [] : [`--test-name-pattern=${literally(values.only)}`];
  // A scenario waits with limits of its own; this is for one that hangs all the same.
  const flags = ['--test-concurrency=1', '--test-timeout=600000', ...pattern];
  const command = [process.execPath, '--test', ...flags, ...chosen];
  if (lacks !== undefined) return run(command, env);
  removeCgroups();
  try {
    return await run(sandboxed(command), env);
  } finally {
    removeCgroups();
  }
}

function say(text: string, code = 0): number {
  console.log(text);
  return code;
}

function lineFor({ name, skip }: Scenario): string {
  return skip === undefined ? name : `${name} (skipped: ${skip})`;
}

/** As a regular expression, which is what the test runner takes. */
function literally(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
}

function run([program = '', ...args]: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  const child = spawn(program, args, { stdio: 'inherit', env });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code, signal) => resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal])));
  });
}
