/** `provider: static`. What it does with files, owners and modes is in test/commands/serve-files.test.ts. */
import { staticDefinition } from '../../providers/static.ts';
import { testContract } from '../contract/suite.ts';

const image = 'reg.example/team/app';
const credential = { username: 'robot', password: 's3cret', scope: 'reg.example', expiresAt: 'never' as const };

testContract(staticDefinition, {
  source: 'providers/static.ts',
  answers: [
    {
      what: 'a user name and a password in the config',
      members: { username: 'robot', password: 's3cret' },
      image,
      credentials: [credential],
    },
    {
      what: 'a user name and a password in files',
      members: { usernameFile: '/user', passwordFile: '/password' },
      files: { '/user': 'robot\n', '/password': 's3cret\n' },
      image,
      credentials: [credential],
    },
    {
      what: 'a host with a port',
      members: { username: 'robot', passwordFile: '/password' },
      files: { '/password': 's3cret' },
      image: 'reg.example:5000/app',
      credentials: [{ ...credential, scope: 'reg.example:5000' }],
    },
  ],
  failures: [
    {
      what: 'a password file that is missing',
      members: { usernameFile: '/user', passwordFile: '/absent' },
      files: { '/user': 's3cret' },
      image,
      code: 'FILE_MISSING',
      secret: 's3cret',
    },
    {
      what: 'a user name file that is empty',
      members: { usernameFile: '/user', password: 's3cret' },
      files: { '/user': '\n' },
      image,
      code: 'FILE_EMPTY',
      secret: 's3cret',
    },
  ],
});
