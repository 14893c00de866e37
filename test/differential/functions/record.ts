/** What a kubelet remembers of its pulls. */
import fc from 'fast-check';
import {
  encodePulledRecord,
  encodePullIntent,
  hashAuthConfig,
  type PulledRecord,
  recordFileName,
} from '../../../src/node/pull-record.ts';
import { define } from '../differential.ts';
import { anyText, good, mostly } from '../generate/choice.ts';
import { imageName } from '../generate/image.ts';

export const intent = define({
  name: 'pull-intent',
  refuses: false,
  questions: fc.record({ image: mostly(imageName, anyText, 2) }),
  ours: ({ image }) => ({ accepted: [recordFileName(image), encodePullIntent(image)] }),
});

const account = fc.record({ uid: anyText, namespace: anyText, name: anyText });
const secret = fc.record({ uid: anyText, namespace: anyText, name: anyText, credentialHash: anyText });
const credentials = fc.record(
  {
    kubernetesSecrets: fc.array(secret, { maxLength: 2 }),
    kubernetesServiceAccounts: fc.array(account, { maxLength: 2 }),
    nodePodsAccessible: fc.boolean(),
  },
  { requiredKeys: [] },
);

export const record = define<PulledRecord>({
  name: 'pull-record',
  refuses: false,
  questions: fc.record({
    imageRef: mostly(good(`sha256:${'0a'.repeat(32)}`), anyText, 2),
    lastUpdatedTime: fc.oneof(
      fc.integer({ min: 0, max: 253402300799999 }),
      good(0, 999, 1000, 951782400000, 1700000000123),
    ),
    credentialMapping: fc.dictionary(mostly(imageName, anyText, 3), credentials, { maxKeys: 3 }),
  }),
  ours: (question) => ({ accepted: [recordFileName(question.imageRef), encodePulledRecord(question)] }),
});

export const hash = define({
  name: 'credential-hash',
  refuses: false,
  questions: fc.record({ username: anyText, password: anyText, email: mostly(good(''), anyText, 1) }),
  ours: (credential) => ({ accepted: hashAuthConfig(credential) }),
});
