/**
 * `npm run demo`: what purser is for, told step by step to someone who has never seen a kubelet. Everything is real (the
 * built executable, HTTP, tokens, digests) and on loopback; nothing is left behind. Ends with SUCCESS and exit code 0, or
 * with a FAILED line and 1.
 */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { decodeResponse, encodeRequest } from '../src/kubelet/api.ts';
import { builds, type RunOptions, type RunResult, run } from '../test/built.ts';
import type { Content } from '../test/fake/content.ts';
import { createDemoImage } from '../test/fake/image.ts';
import { type Registry, startRegistry } from '../test/fake/registry.ts';
import { check, heading, mebibytes, say, show } from './stage.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const username = 'robot';
const password = 'correct-horse-battery';
const demoImage = createDemoImage();
const apiVersion = 'credentialprovider.kubelet.k8s.io/v1';

// An exit handler is the one place that also runs after Ctrl-C.
const folder = mkdtempSync(join(tmpdir(), 'purser-demo-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
process.once('SIGINT', () => process.exit(130));
process.once('SIGTERM', () => process.exit(143));

try {
  await tell();
  console.log('\nSUCCESS');
} catch (error) {
  console.log(`\nFAILED: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}

async function tell(): Promise<void> {
  say(
    'On each machine of a Kubernetes cluster an agent, the kubelet, starts containers from images. To fetch an image',
  );
  say('from a private registry it needs a password, and asks a small program for one. purser is that program.');
  await buildExecutable();
  const registry = await openRegistry();
  try {
    const config = writeConfig(registry);
    await answerKubelet(registry.host, config);
    await proveCredential(registry, config);
    await refuseWrongPassword(registry, config);
  } finally {
    await registry.close();
  }
}

async function buildExecutable(): Promise<void> {
  heading('The program is built: one file, to be copied onto a node');
  await promisify(execFile)(process.execPath, [join(root, 'build.mjs')]);
  say(`dist/purser, ${mebibytes(statSync(join(root, 'dist/purser')).size)}, needs nothing else installed`);
}

async function openRegistry(): Promise<Registry> {
  heading('A private registry opens, on this machine only');
  const registry = await startRegistry({ auth: { mode: 'bearer', users: { [username]: password } } });
  registry.add('demo/app', '1.0', demoImage);
  const bytes = [...demoImage.manifests, ...demoImage.blobs].reduce((sum, { size }) => sum + size, 0);
  say(`${registry.url} holds demo/app:1.0, an image for two kinds of machine, ${mebibytes(bytes)} in all.`);
  say('It gives nothing to strangers: a client has to fetch a token with a user name and a password first.');
  return registry;
}

function writeConfig(registry: Registry): string {
  heading('An administrator writes down which registry has which password, and where');
  const config = join(folder, 'config.yaml');
  const passwordFile = join(folder, 'password');
  const text = [
    'apiVersion: purser/v1',
    'kind: PurserConfig',
    'registries:',
    `  - matchImages: ["${registry.host}"]`,
    '    provider: static',
    `    username: ${username}`,
    `    passwordFile: ${passwordFile}`,
    '    plainHTTP: true   # this demo has no certificates; a real registry does not need this line',
    '',
  ].join('\n');
  writeFileSync(config, text, { mode: 0o600 });
  writeFileSync(passwordFile, `${password}\n`, { mode: 0o600 });
  show(text);
  return config;
}

async function answerKubelet(host: string, config: string): Promise<void> {
  heading('A kubelet asks: it starts purser and writes this to its standard input');
  const request = encodeRequest({ apiVersion, image: `${host}/demo/app` });
  show(request);
  const result = await purser({ stdin: request, env: { PURSER_CONFIG: config } });
  say('purser answers on its standard output (the password is hidden only here) and is gone:');
  show(result.stdout.replaceAll(password, '********'));
  check('it ended well, without a word of complaint', [result.code, result.stderr], [0, '']);
  const decoded = decodeResponse(result.stdout, apiVersion);
  const credentials = 'auth' in decoded ? decoded.auth : decoded;
  check(
    'a kubelet reads in it this credential, for all of this registry',
    { ...credentials },
    { [host]: { username, password } },
  );
}

async function proveCredential(registry: Registry, config: string): Promise<void> {
  heading('Is that password any good? purser pulls the image with what the kubelet got, and looks at every byte');
  const already = registry.requests.length;
  const result = await verify(registry, config);
  say('What the registry gave out meanwhile, each piece named by the digest of its bytes:');
  const given = registry.requests.slice(already).flatMap(({ path, status, sent }) => {
    const [digest] = /sha256:[0-9a-f]{64}$/.exec(path) ?? [];
    return digest !== undefined && status === 200 && sent > 0 ? [{ digest, sent }] : [];
  });
  for (const { digest, sent } of given)
    say(`  ${digest.slice(0, 19)}…  ${`${sent}`.padStart(8)} bytes  ${kindOf(digest)}`);
  check('it ended with exit code 0', result.code, 0);
  const wanted = [demoImage.top, ...ownParts()].map(({ digest, size }) => ({ digest, sent: size }));
  const inOrder = (parts: typeof wanted) => parts.toSorted((a, b) => (a.digest < b.digest ? -1 : 1));
  check('those are the parts for a linux/amd64 machine, each once and whole', inOrder(given), inOrder(wanted));
}

async function refuseWrongPassword(registry: Registry, config: string): Promise<void> {
  heading(
    'The password on the node is an old one: the kubelet would get it all the same, and the image would not come',
  );
  writeFileSync(join(folder, 'password'), 'yesterdays-password\n');
  const result = await verify(registry, config);
  check('its verdict is that the credential is denied', /^ {2}([a-z-]+): /m.exec(result.stdout)?.[1], 'denied');
  check('it ended with exit code 5, which is for that', result.code, 5);
}

async function verify(registry: Registry, config: string): Promise<RunResult> {
  const args = ['verify', `${registry.host}/demo/app:1.0`, '--platform', 'linux/amd64', '--config', config];
  show(`$ purser ${args.join(' ')}`);
  const result = await purser({ args });
  show(result.stdout + result.stderr);
  return result;
}

/** Manifest, config and layers of the first platform, which is linux/amd64. */
function ownParts(): readonly Content[] {
  const half = demoImage.blobs.length / 2;
  return [...demoImage.manifests.slice(1, 2), ...demoImage.blobs.slice(0, half)];
}

function kindOf(digest: string): string {
  const type = [...demoImage.manifests, ...demoImage.blobs].find((part) => part.digest === digest)?.mediaType ?? '';
  return /index|manifest|config|layer/.exec(type)?.[0] ?? 'unknown';
}

/** The standalone file; runs as a kubelet would run it. */
function purser(options: RunOptions): Promise<RunResult> {
  return run(builds[1], options);
}
