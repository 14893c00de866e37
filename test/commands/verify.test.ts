/** verify from the command line, by both built files: reports for people and programs, exit codes, and no secret. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { builds, folder } from '../built.ts';
import type { Content } from '../fake/content.ts';
import { createIndex } from '../fake/image.ts';
import { startRegistry } from '../fake/registry.ts';
import { configFor, password, startWithImages, users, verify } from './verifying.ts';

const bearer = { mode: 'bearer', users } as const;
const index = createIndex();

for (const build of builds) {
  const named = (name: string, body: (t: TestContext) => Promise<void>): void => {
    test(`${build.name}: ${name}`, body);
  };

  named('verify tells a stranger what was asked and what decided', async (t) => {
    const registry = await startWithImages(t, { auth: bearer });
    const image = `${registry.host}/team/app:1.0`;
    const { code, stdout, stderr } = await verify(build, configFor(t, registry.host), [image]);
    const manifest = `${registry.url}/v2/team/app/manifests`;
    const short = `${index.top.digest.slice(0, 'sha256:'.length + 12)}…`;
    const inner = `${index.manifests[1]?.digest.slice(0, 'sha256:'.length + 12)}…`;
    assert.equal(stderr, '');
    assert.equal(
      stdout,
      [
        image,
        '  good: the registry takes it, and does not give the image without one',
        '',
        `  digest    ${index.top.digest}`,
        '  platform  linux/amd64',
        `  content   3 blobs, ${(bytesOf(index.manifests[1]) / 1024).toFixed(1)} KiB, each byte checked`,
        '',
        '  A kubelet gets one credential:',
        `  1. for ${registry.host}, from static: good`,
        `     401  HEAD  ${manifest}/1.0`,
        `     200  POST  ${registry.url}/token  (shows user and password)`,
        `     200  HEAD  ${manifest}/1.0  (shows a token)`,
        `     200  GET   ${manifest}/${short}  (shows a token)`,
        `     200  GET   ${manifest}/${inner}  (shows a token)`,
        '',
        '  Without a credential, which a kubelet tries only when it has none: denied',
        `     401  HEAD  ${manifest}/1.0`,
        `     200  GET   ${registry.url}/token?scope=repository%3Ateam%2Fapp%3Apull&service=fake-registry`,
        `     401  HEAD  ${manifest}/1.0  (shows a token)`,
        `     401  GET   ${manifest}/1.0  (shows a token)`,
        '',
      ].join('\n'),
    );
    assert.equal(code, 0);
  });

  named('verify -o json has the members that programs rely on', async (t) => {
    const registry = await startWithImages(t, { auth: bearer });
    const image = `${registry.host}/team/app:1.0`;
    const config = configFor(t, registry.host);
    const { code, stdout } = await verify(build, config, ['-o', 'json', '--platform', 'linux/arm64', image]);
    assert.equal(code, 0);
    const reason = 'the registry takes it, and does not give the image without one';
    const url = `${registry.url}/v2/team/app/manifests`;
    assert.deepEqual(JSON.parse(stdout), {
      image,
      digest: index.top.digest,
      platform: 'linux/arm64/v8',
      verdict: 'good',
      reason,
      credentials: [
        {
          provider: 'static',
          key: registry.host,
          verdict: 'good',
          reason,
          decidedBy: { method: 'GET', url: `${url}/${index.top.digest}`, status: 200 },
        },
      ],
      notAsked: [],
      anonymous: { verdict: 'denied', decidedBy: { method: 'GET', url: `${url}/1.0`, status: 401 } },
      bytes: bytesOf(index.manifests[2]),
      blobs: 3,
      notices: [],
      warnings: [],
    });
  });

  named('verify of several images ends with what weighs most, and lists all', async (t) => {
    const registry = await startWithImages(t, { auth: bearer });
    const config = configFor(t, registry.host);
    const [good, open, absent] = ['team/app:1.0', 'open/app:1.0', 'team/app:2.0'].map(
      (name) => `${registry.host}/${name}`,
    );
    assert(good !== undefined && open !== undefined && absent !== undefined);
    const result = await verify(build, config, ['-o', 'json', good, absent, open]);
    const verdicts = JSON.parse(result.stdout).map(({ verdict }: { verdict: string }) => verdict);
    assert.deepEqual(verdicts, ['good', 'not-found', 'not-needed']);
    assert.equal(result.code, 10);
    const text = await verify(build, config, [good, open]);
    assert.equal(text.code, 0);
    assert.match(text.stdout, new RegExp(`^${good}\n[^]*\n\n${open}\n`));
  });

  named('verify pulls nothing when one of the names is no image', async (t) => {
    const registry = await startWithImages(t, { auth: bearer });
    const args = [`${registry.host}/team/app:1.0`, 'team/App'];
    const { code, stdout } = await verify(build, configFor(t, registry.host), args);
    assert.deepEqual([code, stdout], [3, '']);
    assert.deepEqual(registry.requests, []);
  });

  named('verify keeps what it found when a later answer fails', async (t) => {
    const registry = await startWithImages(t);
    const path = folder(t);
    const entry = { provider: 'static', username: 'robot', plainHTTP: true };
    const registries = [
      { ...entry, matchImages: [registry.host], password },
      { ...entry, matchImages: [`${registry.host}/team`], passwordFile: `${path}/gone` },
    ];
    const config = JSON.stringify({ apiVersion: 'purser/v1', kind: 'PurserConfig', registries });
    const file = `${folder(t, { 'config.json': config })}/config.json`;
    const images = ['open/app:1.0', 'team/app:1.0'].map((name) => `${registry.host}/${name}`);
    const { code, stdout, stderr } = await verify(build, file, ['-o', 'json', ...images]);
    assert.equal(code, 2);
    assert.match(stderr, /^purser: FILE_MISSING: /);
    assert.deepEqual(
      JSON.parse(stdout).map(({ verdict }: { verdict: string }) => verdict),
      ['ignored'],
    );
  });

  named('verify says denied and why, exit 5', async (t) => {
    const registry = await startWithImages(t, { auth: bearer });
    const config = configFor(t, registry.host, { password: 'wrong' });
    const closed = await verify(build, config, [`${registry.host}/team/app:1.0`]);
    assert.equal(closed.code, 5);
    assert.match(closed.stdout, /^ {2}denied: 401 from its token service, the credential is refused; check user name/m);
    const open = await verify(build, config, [`${registry.host}/open/app:1.0`]);
    assert.equal(open.code, 5);
    assert.match(open.stdout, /^ {2}denied: it breaks a public pull/m);
    assert.match(open.stdout, /which a kubelet tries only when it has none: good$/m);
  });

  named('verify without an entry pulls without a credential, and says so', async (t) => {
    const registry = await startWithImages(t, { auth: bearer });
    // The entry is for another path, so plain HTTP is not allowed either.
    const { code, stdout } = await verify(build, configFor(t, `${registry.host}/other`), [
      `${registry.host}/open/app:1.0`,
    ]);
    assert.equal(code, 6);
    assert.match(stdout, /No entry serves this image: a kubelet gets no credential\./);
    assert.match(stdout, /warning: a node would also try plain http/);
  });

  named('F-R02: verify of a layer with one wrong bit, exit 9', async (t) => {
    const registry = await startWithImages(t, { auth: bearer });
    registry.faults.add({ match: { path: /blobs/, nth: 2 }, do: { is: 'flip', at: 100 } });
    const { code, stdout } = await verify(build, configFor(t, registry.host), [`${registry.host}/team/app:1.0`]);
    assert.equal(code, 9);
    assert.match(
      stdout,
      /^ {2}bad-image: checking sha256:[0-9a-f]{64}: the [0-9]+ bytes that came are sha256:[0-9a-f]{64}/m,
    );
  });

  named(
    'R-NET-01: verify tells of a token service elsewhere before it goes there, and --strict does not go',
    async (t) => {
      const registry = await startWithImages(t, { auth: bearer, tokenOrigin: 'other' });
      const config = configFor(t, registry.host);
      const image = `${registry.host}/team/app:1.0`;
      const realm = new URL(registry.urls.token).host;
      const told = await verify(build, config, [image]);
      assert.equal(told.code, 0);
      assert.equal(
        told.stderr,
        `notice: ${registry.host} names ${realm} as its token service: credentials for it go there, as from a node\n`,
      );
      const before = registry.requests.length;
      const strict = await verify(build, config, ['--strict', image]);
      assert.equal(strict.code, 4);
      assert.match(
        strict.stdout,
        /refused-by-policy: its token service is [^ ]+, which is on another port, and --strict/,
      );
      assert.equal(registry.requests.length, before + 1);
    },
  );

  named('verify of a registry that is gone, exit 6', async (t) => {
    const registry = await startRegistry();
    await registry.close();
    const { code, stdout } = await verify(build, configFor(t, registry.host), [`${registry.host}/team/app:1.0`]);
    assert.equal(code, 6);
    assert.match(stdout, /^ {2}unreachable: the connection was refused/m);
    assert.match(stdout, /^ {5}--- {2}HEAD {2}http:\S+ {2}\(6 times\)$/m);
  });

  named('verify --level access reads one byte of each blob', async (t) => {
    const registry = await startWithImages(t, { auth: bearer, storage: {} });
    const config = configFor(t, registry.host);
    const { code, stdout } = await verify(build, config, ['--level', 'access', `${registry.host}/team/app:1.0`]);
    assert.equal(code, 0);
    assert.match(stdout, /content {3}3 blobs can be had; one byte of each was asked for/);
    const sent = registry.requests.filter(({ origin }) => origin === 'storage').map((entry) => entry.sent);
    assert.deepEqual(sent, [1, 1, 1]);
  });

  named('verify never shows a secret, whatever the registry says back', async (t) => {
    const image = (host: string): string => `${host}/team/app:1.0`;
    const echo = `{"errors":[{"code":"DENIED","message":"no such user robot:${password}"}]}`;
    const cases = [
      { auth: bearer },
      { auth: { mode: 'basic', users } },
      { auth: { ...bearer, wrongPassword: 'empty-token' } },
    ] as const;
    for (const options of cases) {
      const registry = await startWithImages(t, options);
      for (const own of [password, `${password}-wrong`]) {
        const config = configFor(t, registry.host, { password: own });
        for (const args of [[], ['-o', 'json']]) {
          const { stdout, stderr } = await verify(build, config, [...args, image(registry.host)]);
          assertNoSecret(stdout + stderr);
        }
      }
    }
    const registry = await startWithImages(t, { auth: bearer });
    registry.faults.add({ match: { origin: 'token' }, do: { is: 'answer', status: 403, body: echo } });
    const { stdout, stderr } = await verify(build, configFor(t, registry.host), [image(registry.host)]);
    assertNoSecret(stdout + stderr);
  });

  named('verify asks as a kubelet in token mode would', async (t) => {
    const registry = await startWithImages(t);
    const path = folder(t, { token: 'a.b.c\n' });
    const args = ['--service-account-token-file', `${path}/token`, '--annotation', 'example.com/role=reader'];
    const { code } = await verify(build, configFor(t, registry.host), [...args, `${registry.host}/team/app:1.0`]);
    assert.equal(code, 0);
  });

  for (const [name, args, expected] of [
    ['no image', [], /missing required argument/],
    ['what is no image', ['team/App'], /REQ_IMAGE/],
    ['what is no platform', ['--platform', 'amd64', 'reg.example/app'], /is no platform/],
    ['what is no level', ['--level', 'deep', 'reg.example/app'], /Allowed choices are access, full/],
  ] as const) {
    named(`verify refuses ${name}`, async (t) => {
      const { code, stdout, stderr } = await verify(build, configFor(t, 'reg.example'), args);
      assert([2, 3].includes(code ?? 0));
      assert.equal(stdout, '');
      assert.match(stderr, expected);
      assert.equal(stderr.split('\n').length, 2);
    });
  }
}

/** What config and layers of a manifest add up to. */
function bytesOf(manifest: Content | undefined): number {
  const { config, layers } = JSON.parse(manifest?.bytes.toString() ?? '');
  return [config, ...layers].reduce((sum, { size }: { size: number }) => sum + size, 0);
}

function assertNoSecret(text: string): void {
  const forms = [password, encodeURIComponent(password), Buffer.from(password).toString('base64'), 'c4nary', 'wörd'];
  const basic = Buffer.from(`robot:${password}`).toString('base64').slice(8, 24);
  for (const form of [...forms, basic]) assert(!text.includes(form), `${form} was shown:\n${text}`);
}
