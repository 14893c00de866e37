/** Lines about arguments, and about the files that commands read. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { folder } from '../built.ts';
import { commandLine, type Group, settled } from './line.ts';

const wrongArguments = [
  ['gte'],
  ['frobnicate'],
  ['--confg', 'x'],
  ['get'],
  ['get', 'reg.example/app', 'reg.example/other'],
  ['get', 'reg.example/app', '--output', 'xml'],
  ['get', 'reg.example/app', '--config'],
  ['get', 'reg.example/app', '--annotation', 'role'],
  ['verify', 'reg.example/app', '--platform', 'linux'],
  ['verify', 'reg.example/app', '--level', 'half'],
  ['explain', 'reg.example/app', '--credential-provider-config', '/etc/k.yaml', '--kubelet-version', 'new'],
  ['lint', 'f', '--kind', 'pod'],
] as const;

export const commandGroups: readonly Group[] = [
  {
    title: 'Arguments',
    async lines() {
      const lines: string[] = [];
      for (const argv of wrongArguments) lines.push(await commandLine(argv));
      lines.push(await commandLine(['get', 'reg.example/app', '--config', 'c'], { startDirectory: undefined }));
      return lines;
    },
  },
  {
    title: 'Files that commands read',
    async lines(t) {
      const path = folder(t, { token: '', 'kubelet.yaml': 'kind: Pod\n', 'docker.json': '{"auths":7}' });
      const config = JSON.stringify({
        apiVersion: 'purser/v1',
        kind: 'PurserConfig',
        registries: [{ matchImages: ['reg.example'], provider: 'docker-config', path: join(path, 'docker.json') }],
      });
      writeFileSync(join(path, 'config.json'), config);
      const lines = [
        await commandLine(['get', 'reg.example/app', '--config', join(path, 'absent.yaml')]),
        await commandLine(['get', 'reg.example/app', '--service-account-token-file', join(path, 'token')]),
        await commandLine(['get', 'reg.example/app', '--config', join(path, 'config.json')]),
        await commandLine(['explain', 'reg.example/app', '--credential-provider-config', join(path, 'kubelet.yaml')]),
      ];
      return lines.map((line) => settled(line, [path]));
    },
  },
];
