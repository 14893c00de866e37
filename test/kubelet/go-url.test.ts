import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { toBytes } from '../../src/kubelet/go-text.ts';
import { parseGoUrl } from '../../src/kubelet/go-url.ts';

describe('parseGoUrl', () => {
  // Host and path as url.Parse of Go 1.26 answers them.
  const urls: [url: string, host: string, path: string][] = [
    ['https://reg.io', 'reg.io', ''],
    ['https://reg.io/', 'reg.io', '/'],
    ['https://reg.io:5000/a/b', 'reg.io:5000', '/a/b'],
    ['http://reg.io:/a', 'reg.io:', '/a'],
    ['https://', '', ''],
    ['https:///a', '', '/a'],
    ['https://user:p%40ss@reg.io/a', 'reg.io', '/a'],
    ['https://a@b@reg.io', 'reg.io', ''],
    ['https://reg.io?x=%zz', 'reg.io', ''],
    ['https://reg.io#frag/ment', 'reg.io', ''],
    ['https://reg.io/a%2Fb%25', 'reg.io', '/a/b%'],
    ['https://reg.io/\u00e9', 'reg.io', '/\xc3\xa9'],
    ['https://%C3%A9.io', '\xc3\xa9.io', ''],
    ['https://a%25b', 'a%b', ''],
    ['https://[::1]:5000/a', '[::1]:5000', '/a'],
    ['https://[fe80::1%25eth0]', '[fe80::1%eth0]', ''],
    ['https://[fe80::1%25a%20b]', '[fe80::1%a b]', ''],
    ['https://[::ffff:1.2.3.4]', '[::ffff:1.2.3.4]', ''],
    ['https://[1:2:3:4:5:6:7::]', '[1:2:3:4:5:6:7::]', ''],
    ['https://*.io/*', '*.io', '/*'],
    ['https://reg.io/a:b@c', 'reg.io', '/a:b@c'],
  ];
  for (const [url, host, path] of urls) {
    it(`reads ${JSON.stringify(url)}`, () => assert.deepEqual(parseGoUrl(toBytes(url)), { host, path }));
  }

  // Error texts of url.Parse of Go 1.26.
  const problems: [url: string, problem: string][] = [
    ['https://*:*', 'parse "https://*:*": invalid port ":*" after host'],
    ['https://reg.io:50:60', 'parse "https://reg.io:50:60": invalid port ":50:60" after host'],
    ['https://reg io', 'parse "https://reg io": invalid character " " in host name'],
    ['https://a\tb', 'parse "https://a\\tb": net/url: invalid control character in URL'],
    ['https://a/%zz', 'parse "https://a/%zz": invalid URL escape "%zz"'],
    ['https://a/%2', 'parse "https://a/%2": invalid URL escape "%2"'],
    ['https://a%41', 'parse "https://a%41": invalid URL escape "%41"'],
    ['https://a#%zz', 'parse "https://a#%zz": invalid URL escape "%zz"'],
    ['https://a[b', 'parse "https://a[b": invalid IP-literal'],
    ['https://[::1', 'parse "https://[::1": missing \']\' in host'],
    ['https://[1.2.3.4]', 'parse "https://[1.2.3.4]": invalid IP-literal'],
    ['https://a b@c', 'parse "https://a b@c": net/url: invalid userinfo'],
    ['https://a\\b', 'parse "https://a\\\\b": invalid character "\\\\" in host name'],
    ['https://\u00e9/%\u00e9', 'parse "https://\u00e9/%\u00e9": invalid URL escape "%\u00e9"'],
    ['https://a/%a\u00e9', 'parse "https://a/%a\u00e9": invalid URL escape "%a\\xc3"'],
  ];
  for (const [url, problem] of problems) {
    it(`refuses ${JSON.stringify(url)} in Go's words`, () => {
      assert.deepEqual(parseGoUrl(toBytes(url)), { problem });
    });
  }

  for (const address of [
    'reg[0-9]',
    '1:2',
    '::1%',
    '12345::',
    '::1.2.3.04',
    '1:2:3:4:5:6:7:8::',
    '::1::',
    '1.2.3.4.5',
    '',
  ]) {
    it(`refuses [${address}], which is no IPv6 address`, () => assert('problem' in parseGoUrl(`https://[${address}]`)));
  }
});
