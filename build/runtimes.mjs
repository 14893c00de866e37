/**
 * Bun's runtime for other machines than the one that builds. They are npm packages of 40 MB each that `npm ci` should
 * not bring to everybody, so `npm run build:all` packs those it lacks into .cache/runtimes, through npm's own client and
 * whatever registry that is set up for. What comes must be what is written down here.
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const cache = join(root, '.cache', 'runtimes');

/**
 * `target` is Bun's name of a machine; `machine` and `interpreter` must be found in what comes out.
 * For Bun 1.4.5. With another version of Bun, `npm view PACKAGE@VERSION dist.integrity` tells what to write here.
 */
export const runtimes = [
  {
    name: 'linux-x64-baseline',
    machine: 'x64',
    interpreter: '/lib64/ld-linux-x86-64.so.2',
    target: 'bun-linux-x64-baseline',
    package: '@oven/bun-linux-x64-baseline@1.4.5',
    integrity: 'sha512-s8yMwYcFnnrA178gji0gZbkE2WVDej/Ti1x770oPfihxyRxSMNhGhiAQNXV53aDeraZxksdvKV/RAdQBCd0qPA==',
  },
  {
    name: 'linux-x64-musl',
    machine: 'x64',
    interpreter: '/lib/ld-musl-x86_64.so.1',
    target: 'bun-linux-x64-musl',
    package: '@oven/bun-linux-x64-musl@1.4.5',
    integrity: 'sha512-10QoW/YfTgnURaGEaHpJCiXjLI2e5iTtfVDaA5JKcyUzaa1cq6cVUY9/Uq5XkYzvtRjHLRe9Oj/lTDIQcxy8HQ==',
  },
  {
    name: 'linux-arm64',
    machine: 'arm64',
    interpreter: '/lib/ld-linux-aarch64.so.1',
    target: 'bun-linux-arm64',
    package: '@oven/bun-linux-aarch64@1.4.5',
    integrity: 'sha512-4BXmsSKnjOrlGWqZV4x/oWa7AVoR+B6lCXddMzOAXBIm3t50eslg9wb66gmtW1AamEQ1l1CDvmmruysEhqOWMg==',
  },
  {
    name: 'linux-arm64-musl',
    machine: 'arm64',
    interpreter: '/lib/ld-musl-aarch64.so.1',
    target: 'bun-linux-arm64-musl',
    package: '@oven/bun-linux-aarch64-musl@1.4.5',
    integrity: 'sha512-XCNc+WvvMAdNNb+OWTogpy+N9wm62fkVeEVLb6how0RZhW5LPi6c7BlkeVCuWps7XjEl2saFpHFa20/1E+PAHg==',
  },
];

/** `{ target, executable }` for compile; packs and unpacks the runtime if it is not in the cache. */
export function fetchRuntime(runtime) {
  const folder = join(cache, runtime.package.replaceAll('/', '+'));
  const executable = join(folder, 'bun');
  if (!existsSync(executable)) unpack(runtime, folder);
  return { target: runtime.target, executable };
}

function unpack(runtime, folder) {
  mkdirSync(cache, { recursive: true });
  const stage = mkdtempSync(join(cache, 'new-'));
  try {
    const tarball = pack(runtime, stage);
    checkIntegrity(runtime, tarball);
    execFileSync('tar', ['-xzf', tarball, '-C', stage, '--strip-components=2', 'package/bin/bun']);
    rmSync(tarball);
    rmSync(folder, { recursive: true, force: true });
    renameSync(stage, folder);
  } finally {
    rmSync(stage, { recursive: true, force: true });
  }
}

function pack(runtime, folder) {
  const options = ['--json', '--ignore-scripts', '--pack-destination', folder];
  const text = execFileSync('npm', ['pack', runtime.package, ...options], {
    cwd: folder,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  return join(folder, JSON.parse(text)[0].filename);
}

/** Throws unless the file is the one that was written down. */
export function checkIntegrity({ package: name, integrity }, tarball) {
  const found = `sha512-${createHash('sha512').update(readFileSync(tarball)).digest('base64')}`;
  if (found !== integrity) throw new Error(`${name} is not the file it was: ${found} came instead of ${integrity}`);
}
