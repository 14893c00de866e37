/**
 * Compares our checks with a kubelet's own over generated configs (R-PROC-05): `npm run differential -- [--kubelet v1.36.3]
 * [--count 5000] [--seed 1] [--at-hand]`. Needs Go and the Go module proxy, and minutes the first time; `--at-hand` says
 * so and does nothing where that would be. Ends with 1 where we differ.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import fc from 'fast-check';
import { checkProviderConfigFiles, selectConfigFiles } from '../../src/kubelet/provider-config-files.ts';
import { buildKubelet, isAtHand } from './build.ts';
import { type ConfigCase, configCase } from './configs.ts';

const { values } = parseArgs({
  options: {
    kubelet: { type: 'string', default: 'v1.36.3' },
    count: { type: 'string', default: '5000' },
    seed: { type: 'string', default: '1' },
    'at-hand': { type: 'boolean', default: false },
  },
});
if (values['at-hand'] && !isAtHand(values.kubelet)) {
  console.log(`not run: Go and the sources of Kubernetes ${values.kubelet} are not both here`);
  process.exit(0);
}
const minor = Number(/^v1\.([0-9]+)/.exec(values.kubelet)?.[1]);
const cases = fc.sample(configCase, { numRuns: Number(values.count), seed: Number(values.seed) });
const theirs = askKubelet(cases);
const ours = cases.map(askOurselves);
const differing = cases.flatMap((_, index) => {
  const [one, other] = [ours[index], theirs[index]];
  return one !== undefined && other !== undefined && !isSame(one, other) ? [index] : [];
});
for (const index of differing.slice(0, 20)) {
  for (const { name, bytes } of cases[index]?.files ?? []) {
    console.log(`--- ${name}: ${JSON.stringify(Buffer.from(bytes).toString())}`);
  }
  console.log(`kubelet: ${JSON.stringify(theirs[index])}\npurser:  ${JSON.stringify(ours[index])}\n`);
}
const accepted = theirs.filter(({ error }) => error === '').length;
const grave = differing.filter((index) => !isRefusedAlike(ours[index], theirs[index])).length;
console.log(
  `${values.kubelet}, seed ${values.seed}: ${cases.length} configs (${accepted} accepted), ` +
    `${differing.length} differ, ${grave} of them in more than the words of a decoder`,
);
process.exitCode = grave === 0 ? 0 : 1;

interface Answer {
  readonly error: string;
  readonly hash: string;
}

function askKubelet(cases: readonly ConfigCase[]): readonly Answer[] {
  const program = buildKubelet(values.kubelet);
  const cwd = mkdtempSync(join(tmpdir(), 'purser-differential-'));
  try {
    mkdirSync(join(cwd, 'bin'));
    const lines = cases.map((item) => JSON.stringify(toQuestion(item)));
    const { stdout, stderr, status } = spawnSync(program, [], {
      cwd,
      input: lines.join('\n'),
      maxBuffer: 1 << 30,
      encoding: 'utf8',
    });
    if (status !== 0) throw new Error(`the kubelet's side failed: ${stderr}`);
    return stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
  } finally {
    rmSync(cwd, { recursive: true, force: true });
  }
}

function toQuestion({ files, directory, gate }: ConfigCase): unknown {
  const placed = files.map(({ name, bytes }) => [
    directory ? `config/${name}` : 'config/only',
    Buffer.from(bytes).toString('base64'),
  ]);
  return {
    ...(minor >= 33 ? { gate } : {}),
    path: directory ? 'config' : 'config/only',
    files: Object.fromEntries(files.length === 0 ? [['config/none', '']] : placed),
  };
}

function askOurselves({ files, directory, gate }: ConfigCase): Answer {
  const bytesOf = (name: string): Uint8Array => files.find((file) => file.name === name)?.bytes ?? Buffer.alloc(0);
  const read = (name: string) => ({ path: `config/${name}`, bytes: bytesOf(name) });
  const names = selectConfigFiles(files.map(({ name }) => name));
  const location = directory
    ? ({ kind: 'directory', path: 'config', files: names.map(read), ignored: [] } as const)
    : ({ kind: 'file', file: { path: 'config/only', bytes: files[0]?.bytes ?? Buffer.alloc(0) } } as const);
  const { error = '', hash = '' } = checkProviderConfigFiles(location, {
    featureGate: gate,
    kubeletVersion: values.kubelet,
  });
  return { error, hash };
}

function isSame(one: Answer, other: Answer): boolean {
  return one.hash === other.hash && comparable(one.error) === comparable(other.error);
}

/** Both refuse the text itself, before its members are looked at. */
function isRefusedAlike(one: Answer | undefined, other: Answer | undefined): boolean {
  return [one, other].every((answer) => answer?.error.startsWith('error decoding config '));
}

/** An error without what it says by chance, or of where the kubelet was built, or quotes of the file. */
function comparable(error: string): string {
  const parts = error
    .replace(/ in scheme "[^"]*"$/, '')
    .replace(/(is missing in) '[\s\S]*'$/, '$1')
    .replace(/(unsupported map key of type: \S+, key: \S+), value: [\s\S]*$/, '$1')
    .replace(/(invalid map key:)[\s\S]*$/, '$1')
    // In random order before 1.33; errors that differ only in it are not merged there.
    .replace(/(supported values: )"credentialprovider[^"]*"(?:, "credentialprovider[^"]*")*/g, '$1')
    .replace(/^(failed to validate credential provider config: )\[(.*)\]$/s, '$1$2')
    .split(/(?<=config: )|, (?=providers)/);
  return [...new Set(parts)].join('\n');
}
