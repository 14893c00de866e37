import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { dockerConfigForm, dockerConfigPlaces } from '../../src/kubelet/docker-config-search.ts';

const paths = (folders: { rootDir: string; workingDir: string; home?: string }) =>
  dockerConfigPlaces(folders).map(({ path }) => path);

// Found by running ReadDockerConfigFile of Kubernetes 1.36.3 in a root of its own, taking away one file after another.
describe('dockerConfigPlaces', () => {
  it('names every config.json before every .dockercfg, in the order of a kubelet', () => {
    assert.deepEqual(paths({ rootDir: '/root-dir', workingDir: '/cwd', home: '/home' }), [
      '/root-dir/config.json',
      '/cwd/config.json',
      '/home/.docker/config.json',
      '/.docker/config.json',
      '/root-dir/.dockercfg',
      '/cwd/.dockercfg',
      '/home/.dockercfg',
      '/.dockercfg',
    ]);
  });

  it('looks below the working directory where HOME is unset', () => {
    const found = paths({ rootDir: '/root-dir', workingDir: '/cwd' });
    assert.equal(found[2], '/cwd/.docker/config.json');
    assert.equal(found[6], '/cwd/.dockercfg');
  });

  it('joins folders with and without a final slash', () => {
    assert.deepEqual(paths({ rootDir: '/r/', workingDir: '/', home: '//' }).slice(0, 3), [
      '/r/config.json',
      '/config.json',
      '/.docker/config.json',
    ]);
  });

  // Two dots behind a link lead elsewhere for who asks the file system; a kubelet cleans the text first.
  it('drops two dots with the folder before them', () => {
    assert.equal(paths({ rootDir: '/var/lib/../kubelet', workingDir: '/w' })[0], '/var/kubelet/config.json');
  });

  it('knows the older form by its name', () => {
    const forms = dockerConfigPlaces({ rootDir: '/r', workingDir: '/w' }).map(({ path, form }) => {
      return form === dockerConfigForm(path);
    });
    assert.deepEqual(new Set(forms), new Set([true]));
    assert.equal(dockerConfigForm('/run/secrets/.dockercfg'), '.dockercfg');
    assert.equal(dockerConfigForm('/run/secrets/.dockerconfigjson'), 'config.json');
  });
});
