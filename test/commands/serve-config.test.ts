/** F-D05: a config that cannot be used is said to be so, with file, line and column, and nothing of it is used. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, copyFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { builds, folder, notRoot, requestFor, run } from '../built.ts';

const request = requestFor('reg.example/app');
const canary = 'CANARY-90ab1c';
const head = 'apiVersion: purser/v1\nkind: PurserConfig\nregistries:\n';
const entry = `  - matchImages: [reg.example]\n    provider: static\n    username: robot\n    password: ${canary}\n`;
const json = (more: string): string => {
  return `{"apiVersion":"purser/v1","kind":"PurserConfig","registries":[{"matchImages":["reg.example"],"provider":"static","username":"robot","password":"${canary}"${more}}]}`;
};
const bomb = Array.from({ length: 9 }, (_, n) => `${'abcdefghij'[n + 1]}: &${n + 1} [${`*${n},`.repeat(9)}]\n`).join(
  '',
);

for (const [what, content, code, found] of [
  ['is empty', '', 'CONFIG_SYNTAX', /at 1:1: the file is empty/],
  ['holds a comment only', '# nothing\n', 'CONFIG_SYNTAX', /at 1:1: /],
  ['is cut short, as JSON', json('').slice(0, -2), 'CONFIG_SYNTAX', /at 1:\d+: not valid JSON/],
  ['is cut short, as YAML', `${head}  - matchImages: [reg`, 'CONFIG_SYNTAX', /at 4:\d+: /],
  ['is indented by tabs', `${head}\t- a\n`, 'CONFIG_SYNTAX', /4:\d+: a tab is used to indent/],
  [
    'holds a member twice, as YAML',
    `${head}${entry}    username: other\n`,
    'CONFIG_SYNTAX',
    /at 8:5: a member appears twice/,
  ],
  ['holds a member twice, as JSON', json(',"username":"other"'), 'CONFIG_SYNTAX', /at 1:\d+: a member appears twice/],
  ['holds __proto__', json(',"__proto__":{}'), 'CONFIG_SYNTAX', /at 1:\d+: a member is named __proto__/],
  ['holds a second document', `${head}${entry}---\n${head}`, 'CONFIG_SYNTAX', /8:1: a second document follows/],
  [
    'holds aliases that unfold to gigabytes',
    `a: &0 [1]\n${bomb}`,
    'CONFIG_SYNTAX',
    /at \d+:\d+: aliases are not accepted/,
  ],
  ['is nested 10,000 deep', `${json(',"x":')}${'['.repeat(10_000)}`, 'CONFIG_SYNTAX', /at 1:\d+: /],
  ['holds an unknown tag', `${head}  - !!js/function x\n`, 'CONFIG_SYNTAX', /4:\d+: /],
  [
    'has an unknown member',
    `${head}${entry}    cacheDuratoin: 5m\n`,
    'CONFIG_INVALID',
    /at 8:5: .*did you mean cacheDuration\?/,
  ],
  ['has a list where a text belongs', json(',"caFile":[]'), 'CONFIG_INVALID', /at 1:\d+: registries\[0\]\.caFile: /],
  ['is a list', `[${json('')}]`, 'CONFIG_SYNTAX', /at 1:1: a list stands where a mapping belongs/],
  [
    'is of a later version',
    json('').replace('purser/v1', 'purser/v2'),
    'CONFIG_INVALID',
    /at 1:15: apiVersion: write purser\/v1/,
  ],
  ['is not UTF-8', Buffer.from(`${head}${entry}# \xff\n`, 'latin1'), 'FILE_ENCODING', /its bytes are not UTF-8/],
  ['is larger than 1 MiB', `${json('')}${' '.repeat(10_000_000)}`, 'FILE_TOO_LARGE', /more than 1048576 bytes/],
] as const) {
  for (const build of builds) {
    test(`${build.name}: a config that ${what} ends with 2 (F-D05)`, async (t) => {
      const config = join(folder(t, { config: '' }), 'config');
      writeFileSync(config, content);
      const result = await run(build, { stdin: request, env: { PURSER_CONFIG: config } });
      assert.equal(result.code, 2, result.stderr);
      assert.equal(result.stdout, '');
      assert.match(result.stderr, new RegExp(`^purser: ${code}: reading [^\\n]*"${config}": [^\\n]+$`));
      assert.match(result.stderr, found);
      assert.doesNotMatch(result.stderr, new RegExp(canary));
    });
  }
}

const [, standalone] = builds;

for (const [what, make, code, found] of [
  ['is missing', (path: string) => rmSync(path), 'CONFIG_MISSING', /no such file/],
  [
    'is a link to itself',
    (path: string) => execFileSync('sh', ['-c', `rm ${path}; ln -s ${path} ${path}`]),
    'FILE_READ',
    /\(ELOOP\)/,
  ],
  [
    'is a folder',
    (path: string) => execFileSync('sh', ['-c', `rm ${path}; mkdir ${path}`]),
    'FILE_READ',
    /not a regular/,
  ],
  [
    'is a FIFO',
    (path: string) => execFileSync('sh', ['-c', `rm ${path}; mkfifo ${path}`]),
    'FILE_READ',
    /not a regular/,
  ],
] as const) {
  test(`a config that ${what} ends with 2 (F-D05)`, async (t) => {
    const config = join(folder(t, { config: json('') }), 'config');
    make(config);
    const result = await run(standalone, { stdin: request, env: { PURSER_CONFIG: config } });
    assert.equal(result.code, 2);
    assert.match(result.stderr, new RegExp(`^purser: ${code}: `));
    assert.match(result.stderr, found);
  });
}

test('a config that the running user cannot read ends with 2 (F-D05)', { skip: notRoot }, async (t) => {
  const path = folder(t, { config: json('') });
  chmodSync(path, 0o755);
  copyFileSync(standalone.command[0], join(path, 'purser'));
  chmodSync(join(path, 'purser'), 0o755);
  const command = ['setpriv', '--reuid', '65534', '--regid', '65534', '--clear-groups', join(path, 'purser')];
  const result = await run(
    { name: 'nobody', command },
    { stdin: request, env: { PURSER_CONFIG: join(path, 'config') } },
  );
  assert.equal(result.code, 2);
  assert.match(result.stderr, /^purser: FILE_READ: .*the system refused it \(EACCES\)/);
});
