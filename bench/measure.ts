/**
 * What whole processes take: wall clock, CPU of user and system, peak memory. All rows are run in turns, in a new random
 * order each round, so that whatever else the machine does meets all of them; medians are told.
 */
import { spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { isJsonObject, parseJson } from '../src/json.ts';

export interface Table<R> {
  readonly title: string;
  /** The first is what the others are compared with. */
  readonly rows: readonly R[];
}

export interface Row {
  readonly name: string;
  /** The program, by its absolute path, and its arguments. */
  readonly argv: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Fits a pipe (64 KiB); default: nothing. */
  readonly stdin?: string;
}

/** Seconds, seconds, bytes. */
export interface Usage {
  readonly wall: number;
  readonly cpu: number;
  readonly memory: number;
}

export interface Measured extends Usage {
  readonly name: string;
}

/** Throws when a run ends with anything but 0: what fails early is fast. */
export async function measure(tables: readonly Table<Row>[], rounds: number): Promise<readonly Table<Measured>[]> {
  const rows = tables.flatMap((table) => table.rows);
  const order = Array.from({ length: rounds }, () => shuffled(rows)).flat();
  const runs = await runInOrder(rows, order);
  return tables.map(({ title, rows: own }) => {
    return {
      title,
      rows: own.map((row) =>
        summary(
          row,
          runs.filter((_, at) => order[at] === row),
        ),
      ),
    };
  });
}

function shuffled(rows: readonly Row[]): Row[] {
  return rows.reduce<Row[]>((mixed, row) => mixed.toSpliced(randomInt(mixed.length + 1), 0, row), []);
}

async function runInOrder(rows: readonly Row[], order: readonly Row[]): Promise<readonly Usage[]> {
  const harness = fileURLToPath(new URL('wait4.py', import.meta.url));
  const child = spawn('python3', [harness], { stdio: ['pipe', 'pipe', 'inherit'] });
  const missing = new Promise<never>((_, reject) => child.once('error', reject));
  const commands = rows.map(({ argv, env = {}, stdin = '' }) => {
    return { argv, env: { PATH: '/usr/bin:/bin', ...env }, stdin };
  });
  child.stdin.end(JSON.stringify({ commands, order: order.map((row) => rows.indexOf(row)) }));
  const lines = (await Promise.race([text(child.stdout), missing])).trimEnd().split('\n');
  if (lines.length !== order.length) throw new Error(`${lines.length} of ${order.length} runs were measured`);
  return lines.map((line, at) => readUsage(line, order[at]?.name ?? ''));
}

function readUsage(line: string, name: string): Usage {
  const json = parseJson(line);
  const number = (member: string): number => {
    const value = isJsonObject(json) ? json[member] : undefined;
    if (typeof value !== 'number') throw new TypeError(`no number ${member} in ${line}`);
    return value;
  };
  if (number('status') !== 0) throw new Error(`"${name}" ended badly: ${line}`);
  return { wall: number('wall'), cpu: number('cpu'), memory: number('memory') };
}

function summary({ name }: Row, runs: readonly Usage[]): Measured {
  const middle = (pick: (usage: Usage) => number): number => median(runs.map(pick));
  return {
    name,
    wall: middle(({ wall }) => wall),
    cpu: middle(({ cpu }) => cpu),
    memory: middle(({ memory }) => memory),
  };
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const [low = Number.NaN, high = Number.NaN] = [sorted[sorted.length - 1 - middle], sorted[middle]];
  return (low + high) / 2;
}
