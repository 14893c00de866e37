/**
 * `npm run differential`: our functions against those of a kubelet built from its sources, over a million generated cases (R-PROC-05).
 * Needs Go and the Go module proxy, and minutes the first time.
 *   --cases N          in all; each function gets its share (default 1000 a share, more than a million)
 *   --only NAME        one function
 *   --seed N           where the generators begin: each time the same million for 1 (default), another one for random
 *   --kubelet VERSION  another release, of which only the config is asked
 *   --mutants          faults are put into our code, one at a time: each must be found (default 5000 cases for each)
 */
import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';
import { kubernetesVersions } from '../e2e/build/kubernetes.ts';
import { buildKubelet } from './build.ts';
import { compare, type Outcome } from './compare.ts';
import type { Differential } from './differential.ts';
import { functionsOf } from './functions.ts';
import { type Kubelet, startKubelet } from './kubelet.ts';
import { type Mutant, mutants } from './mutants.ts';
import { missedMutant } from './mutate.ts';

const { values } = parseArgs({
  options: {
    cases: { type: 'string' },
    only: { type: 'string' },
    seed: { type: 'string', default: '1' },
    kubelet: { type: 'string', default: kubernetesVersions.rules },
    mutants: { type: 'boolean', default: false },
  },
});
const names = functionsOf(values.kubelet, values.kubelet === kubernetesVersions.rules).map(({ name }) => name);
if (values.only !== undefined && !names.includes(values.only)) throw new Error(`--only knows ${names.join(', ')}`);
const seed = values.seed === 'random' ? randomInt(2 ** 31) : Number(values.seed);
const counts = { passed: 0, failed: 0, cases: 0 };
const program = buildKubelet(values.kubelet);
console.log(`kubelet ${values.kubelet}, seed ${seed}`);
if (values.mutants) tryMutants(Number(values.cases ?? 5000));
else await compareAll(values.cases === undefined ? undefined : Number(values.cases));
console.log(`ℹ pass ${counts.passed}\nℹ fail ${counts.failed}\n${counts.passed} passed, ${counts.failed} failed`);
process.exitCode = counts.failed === 0 ? 0 : 1;

async function compareAll(cases: number | undefined): Promise<void> {
  const all = functionsOf(values.kubelet, values.kubelet === kubernetesVersions.rules);
  const functions = all.filter(({ name }) => name === (values.only ?? name));
  const shares = functions.reduce((sum, { share }) => sum + share, 0);
  const kubelet = startKubelet(program);
  try {
    for (const one of functions) await run(one, kubelet, Math.round(((cases ?? shares * 1000) * one.share) / shares));
  } finally {
    kubelet.close();
  }
  console.log(`${counts.cases} cases`);
}

function tryMutants(cases: number): void {
  for (const mutant of mutants.filter(({ function: name }) => name === (values.only ?? name))) {
    const missed = tryMutant(mutant, cases);
    console.log(`${missed === undefined ? '✔' : '✖'} ${mutant.function}: ${mutant.fault}: ${missed ?? 'found'}`);
    counts[missed === undefined ? 'passed' : 'failed']++;
  }
}

function tryMutant(mutant: Mutant, cases: number): string | undefined {
  try {
    return missedMutant(mutant, { cases, seed });
  } catch (error) {
    return String(error);
  }
}

async function run(differential: Differential, kubelet: Kubelet, cases: number): Promise<void> {
  const start = performance.now();
  const outcome = await compare(differential, kubelet, { cases, seed });
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  const { accepted, refused, disagreements } = outcome;
  const problem =
    disagreements.length > 0 ? `${disagreements.length} disagreements` : unevenness(differential, outcome);
  console.log(
    `${problem === undefined ? '✔' : '✖'} ${differential.name}: ${outcome.cases} cases, ${accepted} accepted, ` +
      `${refused} refused, ${seconds} s${problem === undefined ? '' : `: ${problem}`}`,
  );
  for (const { question, kubelet, ours } of disagreements.toSorted(bySize).slice(0, 5)) {
    console.log(
      `    asked:   ${JSON.stringify(question)}\n    kubelet: ${JSON.stringify(kubelet)}\n    ours:    ${JSON.stringify(ours)}`,
    );
  }
  counts.cases += outcome.cases;
  counts[problem === undefined ? 'passed' : 'failed']++;
}

/** Cases that nearly all end alike prove little. */
function unevenness({ refuses }: Differential, { cases, accepted, refused }: Outcome): string | undefined {
  if (!refuses) return undefined;
  if (accepted * 5 < cases) return 'less than a fifth is accepted';
  return refused * 5 < cases ? 'less than a fifth is refused' : undefined;
}

/** The smallest first: it says most. */
function bySize(one: { question: unknown }, other: { question: unknown }): number {
  return JSON.stringify(one.question).length - JSON.stringify(other.question).length;
}
