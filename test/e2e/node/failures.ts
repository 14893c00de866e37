/**
 * Every way in which purser fails so far, as far as a kubelet can bring it about. A kubelet sends no request but good
 * ones, so a wrapper that spoils it stands for those. Not here: exit codes of providers that ask a network (none does
 * yet), the limit of 25 s (none waits), a terminal's, and the kubelet's own limit of a minute.
 */
import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ErrorCode } from '../../../src/errors.ts';
import { configText, type Install, type InstallOptions, wrapper } from './installs.ts';
import { type Node, user } from './node.ts';

export interface Failure {
  readonly what: string;
  /** More than its name and password. */
  readonly options?: (node: Node) => Partial<InstallOptions>;
  /** Breaks it, when it is otherwise ready. */
  readonly spoil?: (install: Install) => void;
  /** What happens to the process while the kubelet waits for it, and what it then says. */
  readonly struck?: { readonly signal: NodeJS.Signals; readonly stderr: string };
  /** How the run ends, as Go says it. */
  readonly ending: string;
  /** Of its line. */
  readonly code?: ErrorCode;
}

/** By the name of the provider that fails so. */
export const failures: Readonly<Record<string, Failure>> = {
  'config-missing': {
    what: 'a config that is not there',
    spoil: ({ config }) => rmSync(config),
    ending: 'exit status 2',
    code: 'CONFIG_MISSING',
  },
  'config-syntax': {
    what: 'a config that is cut short after its password',
    spoil: ({ config, image, password }) => {
      const entry = { matchImages: [image], provider: 'static', username: user, password };
      writeFileSync(config, configText(entry).slice(0, -3), { mode: 0o600 });
    },
    ending: 'exit status 2',
    code: 'CONFIG_SYNTAX',
  },
  'config-invalid': {
    what: 'a config with two mistakes',
    spoil: ({ config, image, password }) => {
      const entry = { matchImages: [image], provider: 'statik', username: user, password, cacheDuration: '1d' };
      writeFileSync(config, configText(entry), { mode: 0o600 });
    },
    ending: 'exit status 2',
    code: 'CONFIG_INVALID',
  },
  'config-open': {
    what: 'a config with a password that others may read',
    spoil: ({ config, image, password }) => {
      writeFileSync(config, configText({ matchImages: [image], provider: 'static', username: user, password }));
    },
    ending: 'exit status 2',
    code: 'FILE_TRUST',
  },
  'config-relative': {
    what: 'a config that is named by a relative path',
    options: () => ({ args: ['--config=purser.json'] }),
    ending: 'exit status 2',
    code: 'CONFIG_READ',
  },
  'argument-unknown': {
    what: 'an argument that it does not have',
    options: () => ({ args: ['--conf=/etc/purser/config.yaml'] }),
    ending: 'exit status 2',
    code: 'USAGE',
  },
  'secret-missing': {
    what: "a secret's file that is not there",
    spoil: ({ secret }) => rmSync(secret),
    ending: 'exit status 2',
    code: 'FILE_MISSING',
  },
  'secret-open': {
    what: "a secret's file that others may read",
    spoil: ({ secret }) => chmodSync(secret, 0o644),
    ending: 'exit status 2',
    code: 'FILE_TRUST',
  },
  'secret-empty': {
    what: "a secret's file that is empty",
    spoil: ({ secret }) => writeFileSync(secret, '\n'),
    ending: 'exit status 2',
    code: 'FILE_EMPTY',
  },
  'docker-config': {
    what: 'a docker config that is cut short after its password',
    spoil: ({ config, image, secret, password }) => {
      writeFileSync(secret, JSON.stringify({ auths: { [image]: { username: user, password } } }).slice(0, -2));
      writeFileSync(config, configText({ matchImages: [image], provider: 'docker-config', path: secret }));
    },
    ending: 'exit status 2',
    code: 'FILE_CONTENT',
  },
  'image-host': {
    what: 'an image of a host that not everybody reads alike',
    options: ({ containerd, registries }) => {
      containerd.route('0177.0.0.1', registries.password.host);
      return { host: '0177.0.0.1' };
    },
    ending: 'exit status 3',
    code: 'REQ_IMAGE',
  },
  'token-missing': {
    what: "a pod's token, of which the kubelet was told nothing",
    spoil: ({ config, image }) => {
      const entry = { matchImages: [image], provider: 'service-account-token', audience: 'registry.example.com' };
      writeFileSync(config, configText({ ...entry, kubeletCacheType: 'Token' }));
    },
    ending: 'exit status 4',
    code: 'TOKEN_MISSING',
  },
  'request-gone': {
    what: 'a wrapper that reads the request itself',
    options: ({ purser }) => ({ place: wrapper(`cat >/dev/null; exec ${purser.program} "$@"`) }),
    ending: 'exit status 3',
    code: 'REQ_EMPTY',
  },
  'request-late': {
    what: 'a request that does not end within five seconds',
    options: stalled,
    ending: 'exit status 7',
    code: 'REQ_TIMEOUT',
  },
  'stdout-full': {
    what: 'a wrapper that sends stdout to a full disk',
    options: ({ purser }) => ({ place: wrapper(`exec ${purser.program} "$@" >/dev/full`) }),
    ending: 'exit status 8',
    code: 'OUTPUT',
  },
  terminated: {
    what: 'a SIGTERM while it waits',
    options: stalled,
    struck: { signal: 'SIGTERM', stderr: 'purser: STOPPED: running: SIGTERM came; run it again' },
    ending: 'exit status 143',
  },
  killed: {
    what: 'a SIGKILL while it waits',
    options: stalled,
    struck: { signal: 'SIGKILL', stderr: '' },
    ending: 'signal: killed',
  },
};

/** Waits for a request that never ends, because it keeps the other end of its own stdin open. */
function stalled({ purser, folder }: Node): Partial<InstallOptions> {
  const pipe = join(folder, 'never-ending');
  if (!existsSync(pipe)) execFileSync('mkfifo', [pipe]);
  return { place: wrapper(`exec ${purser.program} "$@" <>${pipe}`) };
}
