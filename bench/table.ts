/** Measurements as ratios to the first row of their table, with that row's figures beside them. */
import type { Measured, Table } from './measure.ts';

export function printTable({ title, rows }: Table<Measured>): void {
  const [base] = rows;
  if (base === undefined) return;
  const width = Math.max(title.length, ...rows.map(({ name }) => name.length + 2)) + 2;
  console.log(`\n${title.padEnd(width)}${['wall', 'CPU', 'memory'].map((name) => name.padStart(16)).join('')}`);
  for (const row of rows) {
    const cell = (value: number, of: number, unit: string): string => {
      return (row === base ? `1.00 = ${unit}` : (value / of).toFixed(2)).padStart(16);
    };
    const cells = [
      cell(row.wall, base.wall, milliseconds(row.wall)),
      cell(row.cpu, base.cpu, milliseconds(row.cpu)),
      cell(row.memory, base.memory, `${(row.memory / 1024 / 1024).toFixed(0)} MiB`),
    ];
    console.log(`  ${row.name}`.padEnd(width) + cells.join(''));
  }
}

function milliseconds(seconds: number): string {
  return `${(seconds * 1000).toFixed(seconds < 0.1 ? 1 : 0)} ms`;
}
