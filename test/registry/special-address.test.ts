import assert from 'node:assert/strict';
import { isIPv6 } from 'node:net';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { canonicalHost, isAddress, type SpecialAddress, specialAddress } from '../../src/registry/special-address.ts';

const v4: readonly (readonly [string, SpecialAddress | undefined])[] = [
  ['0.0.0.0', 'unspecified'],
  ['0.1.2.3', 'unspecified'],
  ['9.255.255.255', undefined],
  ['10.0.0.0', 'private'],
  ['10.255.255.255', 'private'],
  ['11.0.0.0', undefined],
  ['100.63.255.255', undefined],
  ['100.64.0.0', 'shared'],
  ['100.100.100.200', 'shared'],
  ['100.127.255.255', 'shared'],
  ['100.128.0.0', undefined],
  ['126.255.255.255', undefined],
  ['127.0.0.1', 'loopback'],
  ['127.255.255.255', 'loopback'],
  ['128.0.0.0', undefined],
  ['169.253.255.255', undefined],
  ['169.254.169.254', 'link-local'],
  ['169.255.0.0', undefined],
  ['172.15.255.255', undefined],
  ['172.16.0.0', 'private'],
  ['172.31.255.255', 'private'],
  ['172.32.0.0', undefined],
  ['192.0.0.192', 'reserved'],
  ['192.0.1.0', undefined],
  ['192.167.255.255', undefined],
  ['192.168.0.0', 'private'],
  ['192.169.0.0', undefined],
  ['223.255.255.255', undefined],
  ['224.0.0.1', 'multicast'],
  ['239.255.255.255', 'multicast'],
  ['255.255.255.255', 'reserved'],
];

function hex(address: string): string {
  const [a = 0, b = 0, c = 0, d = 0] = address.split('.').map(Number);
  return `${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`;
}

describe('specialAddress (R-NET-01)', () => {
  for (const [address, kind] of v4) {
    it(`knows ${address} as ${kind ?? 'public'}`, () => assert.equal(specialAddress(address), kind));
  }

  it('finds the same inside every IPv6 form that carries an IPv4 address', () => {
    for (const [address, kind] of v4) {
      for (const form of [
        `::ffff:${address}`,
        `::ffff:${hex(address)}`,
        `::ffff:0:${hex(address)}`,
        `64:ff9b::${address}`,
        `2002:${hex(address)}::1`,
        `0:0:0:0:0:ffff:${address}`,
      ]) {
        assert.equal(specialAddress(`[${form}]`), kind, form);
        assert.equal(specialAddress(form), kind, `${form} without brackets`);
      }
    }
  });

  it('knows the special ranges of IPv6 by their edges', () => {
    const cases: Readonly<Record<string, SpecialAddress | undefined>> = {
      '::': 'unspecified',
      '::1': 'loopback',
      '::2': 'unspecified', // 0.0.0.2 in the old compatible form
      '::7f00:1': 'loopback',
      'fe7f::1': undefined,
      'fe80::1': 'link-local',
      'fe80::1%eth0': 'link-local',
      'febf::1': 'link-local',
      'fec0::1': 'site-local',
      'feff::1': 'site-local',
      'fbff::1': undefined,
      'fc00::1': 'unique-local',
      'fd00:ec2::254': 'unique-local',
      'fdff::1': 'unique-local',
      'ff02::1': 'multicast',
      '64:ff9b:1::1': 'private',
      '64:ff9b:2::1': undefined,
      '2606:4700::6810:1': undefined,
      '1::': undefined,
    };
    for (const [address, kind] of Object.entries(cases)) assert.equal(specialAddress(address), kind, address);
  });

  it('sees through the spellings that a URL may use', () => {
    for (const host of [
      '127.1',
      '0x7f.1',
      '2130706433',
      '017700000001',
      '0177.0.0.1',
      '%31%32%37.0.0.1',
      '127.0.0.1.',
      '１２７.0.0.1',
    ])
      assert.equal(specialAddress(host), 'loopback', host);
    for (const host of ['localhost', 'LOCALHOST.', 'a.b.localhost', 'ＬＯＣＡＬＨＯＳＴ'])
      assert.equal(specialAddress(host), 'loopback', host);
    for (const host of ['localhost.example', 'notlocalhost', '127.0.0.1.example.com', '10.example'])
      assert.equal(specialAddress(host), undefined, host);
  });

  it('tells addresses from names', () => {
    for (const host of ['8.8.8.8', '0x8.8', '[2606:4700::1]', '2606:4700::1'])
      assert.equal(isAddress(host), true, host);
    for (const host of ['example.com', 'a', '8.8.8.8.example']) assert.equal(isAddress(host), false, host);
  });

  it('takes no text for a host in which a URL would find another host', () => {
    for (const text of ['a@127.0.0.1', 'x/127.0.0.1', 'x?y', 'x#y', 'a\\b', '', 'a b', '[::1', '::1]x'])
      assert.equal(canonicalHost(text), '', text);
  });

  it('never throws, and reads each IPv6 address as the URL parser does', () => {
    fc.assert(fc.property(fc.string(), (text) => void specialAddress(text)));
    fc.assert(
      fc.property(fc.ipV6(), (address) => {
        assert(isIPv6(address));
        assert.equal(specialAddress(address), specialAddress(new URL(`http://[${address}]/`).hostname));
        assert.equal(isAddress(address), true);
      }),
    );
  });
});
