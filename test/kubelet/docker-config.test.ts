import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import {
  DockerConfigError,
  type DockerConfigFault,
  type DockerConfigForm,
  decodeAuth,
  decodeDockerConfig,
  locateFault,
} from '../../src/kubelet/docker-config.ts';

const decode = (text: string, form: DockerConfigForm = 'config.json') => ({ ...decodeDockerConfig(text, form) });

function faultOf(text: string): { fault: DockerConfigFault; path: string } {
  try {
    decodeDockerConfig(text, 'config.json');
  } catch (error) {
    assert(error instanceof DockerConfigError);
    return { fault: error.fault, path: error.path };
  }
  return assert.fail('it is accepted');
}

describe('decodeDockerConfig', () => {
  it('reads any map of user names and passwords, written plainly or as auth', () => {
    const wellFormed = fc.string({ unit: 'grapheme', maxLength: 8 });
    const entry = fc.record({
      username: wellFormed.filter((text) => !text.includes(':')),
      password: wellFormed,
      email: wellFormed,
      asAuth: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.dictionary(wellFormed, entry), (entries) => {
        const written = Object.entries(entries).map(([key, { username, password, email, asAuth }]) => {
          const auth = Buffer.from(`${username}:${password}`).toString('base64');
          return [key, asAuth ? { username: 'overridden', auth, email } : { username, password, email }] as const;
        });
        const text = JSON.stringify({ auths: Object.fromEntries(written), credsStore: 'pass' });
        const expected = Object.entries(entries).map(([key, { asAuth: _, ...rest }]) => [key, rest] as const);
        assert.deepEqual(decode(text), Object.fromEntries(expected));
      }),
    );
  });

  // What Go 1.26 makes of repeated members, by running pkg/credentialprovider of Kubernetes 1.36.3.
  const u = { username: 'u', password: '', email: '' };
  const repeated: [text: string, auths: object][] = [
    ['{"auths":{"a":{"username":"x"}},"AUTHS":{"b":{"username":"u"}}}', { a: { ...u, username: 'x' }, b: u }],
    ['{"auths":{"a":{"username":"x"}},"auths":null,"auths":{"b":{"username":"u"}}}', { b: u }],
    ['{"auths":{"a":{"username":"x","password":"p"},"a":{"username":"u"}}}', { a: u }],
    ['{"auths":{"a":{"username":"u","Username":null}}}', { a: u }],
    ['{"auths":{"a":{"username":"x","u\u017fername":"u"}}}', { a: u }],
    ['{"auth\u017f":{"a":{"username":"u"}}}', { a: u }],
    ['{"auths":{"a":{"username":"u","auth":"eDp5","auth":""}}}', { a: u }],
    ['{"auths":{"\\ud800":{"username":"\\udfff"}}}', { '\ufffd': { ...u, username: '\ufffd' } }],
  ];
  for (const [text, auths] of repeated) it(`reads ${text} as Go does`, () => assert.deepEqual(decode(text), auths));

  it('refuses a wrong type even where a later member replaces it', () => {
    assert.deepEqual(faultOf('{"auths":{"a":{"username":1,"username":"u"}}}'), {
      fault: 'type',
      path: 'auths.a.username',
    });
    assert.deepEqual(faultOf('{"auths":[],"auths":{}}'), { fault: 'type', path: 'auths' });
    assert.deepEqual(faultOf('{"httpheaders":{"X":1}}'), { fault: 'type', path: 'httpheaders.X' });
  });

  it('names the entry that spoils the file, and nothing of its secret', () => {
    fc.assert(
      fc.property(fc.base64String({ minLength: 8 }), (secret) => {
        const text = JSON.stringify({ auths: { 'reg.io': { auth: `!${secret}` } } });
        try {
          decode(text);
          assert.fail('it is accepted');
        } catch (error) {
          assert(error instanceof DockerConfigError);
          assert.deepEqual([error.fault, error.path], ['base64', 'auths["reg.io"].auth']);
          assert(!`${error.message} ${error.path}`.includes(secret));
        }
      }),
    );
  });

  it('keeps an entry for __proto__ an entry', () => {
    const config = decodeDockerConfig('{"__proto__":{"username":"u"}}', '.dockercfg');
    assert.deepEqual(Object.keys(config), ['__proto__']);
    assert.equal(Object.getPrototypeOf(config), null);
  });

  it('says where JSON is broken', () => {
    assert.throws(() => decode('{"auths":'), { name: 'DockerConfigError', fault: 'syntax', offset: 9 });
  });

  it('says where any fault is, by line and column', () => {
    const place = (text: string): string => {
      try {
        decode(text);
        return assert.fail('it is accepted');
      } catch (error) {
        assert(error instanceof DockerConfigError);
        const { line, column } = locateFault(text, error);
        return `${line}:${column}`;
      }
    };
    assert.equal(place('{\n "auths": {\n  "a": {"Auth": "!"}}}'), '3:17');
    assert.equal(place('{"auths": {"a": {"username": 1}}}'), '1:30');
    assert.equal(place('{"auths": []}'), '1:11');
    assert.equal(place('{"HttpHeaders": {"X": 1}}'), '1:23');
    assert.equal(place('[]'), '1:1');
    assert.equal(place('\n{"auths":'), '2:10');
  });

  it('refuses what is nested without end', () => {
    assert.deepEqual(faultOf('['.repeat(100_000)), { fault: 'syntax', path: '' });
    assert.deepEqual(faultOf('{"a":'.repeat(100_000)), { fault: 'syntax', path: '' });
  });
});

describe('decodeAuth', () => {
  it('gives back what was encoded, with padding or without, broken into lines or not', () => {
    const text = fc.string({ unit: 'grapheme', maxLength: 12 });
    fc.assert(
      fc.property(text, text, fc.boolean(), fc.nat(20), (user, password, padded, at) => {
        const username = user.replaceAll(':', '');
        const encoded = Buffer.from(`${username}:${password}`).toString('base64');
        const auth = padded ? encoded : encoded.replace(/=+$/, '');
        const broken = `${auth.slice(0, at)}\r\n${auth.slice(at)}\n`;
        assert.deepEqual(decodeAuth(auth), { username, password });
        assert.deepEqual(decodeAuth(broken), { username, password });
      }),
    );
  });

  it('tells base64 that is none from text without a colon', () => {
    assert.deepEqual(decodeAuth('a b='), { fault: 'base64', problem: 'it is not base64' });
    const noColon = { fault: 'no-colon', problem: 'decoded, it has no colon between user name and password' };
    assert.deepEqual(decodeAuth(Buffer.from('user').toString('base64')), noColon);
    assert.deepEqual(decodeAuth('\n'), noColon);
  });
});
