import assert from 'node:assert/strict';
import { test } from 'node:test';
import { resolveGoYaml } from '../../src/kubelet/go-value.ts';
import { parseGoYaml } from '../../src/kubelet/go-yaml.ts';

/** Found by asking sigs.k8s.io/yaml v1.6.0; the rest of its answers is in test/differential. */
const answers: readonly (readonly [story: string, text: string, error: RegExp])[] = [
  [
    'a list or a map as a key is read before it is refused, and what is wrong inside comes first',
    '&a\n *a : x\n',
    /^yaml: anchor 'a' value contains itself$/,
  ],
  ['the same for a tag that does not fit', '? a : !!bool yes#\n', /^yaml: cannot decode !!str `yes#` as a !!bool$/],
  [
    'a key that JSON has no name for comes before a number that JSON has no word for',
    '- .nan\n- ~: a\n',
    /^unsupported map key of type: %!s\(<nil>\), key: <nil>/,
  ],
];

for (const [story, text, message] of answers) {
  test(story, () => assert.throws(() => resolveGoYaml(parseGoYaml(text).root), { message }));
}
