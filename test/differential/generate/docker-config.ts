/** Docker configs: keys as people and tools write them, entries with all that may stand in one. */
import fc from 'fast-check';
import { indexEntry } from '../../../src/kubelet/keyring.ts';
import { anyText, good, mostly, scratched } from './choice.ts';
import { patternFor } from './image.ts';
import type { Member, Value } from './spelling.ts';

/** Text of an `auth`, most of the time right. */
export const authField = scratched(
  fc
    .tuple(
      anyText,
      mostly(good(':'), good('', '::', ':\n'), 6),
      anyText,
      good<'padded' | 'bare'>('padded', 'padded', 'bare'),
    )
    .map(([username, colon, password, form]) => {
      const encoded = Buffer.from(username + colon + password).toString('base64');
      return form === 'padded' ? encoded : encoded.replace(/=+$/, '');
    }),
  '=-_ \n\r\tA/+\u00e9',
  3,
);

const odd = good<Value>(null, 5, true, [], { members: [] }, 'text');

function member(name: fc.Arbitrary<string>, value: fc.Arbitrary<Value>): fc.Arbitrary<Member> {
  return fc.tuple(name, mostly(value, odd, 60));
}

const entryMember = fc.oneof(
  { weight: 6, arbitrary: member(mostly(good('auth'), good('Auth', 'AUTH')), authFieldValue()) },
  {
    weight: 4,
    arbitrary: member(
      mostly(good('username', 'password'), good('userName', 'PASSWORD', 'u\u017fername', 'pa\u017fsword')),
      anyText,
    ),
  },
  {
    weight: 2,
    arbitrary: member(good('email', 'Email', 'identitytoken', 'registrytoken', 'x', '', 'serveraddress'), anyText),
  },
);

/** Right more often than an `auth` alone: one that is wrong spoils the whole file. */
function authFieldValue(): fc.Arbitrary<string> {
  const right = good('QVdTOnMzY3JldA==', 'dXNlcjpwdw', 'dXNlcjpwdw==', 'Og==', 'dTo6', '', 'w6k6w6k=', '/zr/');
  return mostly<string>(right, authField, 12);
}

const entry = mostly<Value>(
  fc.array(entryMember, { maxLength: 3 }).map((members) => ({ members })),
  good<Value>(null, 'text', 5, []),
  30,
);

/** The key for an image, in the spellings that docker clients of all times have used. */
export function keyFor(image: string): fc.Arbitrary<string> {
  return fc
    .tuple(
      mostly(good('', '', '', 'https://', 'http://'), good('HTTPS://', 'ftp://', '//'), 15),
      patternFor(image),
      good('', '', '', '', '/v1/', '/v2/', '/v1'),
    )
    .map(([scheme, pattern, api]) => (api === '' ? scheme + pattern : scheme + pattern.replace(/(\/|$)/, `${api}$1`)));
}

export const hubKey = good(
  'https://index.docker.io/v1/',
  'index.docker.io',
  'docker.io',
  'https://index.docker.io/v1',
  'registry-1.docker.io',
);

const anyKey = fc.oneof(
  good('r.io', 'a.b:5000', '*.io', 'r.io/team', '', '__proto__', '1', '2', 'constructor', 'a b', '\u00e9.io'),
  hubKey,
);

/** The bare map of a `.dockercfg`; equal entries only if asked for, because their order is random in Go. */
export function entriesWith(keys: fc.Arbitrary<string> = anyKey, distinct = false): fc.Arbitrary<Value> {
  const members = fc.tuple(keys, entry);
  const list = distinct
    ? fc.uniqueArray(members, { maxLength: 3, selector: ([key]) => indexEntry(key) ?? key })
    : fc.array(members, { maxLength: 3 });
  return list.map((all) => ({ members: all }));
}

const headers = mostly<Value>(
  good<Value>({ members: [] }, { members: [['User-Agent', 'Docker']] }, { members: [['X', null]] }, null),
  good<Value>('x', { members: [['X', 5]] }, []),
  6,
);

/** Around maps of entries, one or more, what else a docker client keeps in `config.json`. */
export function configWith(entries: fc.Arbitrary<Value>, maxMaps = 2): fc.Arbitrary<Value> {
  const extra = fc.oneof(
    fc.tuple(good('HttpHeaders', 'httpheaders', 'HTTPHEADERS'), headers),
    fc.tuple(good('credsStore', 'credHelpers', 'psFormat', 'auth', ''), good<Value>('pass', { members: [] }, null)),
  );
  const auths = fc.tuple(
    mostly(good('auths'), good('Auths', 'AUTHS', 'auth\u017f'), 8),
    mostly<Value>(entries, good<Value>(null, [], 'x', 5), 40),
  );
  return fc
    .tuple(
      fc.array(auths, { minLength: maxMaps === 1 ? 1 : 0, maxLength: maxMaps }),
      mostly(
        fc.constant<Member[]>([]),
        extra.map((one) => [one]),
        3,
      ),
    )
    .map(([some, more]) => ({ members: [...some, ...more] }));
}
