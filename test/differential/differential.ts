/** What it takes to compare one function of ours with the kubelet's: questions, and our answers to them. */
import fc from 'fast-check';

export type Plain = null | boolean | number | string | readonly Plain[] | { readonly [name: string]: Plain };

/** As go/main.go gives it: one of the two, with whatever must be equal. */
export type Answer = { readonly accepted: Plain } | { readonly refused: Plain };

export interface Case {
  /** What the kubelet's side is asked. */
  readonly question: unknown;
  readonly ours: () => Answer;
}

export interface Differential {
  /** As the kubelet's side knows it. */
  readonly name: string;
  /** Of the million, in thousands: more where more can go wrong. */
  readonly share: number;
  /** Whether any question is refused at all. */
  readonly refuses: boolean;
  /** Leaves out of an answer what is there by chance. */
  readonly comparable: (answer: Answer) => Answer;
  readonly sample: (seed: number, count: number) => readonly Case[];
}

interface Definition<Q> {
  readonly name: string;
  readonly share?: number;
  /** False for a function that has an answer to everything. */
  readonly refuses?: boolean;
  readonly questions: fc.Arbitrary<Q>;
  /** How the kubelet's side expects the question, if not as it is. */
  readonly ask?: (question: Q) => unknown;
  readonly ours: (question: Q) => Answer;
  /** Leaves out of either answer what is there by chance. */
  readonly comparable?: (answer: Answer) => Answer;
}

export function define<Q>(definition: Definition<Q>): Differential {
  const { name, share = 50, refuses = true, questions, ask, ours, comparable = (answer) => answer } = definition;
  const sample = (seed: number, count: number): readonly Case[] => {
    return fc.sample(questions, { seed, numRuns: count }).map((question) => ({
      question: ask === undefined ? question : ask(question),
      ours: () => ours(question),
    }));
  };
  return { name, share, refuses, comparable, sample };
}

export function verdict(ok: boolean): Answer {
  return ok ? { accepted: true } : { refused: true };
}
