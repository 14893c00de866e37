/** The Go side as a child process: questions go in as they come up, answers come back in the same order. */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { isJsonObject, parseJson } from '../../src/json.ts';
import type { Answer } from './differential.ts';

export interface Kubelet {
  ask(name: string, questions: readonly unknown[]): Promise<readonly Answer[]>;
  close(): void;
}

interface Batch {
  readonly size: number;
  readonly answers: Answer[];
  readonly resolve: (answers: readonly Answer[]) => void;
  readonly reject: (error: Error) => void;
}

/** It works in a folder of its own, because the loader of configs reads files. */
export function startKubelet(program: string): Kubelet {
  const cwd = mkdtempSync(join(tmpdir(), 'purser-differential-'));
  const child = spawn(program, [], { cwd, stdio: ['pipe', 'pipe', 'inherit'] });
  const waiting: Batch[] = [];
  const fail = (error: Error): void => {
    for (const batch of waiting.splice(0)) batch.reject(error);
  };
  child.on('error', fail);
  child.stdin.on('error', fail);
  child.on('exit', (code, signal) => fail(new Error(`the kubelet's side ended with ${code ?? signal}`)));
  createInterface({ input: child.stdout }).on('line', (line) => {
    const [batch] = waiting;
    if (batch === undefined) throw new Error('an answer without a question');
    batch.answers.push(parseAnswer(line));
    if (batch.answers.length < batch.size) return;
    waiting.shift();
    batch.resolve(batch.answers);
  });
  return {
    ask: (name, questions) => {
      return new Promise((resolve, reject) => {
        waiting.push({ size: questions.length, answers: [], resolve, reject });
        child.stdin.write(questions.map((question) => `${JSON.stringify({ function: name, question })}\n`).join(''));
      });
    },
    close: () => {
      child.removeAllListeners('exit');
      child.stdin.end();
      rmSync(cwd, { recursive: true, force: true });
    },
  };
}

/** By our own parser: V8 takes an escaped name, once in a hundred thousand, for another one that it saw before. */
function parseAnswer(line: string): Answer {
  const answer = parseJson(line, { names: 'any' });
  if (isJsonObject(answer)) {
    const { accepted, refused } = answer;
    if (accepted !== undefined) return { accepted };
    if (refused !== undefined) return { refused };
  }
  throw new Error(`no answer: ${line}`);
}
