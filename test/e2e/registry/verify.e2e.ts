/**
 * The built files against a registry that is not ours: Debian's docker-registry, with htpasswd and with tokens, TLS under
 * a private authority, an image pushed by skopeo. What a kubelet gets from serve is what verify proves.
 */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { builds, requestFor, run } from '../../built.ts';
import { createIndex } from '../../fake/image.ts';
import { needPrograms } from '../programs.ts';
import { openStage, password, programs, repository, type Stage, user } from './stage.ts';

const skip = needPrograms(programs);
const image = createIndex();
const tag = '1.0';

for (const login of ['htpasswd', 'token'] as const) {
  describe(`Debian's docker-registry with ${login}`, { skip }, () => {
    let stage: Stage;
    before(async () => {
      stage = await openStage(login, image, tag);
    });
    after(() => stage?.close());

    for (const build of builds) {
      test(`${build.name}: serve gives the kubelet the credential for this registry`, async () => {
        const { host } = stage.registry;
        const env = { PURSER_CONFIG: stage.config(password) };
        const result = await run(build, { stdin: requestFor(`${host}/${repository}`), env });
        assert.equal(result.stderr, '');
        assert.deepEqual(JSON.parse(result.stdout).auth, { [host]: { username: user, password } });
      });
    }
  });
}
