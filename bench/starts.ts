/**
 * What an answer costs that needs no network: a kubelet starts a process for each, in bursts, when a node boots. Beside it
 * two programs of the same runtime, made the same way: an empty one, which nobody can undercut, and one that only reads
 * its stdin and writes it out, which any plugin has to do.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { compile } from '../build/executable.mjs';
import { builds, requestFor } from '../test/built.ts';
import type { Row, Table } from './measure.ts';

/** `folder` takes configs and empty programs; nobody else may write there. */
export function startTables(folder: string): readonly Table<Row>[] {
  const file = (name: string, content: string): string => {
    const path = join(folder, name);
    writeFileSync(path, content, { mode: 0o600 });
    return path;
  };
  const asked = requestFor('registry.example.com/team/app');
  const other = requestFor('docker.io/library/busybox');
  const password = file('password', 'correct-horse-battery\n');
  const json = file('config.json', JSON.stringify(config({ username: 'robot', passwordFile: password }, 'static')));
  const yaml = file('config.yaml', yamlConfig(password));
  const auths = { 'registry.example.com': { auth: Buffer.from('robot:correct-horse-battery').toString('base64') } };
  const dockerConfig = file('docker.json', JSON.stringify({ auths }));
  const docker = file('docker-config.json', JSON.stringify(config({ path: dockerConfig }, 'docker-config')));

  return floors(folder).map(({ title, empty, echo }, index) => {
    const argv = builds[index]?.command ?? [];
    const answer = (name: string, path: string, stdin = asked): Row => {
      return { name, argv, stdin, env: { PURSER_CONFIG: path } };
    };
    const rows = [
      { name: 'empty program', argv: empty },
      { name: 'reads stdin, writes stdout', argv: echo, stdin: asked },
      answer('static, JSON config', json),
      answer('static, YAML config', yaml),
      answer('docker-config', docker),
      answer('no entry matches, JSON config', json, other),
    ];
    return { title, rows };
  });
}

function config(options: Readonly<Record<string, string>>, provider: string): object {
  const registries = [{ matchImages: ['registry.example.com'], provider, ...options }];
  return { apiVersion: 'purser/v1', kind: 'PurserConfig', registries };
}

function yamlConfig(password: string): string {
  return `apiVersion: purser/v1
kind: PurserConfig
registries:
  - matchImages: ["registry.example.com"]
    provider: static
    username: robot
    passwordFile: ${password}
`;
}

interface Floors {
  readonly title: string;
  readonly empty: readonly string[];
  readonly echo: readonly string[];
}

/** In the order of the built files, with the same flags. */
function floors(folder: string): readonly Floors[] {
  const make = (name: string, text: string): { source: string; compiled: string } => {
    const paths = { source: join(folder, `${name}.cjs`), compiled: join(folder, name) };
    writeFileSync(paths.source, text);
    compile(paths.source, paths.compiled);
    return paths;
  };
  const empty = make('empty', '');
  const echo = make('echo', `const { readFileSync, writeSync } = require('node:fs'); writeSync(1, readFileSync(0));`);
  const node = builds[0].command.slice(0, -1);
  return [
    { title: 'portable, on Node', empty: [...node, empty.source], echo: [...node, echo.source] },
    { title: 'standalone, Bun inside', empty: [empty.compiled], echo: [echo.compiled] },
  ];
}
