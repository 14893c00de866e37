/** Loads files of tests with a node:test that notes what it is given and runs nothing; prints the notes as JSON. */
import { createRequire, syncBuiltinESMExports } from 'node:module';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Scenario } from './scenarios.ts';

const scenarios: Scenario[] = [];
let file = '';
let suites: readonly Suite[] = [];

interface Suite {
  readonly name: string;
  readonly skip: unknown;
}

/** node:test takes options between the name and the function, or none. */
type Rest = readonly [options: { readonly skip?: unknown } | Body, body?: Body];
type Body = () => void;

function describe(name: string, ...[options, body]: Rest): void {
  const around = suites;
  suites = [...suites, { name, skip: skipOf(options) }];
  (typeof options === 'function' ? options : body)?.();
  suites = around;
}

function test(name: string, ...[options]: Rest): void {
  const path = [...suites, { name, skip: skipOf(options) }];
  const skip = path.map((part) => part.skip).find((reason) => reason !== undefined && reason !== false);
  const why = skip === undefined ? {} : { skip: skip === true ? 'no reason given' : String(skip) };
  scenarios.push({ file, name: path.map((part) => part.name).join(' '), skip: undefined, ...why });
}

function skipOf(options: Rest[0]): unknown {
  return typeof options === 'function' ? undefined : options.skip;
}

const nothing = (): void => undefined;
const hooks = { before: nothing, after: nothing, beforeEach: nothing, afterEach: nothing };
Object.assign(createRequire(import.meta.url)('node:test'), { describe, suite: describe, test, it: test, ...hooks });
syncBuiltinESMExports();

for (file of process.argv.slice(2)) await import(pathToFileURL(resolve(file)).href);
console.log(JSON.stringify(scenarios));
