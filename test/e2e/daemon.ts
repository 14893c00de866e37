/**
 * A program of others that runs beside the tests, its output in a file. It dies with the process that started it, however
 * that one ends.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { createLog, type Log } from './log.ts';
import { until } from './until.ts';

export interface DaemonOptions {
  /** Of its log file, to which it appends. */
  readonly name: string;
  readonly command: readonly string[];
  /** Takes the log. */
  readonly folder: string;
  /** The whole environment; default: ours. */
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
}

export interface Daemon {
  readonly pid: number;
  readonly log: Log;
  /** How it ended, if it has. */
  ended(): string | undefined;
  /** The first sign that it is up; when it has ended instead, fails at once with the end of its log. */
  ready<T>(what: string, look: () => T | Promise<T>): Promise<Exclude<T, undefined | false>>;
  /** Asks it to end, and after ten seconds no longer asks. Resolves when it is gone. */
  stop(signal?: NodeJS.Signals): Promise<void>;
}

export function startDaemon({ name, command, folder, env, cwd }: DaemonOptions): Daemon {
  const path = join(folder, `${name}.log`);
  const output = openSync(path, 'a', 0o600);
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', '--', ...command], {
    stdio: ['ignore', output, output],
    ...(env === undefined ? {} : { env }),
    ...(cwd === undefined ? {} : { cwd }),
  });
  closeSync(output);
  // A daemon that nobody stopped must not keep the tests from ending; it goes with them.
  child.unref();
  const log = createLog(path);
  let failure: string | undefined;
  child.on('error', (error) => {
    failure = error.message;
  });
  const ended = (): string | undefined => failure ?? endOf(child);
  const tail = (): string => log.text().slice(-4000);
  return {
    pid: child.pid ?? 0,
    log,
    ended,
    ready(what, look) {
      const sign = () => {
        const end = ended();
        if (end !== undefined) throw new Error(`${name} ended with ${end}:\n${tail()}`);
        return look();
      };
      return until(`${name}: ${what}`, sign, { seen: tail });
    },
    async stop(signal = 'SIGTERM') {
      if (ended() !== undefined) return;
      const gone = new Promise((resolve) => child.once('exit', resolve));
      child.kill(signal);
      const impatience = setTimeout(() => child.kill('SIGKILL'), 10_000);
      await gone;
      clearTimeout(impatience);
    },
  };
}

function endOf({ exitCode, signalCode }: ChildProcess): string | undefined {
  return signalCode ?? (exitCode === null ? undefined : `code ${exitCode}`);
}
