/** One function over many cases: both sides work at the same time, a batch apart. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Answer, Case, Differential, Plain } from './differential.ts';
import type { Kubelet } from './kubelet.ts';

export interface Outcome {
  readonly cases: number;
  /** By the kubelet. */
  readonly accepted: number;
  readonly refused: number;
  readonly disagreements: readonly Disagreement[];
}

export interface Disagreement {
  readonly question: unknown;
  readonly kubelet: Answer;
  readonly ours: Answer | string;
}

export interface CompareOptions {
  readonly cases: number;
  readonly seed: number;
  /** Stop there; what is behind the first few tells nothing new. */
  readonly maxDisagreements?: number;
}

/** Small enough for the buffers between two processes, so that neither waits for the other. */
const batchSize = 200;

/** Each batch has a seed of its own. */
export async function compare(
  differential: Differential,
  kubelet: Kubelet,
  { cases, seed, maxDisagreements = 20 }: CompareOptions,
): Promise<Outcome> {
  const { comparable } = differential;
  const counts = { cases: 0, accepted: 0, refused: 0 };
  const disagreements: Disagreement[] = [];
  let previous: Promise<void> = Promise.resolve();
  for (let start = 0; start < cases && disagreements.length < maxDisagreements; start += batchSize) {
    const batch = differential.sample(seedOfBatch(seed, start / batchSize), Math.min(batchSize, cases - start));
    const asked = kubelet.ask(
      differential.name,
      batch.map(({ question }) => question),
    );
    const ours = batch.map(answerOrCrash);
    const check = async (): Promise<void> => {
      for (const [index, theirs] of (await asked).entries()) {
        counts.cases++;
        if ('accepted' in theirs) counts.accepted++;
        else counts.refused++;
        const own = ours[index] ?? 'no answer';
        if (typeof own !== 'string' && isSame(comparable(own), comparable(theirs))) continue;
        disagreements.push({ question: batch[index]?.question, kubelet: theirs, ours: own });
      }
    };
    await previous;
    previous = check();
    await nextTurn();
  }
  await previous;
  return { ...counts, disagreements };
}

/** Runs whose seeds are neighbours have no batch in common. */
function seedOfBatch(seed: number, batch: number): number {
  return (Math.imul(seed, 1_000_003) + batch) | 0;
}

/** A crash of ours is a disagreement like others. */
function answerOrCrash({ ours }: Case): Answer | string {
  try {
    return ours();
  } catch (error) {
    return String(error instanceof Error ? error.stack : error);
  }
}

function isSame(own: Answer, theirs: Answer): boolean {
  if ('accepted' in own) return 'accepted' in theirs && isSamePlain(own.accepted, theirs.accepted);
  return 'refused' in theirs && isSamePlain(own.refused, theirs.refused);
}

/** Equal as JSON; the order of members does not count, nor what prototype an object has. */
export function isSamePlain(one: Plain, other: Plain): boolean {
  if (typeof one !== 'object' || typeof other !== 'object' || one === null || other === null) return one === other;
  if (isList(one) || isList(other)) {
    if (!isList(one) || !isList(other) || one.length !== other.length) return false;
    return one.every((item, index) => isSamePlain(item, other[index] ?? null));
  }
  const names = Object.keys(one);
  if (names.length !== Object.keys(other).length) return false;
  return names.every((name) => Object.hasOwn(other, name) && isSamePlain(one[name] ?? null, other[name] ?? null));
}

function isList(value: Plain): value is readonly Plain[] {
  return Array.isArray(value);
}
