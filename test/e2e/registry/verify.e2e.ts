/**
 * The built files against a registry that is not ours: Debian's docker-registry, with htpasswd and with tokens, TLS under
 * a private authority, an image pushed by skopeo. What a kubelet gets from serve is what verify proves.
 */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { type Build, builds, requestFor, run } from '../../built.ts';
import { createIndex } from '../../fake/image.ts';
import { needPrograms } from '../programs.ts';
import { openStage, password, programs, repository, type Stage, user } from './stage.ts';

const skip = needPrograms(programs);
const image = createIndex();
const tag = '1.0';
const platform = 'linux/amd64';
/** The platforms of the image are in this order, and each has a config and two layers. */
const ownBlobs = image.blobs.slice(0, 3);

for (const login of ['htpasswd', 'token'] as const) {
  describe(`Debian's docker-registry with ${login}`, { skip }, () => {
    let stage: Stage;
    before(async () => {
      stage = await openStage(login, image, tag);
    });
    after(() => stage?.close());

    const verify = async (build: Build, given: string, reference = `:${tag}`) => {
      const name = `${stage.registry.host}/${repository}`;
      const config = stage.config(given);
      const args = ['verify', `${name}${reference}`, '--platform', platform, '--config', config, '-o', 'json'];
      const served = await run(build, { stdin: requestFor(name), env: { PURSER_CONFIG: config } });
      assert.deepEqual(JSON.parse(served.stdout).auth, { [stage.registry.host]: { username: user, password: given } });
      const { code, stdout, stderr } = await run(build, { args });
      assert.ok(!`${stdout}${stderr}`.includes(given), 'no password is printed');
      return { code, report: JSON.parse(stdout) };
    };

    for (const build of builds) {
      test(`${build.name}: a good credential pulls everything, and nobody else does`, async () => {
        const { code, report } = await verify(build, password);
        assert.equal(report.verdict, 'good');
        assert.equal(code, 0);
        assert.equal(report.digest, image.top.digest);
        assert.equal(report.platform, platform);
        assert.equal(report.blobs, ownBlobs.length);
        assert.equal(
          report.bytes,
          ownBlobs.reduce((sum, { size }) => sum + size, 0),
        );
        assert.equal(report.anonymous.verdict, 'denied');
        assert.equal(report.anonymous.decidedBy.status, 401);
      });

      test(`${build.name}: a wrong password is served, and denied by the registry`, async () => {
        const { code, report } = await verify(build, 'wrong-horse-battery');
        assert.equal(report.verdict, 'denied');
        assert.equal(code, 5);
        assert.equal(report.credentials[0].decidedBy.status, 401);
      });

      test(`${build.name}: a tag that is not there`, async () => {
        const { code, report } = await verify(build, password, ':absent');
        assert.equal(report.verdict, 'not-found');
        assert.equal(code, 10);
      });

      test(`${build.name}: one bit changed in a layer on the registry's disk`, async () => {
        const [, layer] = ownBlobs;
        assert.ok(layer !== undefined);
        stage.registry.flipBit(layer.digest);
        try {
          const { code, report } = await verify(build, password);
          assert.equal(report.verdict, 'bad-image');
          assert.equal(code, 9);
          assert.ok(report.credentials[0].decidedBy.url.endsWith(layer.digest));
        } finally {
          stage.registry.flipBit(layer.digest);
        }
      });
    }

    test('a registry that is gone', async () => {
      await stage.registry.stop();
      for (const build of builds) {
        const { code, report } = await verify(build, password);
        assert.equal(report.verdict, 'unreachable');
        assert.equal(code, 6);
      }
    });
  });
}
