/** What a plugin does with a request that is not one, and with images made to break it. Ids: docs/requirements.md. */
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, readFileSync, writeSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import { builds, folder, requestFor, run, shell, untilStarted } from '../built.ts';
import { createPipe } from '../pipe.ts';

const good = requestFor('registry.example.com/team/app');
const emptyConfig = '{"apiVersion":"purser/v1","kind":"PurserConfig"}';
const nothing =
  '{"apiVersion":"credentialprovider.kubelet.k8s.io/v1","kind":"CredentialProviderResponse","cacheKeyType":"Image","cacheDuration":"0s","auth":null}\n';

const refusals: readonly (readonly [string, string | Uint8Array, string])[] = [
  ['nothing at all (F-I01)', '', 'REQ_EMPTY'],
  ['white space only (F-I01)', ' \n\t', 'REQ_EMPTY'],
  ['a document that is cut short (F-I02)', good.slice(0, -3), 'REQ_SYNTAX'],
  [
    'one byte more than 1 MiB (F-I03, R-REQ-01)',
    `${' '.repeat(1024 * 1024 + 1 - good.length)}${good}`,
    'REQ_TOO_LARGE',
  ],
  [
    'bytes that are not UTF-8 (F-I06, R-REQ-02)',
    Buffer.from(good.replace('team', '\xff\xfe'), 'latin1'),
    'REQ_ENCODING',
  ],
  ['a byte order mark (F-I06)', `\uFEFF${good}`, 'REQ_ENCODING'],
  ['UTF-16 (F-I06)', Buffer.from(good, 'utf16le'), 'REQ_ENCODING'],
  ['a NUL (F-I06)', good.replace('team', 'te\0am'), 'REQ_ENCODING'],
  ['another kind (F-I07)', good.replace('Request', 'Response'), 'REQ_VERSION'],
  ['another group (F-I07)', good.replace('credentialprovider.', 'other.'), 'REQ_VERSION'],
  ['a version of the future (F-I07)', requestFor('a.example/b', 'v2'), 'REQ_VERSION'],
  ['a member twice (F-I08, R-REQ-03)', good.replace('{', '{"kind":"CredentialProviderRequest",'), 'REQ_SYNTAX'],
  ['a member twice in the depth (R-REQ-03)', good.replace('}', ',"x":{"y":[{"a":1,"a":1}]}}'), 'REQ_SYNTAX'],
  ['a member named __proto__ (F-I08, R-REQ-03)', good.replace('}', ',"x":{"__proto__":{}}}'), 'REQ_SYNTAX'],
  ['NaN (R-REQ-03)', good.replace('}', ',"x":NaN}'), 'REQ_SYNTAX'],
  ['a nesting of 100,000 (F-I08, R-REQ-03)', `${'['.repeat(100_000)}${']'.repeat(100_000)}`, 'REQ_SYNTAX'],
  ['a nesting of 33 (R-REQ-03)', good.replace('}', `,"x":${'['.repeat(32)}${']'.repeat(32)}}`), 'REQ_SYNTAX'],
  ['a list (F-I10)', `[${good}]`, 'REQ_INVALID'],
  ['two documents (F-I10)', good + good, 'REQ_SYNTAX'],
  ['text after the document (F-I10)', `${good}x`, 'REQ_SYNTAX'],
  ['an empty image (F-I09)', requestFor(''), 'REQ_IMAGE'],
  ['an image that is a number (F-I09)', good.replace('"registry.example.com/team/app"', '7'), 'REQ_INVALID'],
  ['an image with a scheme (F-I09, R-REQ-05)', requestFor('https://registry.example.com/team/app'), 'REQ_IMAGE'],
  ['an image with a user (F-I09, R-REQ-05)', requestFor('user:pass@registry.example.com/team/app'), 'REQ_IMAGE'],
  ['a token that is a number', good.replace('}', ',"serviceAccountToken":7}'), 'REQ_INVALID'],
  ['annotations that are a list', good.replace('}', ',"serviceAccountAnnotations":[]}'), 'REQ_INVALID'],
];

