/** The rules of biome.json that keep the program safe: each refuses what it is there for, except where it is at home. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { folder } from './built.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Code that must not be written, the rule that refuses it, and the one file that may hold it. */
const refused: readonly (readonly [name: string, code: string, rule: string, home?: string])[] = [
  ['fetch', 'export const a = fetch("a");', 'style/noRestrictedGlobals', 'src/http.ts'],
  ['bun', 'export const b = Bun.version;', 'style/noRestrictedGlobals', 'src/http.ts'],
  ['global-this', 'export const c = globalThis;', 'style/noRestrictedGlobals', 'src/http.ts'],
  ['undici', "import { Agent } from 'undici';\nexport const d = Agent;", 'style/noRestrictedImports', 'src/http.ts'],
  ['process', 'export const a = process.env;', 'style/noRestrictedGlobals', 'src/main.ts'],
  ['timer', 'export const b = setTimeout(Math.random, 1);', 'style/noRestrictedGlobals', 'src/main.ts'],
  ['clock', 'export const c = performance.now();', 'style/noRestrictedGlobals', 'src/main.ts'],
  ['child', "import { spawn } from 'node:child_process';\nexport const a = spawn;", 'style/noRestrictedImports'],
  ['console', 'console.log(1);', 'suspicious/noConsole'],
  ['require', 'export const a = require("a");', 'style/noCommonJs'],
  ['folder-name', 'export const a = __dirname;', 'correctness/noGlobalDirnameFilename'],
  ['no-prefix', "import { join } from 'path';\nexport const a = join;", 'style/useNodejsImportProtocol'],
  ['silent', 'try {\n  JSON.parse("1");\n} catch {}', 'suspicious/noEmptyBlockStatements'],
  ['any', 'export const a: any = 1;', 'suspicious/noExplicitAny'],
  ['eval', 'eval("1");', 'security/noGlobalEval'],
];

test('code that would undo a guard is refused before it runs (R-SEC-06)', (t) => {
  const { $schema: _, vcs: __, ...config } = JSON.parse(readFileSync(join(root, 'biome.json'), 'utf8'));
  const files: Record<string, string> = { 'biome.json': JSON.stringify(config) };
  for (const [name, code, , home] of refused) {
    files[`src/${name}.ts`] = `${code}\n`;
    if (home !== undefined) files[home] = `${files[home] ?? ''}${code}\n`;
  }
  const biome = join(root, 'node_modules/.bin/biome');
  const { stdout } = spawnSync(biome, ['lint', '--reporter=json', '.'], { cwd: folder(t, files), encoding: 'utf8' });
  const { diagnostics }: { diagnostics: readonly Diagnostic[] } = JSON.parse(stdout);
  const found = diagnostics.map(({ location, category }) => `${location.path} ${category}`);
  const expected = refused.map(([name, , rule]) => `src/${name}.ts lint/${rule}`);
  assert.deepEqual(found.sort(), expected.sort());
});

interface Diagnostic {
  readonly category: string;
  readonly location: { readonly path: string };
}
