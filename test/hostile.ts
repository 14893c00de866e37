/**
 * Surroundings in which every black-box test runs the built files: an environment and a working directory full of what
 * some runtime heeds by itself (docs/runtime.md). None of it may change a byte of an answer. What can only be disarmed
 * from outside is not here but in runtime-safety.test.ts.
 */
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const nowhere = '/nonexistent/purser-test';
/** Nothing listens there: whoever asks this proxy gets no answer. */
const deadProxy = 'http://user:pass@127.0.0.1:1';

const everywhere = {
  HOME: nowhere,
  TMPDIR: nowhere,
  TZ: 'Mars/Phobos',
  LC_ALL: 'tr_TR.UTF-8',
  DEBUG: '*',
  HTTP_PROXY: deadProxy,
  HTTPS_PROXY: deadProxy,
  ALL_PROXY: deadProxy,
  http_proxy: deadProxy,
  https_proxy: deadProxy,
  all_proxy: deadProxy,
  NODE_USE_ENV_PROXY: '1',
  NODE_TLS_REJECT_UNAUTHORIZED: '0',
  NODE_PATH: nowhere,
  OPENSSL_CONF: nowhere,
  SSLKEYLOGFILE: nowhere,
  DOCKER_CONFIG: nowhere,
  AWS_PROFILE: 'hostile',
  GOOGLE_APPLICATION_CREDENTIALS: nowhere,
};

/** Bun heeds none of these; Node does, before the first line of a program. */
const standaloneOnly = {
  NODE_DEBUG: '*',
  NODE_DEBUG_NATIVE: '*',
  NODE_OPTIONS: `--require=${nowhere}`,
  NODE_V8_COVERAGE: nowhere,
  NODE_COMPILE_CACHE: nowhere,
  NODE_REDIRECT_WARNINGS: nowhere,
  NODE_CHANNEL_FD: '9',
};

export function hostileEnvironment(build: string): Readonly<Record<string, string>> {
  return build === 'standalone' ? { ...everywhere, ...standaloneOnly } : everywhere;
}

let shared: string | undefined;

/** One for all tests of a file, gone when they end. */
export function hostileFolder(): string {
  if (shared === undefined) {
    const path = mkdtempSync(join(tmpdir(), 'purser-hostile-'));
    process.on('exit', () => rmSync(path, { recursive: true, force: true }));
    fill(path);
    shared = path;
  }
  return shared;
}

/** What runs says so on stdout, where a kubelet would read it. */
const code = `require('node:fs').writeSync(1, 'HOSTILE');`;

function fill(path: string): void {
  // Other users run the program in here too.
  chmodSync(path, 0o755);
  const packages = ['undici', 'zod', 'yaml', 'commander', 'tldts', 'supports-color', 'purser', 'hostile-module'];
  for (const name of packages) {
    mkdirSync(join(path, 'node_modules', name), { recursive: true });
    writeFileSync(join(path, 'node_modules', name, 'index.js'), code);
  }
  const sources = ['preload.js', 'worker.js', 'purser.cjs', 'main.js', 'index.js', 'hostile-module.js'];
  for (const name of sources) writeFileSync(join(path, name), code);
  writeFileSync(join(path, '.env'), `PURSER_CONFIG=${nowhere}\nBUN_OPTIONS=--preload=./preload.js\n`);
  writeFileSync(join(path, '.env.local'), `PURSER_LOG=${path}/log\n`);
  writeFileSync(join(path, 'bunfig.toml'), 'preload = ["./preload.js"]\n');
  writeFileSync(join(path, 'package.json'), '{"type":"module","main":"./main.js"}');
  writeFileSync(join(path, 'tsconfig.json'), '{"compilerOptions":{"paths":{"*":["./index.js"]}}}');
  writeFileSync(join(path, '.npmrc'), 'node-options=--require=./preload.js\n');
  // As a kubelet would find it in its own working directory, if anybody looked there.
  writeFileSync(join(path, 'config.json'), '{"auths":{"registry.example.com":{"auth":"aG9zdGlsZTpob3N0aWxl"}}}');
}