for (const build of builds) {
  for (const [what, stdin, code] of refusals) {
    test(`${build.name}: refuses ${what}`, async (t) => {
      const path = folder(t, { 'config.json': emptyConfig });
      const result = await run(build, { stdin, env: { PURSER_CONFIG: `${path}/config.json` } });
      assert.equal(result.stdout, '');
      assert.equal(result.code, 3);
      assert.match(result.stderr, new RegExp(`^purser: ${code}: [^\\n\\r]+$`));
    });
  }

  test(`${build.name}: stops reading soon after 1 MiB of 300 MB (F-I03, R-REQ-01)`, async () => {
    const [program = '', ...args] = build.command;
    const child = spawn(program, args, { cwd: '/', env: {}, stdio: ['pipe', 'ignore', 'pipe'] });
    let taken = 0;
    const chunk = Buffer.alloc(64 * 1024, 0x20);
    child.stdin.on('error', () => undefined);
    const feed = (): void => {
      if (taken >= 300_000_000 || child.stdin.destroyed) return;
      child.stdin.write(chunk, (error) => {
        if (error) return;
        taken += chunk.length;
        feed();
      });
    };
    feed();
    const code = await new Promise((resolve) => child.on('close', resolve));
    assert.equal(code, 3);
    // The limit, and what the pipe and one read ahead can hold.
    assert.ok(taken < 3 * 1024 * 1024, `${taken} bytes were taken`);
  });

  test(`${build.name}: a request of the largest size costs little memory (F-I03)`, async (t) => {
    const [program = '', ...args] = build.command;
    const child = spawn(program, args, { cwd: '/', env: {}, stdio: ['pipe', 'ignore', 'ignore'] });
    t.after(() => child.kill('SIGKILL'));
    await new Promise((resolve) => child.stdin.write(Buffer.alloc(1024 * 1024, 0x20), resolve));
    const peak = /^VmHWM:\s*([0-9]+) kB$/m.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.[1];
    // The runtimes themselves take 40 to 60 MiB; 300 MB read whole would come on top.
    assert.ok(Number(peak) < 100 * 1024, `${peak} KiB`);
  });

  // Real waiting: the 5 s bound is the behaviour, and the built file has no other clock.
  test(`${build.name}: gives up on a stdin that never ends (F-I04, R-REQ-01)`, async () => {
    const result = await run(build, { stdin: 'open' });
    assert.equal(result.code, 7);
    assert.equal(result.stdout, '');
    assert.match(result.stderr, /^purser: REQ_TIMEOUT: [^\n]+$/);
  });

  test(`${build.name}: gives up on a stdin of one byte a second (F-I05)`, async () => {
    const [program = '', ...args] = build.command;
    const child = spawn(program, args, { cwd: '/', env: {}, stdio: ['pipe', 'ignore', 'ignore'] });
    child.stdin.on('error', () => undefined);
    let at = 0;
    const drip = setInterval(() => child.stdin.write(good[at++] ?? ' '), 1000);
    const code = await new Promise((resolve) => child.on('close', resolve));
    clearInterval(drip);
    assert.equal(code, 7);
  });

  for (const [what, redirect, code] of [
    ['a closed stdin', '<&-', 3],
    ['a directory', '</', 3],
    ['/dev/null', '</dev/null', 3],
  ] as const) {
    test(`${build.name}: refuses ${what} (F-I11)`, async () => {
      const result = await run({ name: 'sh', command: ['sh', '-c', `exec "$0" "$@" ${redirect}`, ...build.command] });
      assert.equal(result.code, code);
      assert.match(result.stderr, /^purser: REQ_(READ|EMPTY): [^\n]+$/);
    });
  }

  for (const blocking of [true, false]) {
    const kind = blocking ? 'blocking' : 'non-blocking';
    test(`${build.name}: reads a ${kind} pipe whose data comes later (F-I11)`, async (t) => {
      const path = folder(t, { 'config.json': emptyConfig });
      const flag = blocking ? '' : 'dd of=/dev/null iflag=nonblock count=0 status=none && ';
      const [program = '', ...args] = shell(build, `${flag}exec "$0" "$@"`).command;
      const { reader, writer } = createPipe();
      const env = { PATH: '/usr/bin:/bin', PURSER_CONFIG: `${path}/config.json` };
      const child = spawn(program, args, { cwd: '/', env, stdio: [reader, 'pipe', 'pipe'] });
      closeSync(reader);
      const out: Buffer[] = [];
      for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk: Buffer) => out.push(chunk));
      writeSync(writer, good.slice(0, 20));
      await untilStarted(child);
      writeSync(writer, good.slice(20));
      closeSync(writer);
      assert.deepEqual(await once(child, 'close'), [0, null]);
      assert.equal(Buffer.concat(out).toString(), nothing);
    });
  }

  test(`${build.name}: refuses a regular file that is too large (F-I03, R-REQ-01)`, async (t) => {
    const path = folder(t, { 'config.json': emptyConfig, request: good.padStart(1024 * 1024 + 1) });
    const env = { PURSER_CONFIG: `${path}/config.json`, REQUEST: `${path}/request` };
    const result = await run(shell(build, 'exec "$0" "$@" <"$REQUEST"'), { env });
    assert.equal(result.code, 3);
    assert.match(result.stderr, /^purser: REQ_TOO_LARGE: /);
  });

  for (const [size, content] of [
    ['the usual size', good],
    ['1 MiB', good.padStart(1024 * 1024)],
  ] as const) {
    test(`${build.name}: reads a request of ${size} from a regular file and from a pipe`, async (t) => {
      const path = folder(t, { 'config.json': emptyConfig, request: content });
      const env = { PURSER_CONFIG: `${path}/config.json`, REQUEST: `${path}/request` };
      for (const script of ['exec "$0" "$@" <"$REQUEST"', 'cat "$REQUEST" | "$0" "$@"']) {
        const result = await run(shell(build, script), { env });
        assert.deepEqual(result, { code: 0, signal: null, stdout: nothing, stderr: '' });
      }
    });
  }

  for (const args of ['', '--config /etc/purser/absent.yaml']) {
    test(`${build.name}: shows help on stderr to a person at a terminal (F-I11) ${args}`, async (t) => {
      const path = folder(t);
      const script = `${build.command.join(' ')} ${args} >${path}/out 2>${path}/err; echo $? >${path}/code`;
      execFileSync('script', ['-qec', script, '/dev/null'], { stdio: 'ignore' });
      assert.equal(readFileSync(`${path}/code`, 'utf8'), '2\n');
      assert.equal(readFileSync(`${path}/out`, 'utf8'), '');
      assert.match(readFileSync(`${path}/err`, 'utf8'), /^Usage: purser .*Exit codes:/s);
    });
  }

  test(`${build.name}: ignores members that a later kubelet may add`, async (t) => {
    const path = folder(t, { 'config.json': emptyConfig });
    const stdin = good.replace('}', ',"later":{"a":[1,2]},"image2":"x"}');
    const result = await run(build, { stdin, env: { PURSER_CONFIG: `${path}/config.json` } });
    assert.deepEqual(result, { code: 0, signal: null, stdout: nothing, stderr: '' });
  });
}

