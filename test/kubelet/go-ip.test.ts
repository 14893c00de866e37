/** Which texts are IP addresses to Go, and why the others are not. Expected values come from Go 1.26. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseGoAddress } from '../../src/kubelet/go-ip.ts';

for (const [text, family] of [
  ['::', 6],
  ['::1', 6],
  ['1::', 6],
  ['fe80::1%eth0', 6],
  ['1:2:3:4:5:6:7:8', 6],
  ['::ffff:1.2.3.4', 6],
  ['1:2:3:4:5:6:1.2.3.4', 6],
  ['1.2.3.4', 4],
] as const) {
  test(`${text} is an address`, () => assert.deepEqual(parseGoAddress(text), { family }));
}

const cases = `
a | unable to parse IP
%a | missing IPv6 address
fe80::1% | zone must be a non-empty string
12345:: | each group must have 4 or less digits (at "12345::")
:1 | each colon-separated field must have at least one digit (at ":1")
1:2:3 | address string too short
1:2:3:4:5:6:7:8:9 | trailing garbage after address (at "9")
1:2:3:4:5:6:7::8 | the :: must expand to at least one field of zeros
1::2::3 | multiple :: in address (at ":3")
1:2: | colon must be followed by more characters (at ":")
1:g | each colon-separated field must have at least one digit (at "g")
1g:: | unexpected character, want colon (at "g::")
1:1.2.3.4 | embedded IPv4 address must replace the final 2 fields of the address (at "1.2.3.4")
::1:2:3:4:5:6:7:1.2.3.4 | too many hex fields to fit an embedded IPv4 at the end of the address (at "1.2.3.4")
1.2.3 | IPv4 address too short
1.2.3.4.5 | IPv4 address too long
1.2.3.256 | IPv4 field has value >255
1.02.3.4 | IPv4 field has octet with leading zero
1..2.3 | IPv4 field must have at least one digit (at ".2.3")
1.2.3.4% | unexpected character (at "%")
`;

for (const line of cases.trim().split('\n')) {
  const [text = '', reason = ''] = line.split(' | ');
  test(`${text} is none: ${reason}`, () => {
    assert.deepEqual(parseGoAddress(text), { problem: `ParseAddr("${text}"): ${reason}` });
  });
}
