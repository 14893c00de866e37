/** The faults that the comparison with a kubelet must find fit the code as it is; whether they are found, it tells itself. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { kubernetesVersions } from '../e2e/build/kubernetes.ts';
import { functionsOf } from './functions.ts';
import { mutants } from './mutants.ts';
import { mutatedText } from './mutate.ts';

test('each fault has its place in our code', () => {
  for (const mutant of mutants) assert.doesNotThrow(() => mutatedText(mutant));
});

test('each function that is compared has a fault of its own', () => {
  const names = functionsOf(kubernetesVersions.rules, true).map(({ name }) => name);
  assert.deepEqual([...new Set(mutants.map((mutant) => mutant.function))].sort(), names.sort());
});