test('refuses hostile characters anywhere in an image, in one clean line (R-REQ-04, R-SEC-07)', async () => {
  const [, standalone] = builds;
  const hostile = fc.constantFrom(
    ...Array.from({ length: 32 }, (_, code) => String.fromCharCode(code + 1)),
    ...['\x7f', '\x85', '\x9b', '\u2028', '\u2029', '\u200b', '\u200e', '\u202e', '\u2066', '\ufeff', '\u{e0001}'],
    ...['%0a', '%0d', '%00', '\\', ' ', '?', '#', '[', '\u{1f600}'],
  );
  await fc.assert(
    fc.asyncProperty(hostile, fc.nat({ max: 28 }), async (text, position) => {
      const image = 'registry.example.com/team/app';
      const broken = image.slice(0, position) + text + image.slice(position);
      const stdin = `${JSON.stringify({
        kind: 'CredentialProviderRequest',
        apiVersion: 'credentialprovider.kubelet.k8s.io/v1',
        image: broken,
      })}\n`;
      const result = await run(standalone, { stdin });
      assert.equal(result.code, 3);
      assert.equal(result.stdout, '');
      assert.match(result.stderr, /^purser: REQ_[A-Z]+: [^\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+$/u);
      assert.ok(Buffer.byteLength(result.stderr) <= 4096);
    }),
    { numRuns: 60 },
  );
});

test('answers each truncation of a request with a refusal that quotes nothing (F-I02)', async () => {
  const [, standalone] = builds;
  const request = good.replace('}', ',"serviceAccountToken":"CANARY-token"}');
  for (let length = 1; length < request.length - 2; length += 7) {
    const result = await run(standalone, { stdin: request.slice(0, length) });
    assert.equal(result.code, 3, request.slice(0, length));
    assert.match(result.stderr, /^purser: REQ_SYNTAX: /);
    assert.ok(!result.stderr.includes('CANARY'));
  }
});
