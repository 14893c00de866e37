/** Patterns that a kubelet accepts in vain, or that cover more than their author thinks. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { imageName, parseImageReference } from '../../src/image-reference.ts';
import { matchesImage, parseMatchImage } from '../../src/kubelet/match-image.ts';
import { lintMatchImage } from '../../src/kubelet/match-image-lint.ts';

// Nothing is said about these.
for (const pattern of [
  'registry.example.com',
  'registry.example.com:5000',
  'registry.example.com/team/',
  '*.example.com',
  '123456789012.dkr.ecr.*.amazonaws.com',
  'reg-*.example.com/a/b/',
  'docker.io',
  'localhost',
  'registry:5000',
  '*:5000',
  '[::1]:5000',
  '10.0.0.1:5000',
]) {
  test(`${pattern} is right`, () => assert.deepEqual(lintMatchImage(pattern), []));
}

// Refused by a kubelet anyway.
for (const pattern of ['a.b:*', 'reg[0-9].example', 'a b']) {
  test(`${pattern} is left to validation`, () => assert.deepEqual(lintMatchImage(pattern), []));
}

const never = new Set([
  'empty-pattern',
  'scheme',
  'path-wildcard',
  'tag',
  'impossible-path',
  'hub-name',
  'not-a-host',
  'bare-ipv6',
  'impossible-host',
]);

// Pattern, the rule it trips over, and what to write instead.
for (const [pattern, rule, todo] of [
  ['', 'empty-pattern', 'write a host, or remove it'],
  ['https://reg.example/team', 'scheme', 'write reg.example/team'],
  ['oci://reg.example', 'scheme', 'write reg.example'],
  ['reg.example/*', 'path-wildcard', 'write reg.example: everything below is meant'],
  ['reg.example/**', 'path-wildcard', 'write reg.example: everything below is meant'],
  ['reg.example:5000/team/*/app', 'path-wildcard', 'write reg.example:5000/team/: everything below is meant'],
  ['reg.example/app:v1', 'tag', 'write reg.example/app'],
  ['reg.example/app@sha256:abc', 'tag', 'write reg.example/app'],
  ['reg.example//app', 'impossible-path', undefined],
  ['reg.example/Team', 'impossible-path', undefined],
  ['reg.example/team/_app', 'impossible-path', undefined],
  ['reg.example/te%20am/', 'impossible-path', undefined],
  ['index.docker.io', 'hub-name', 'write docker.io'],
  ['registry-1.docker.io/team/', 'hub-name', 'write docker.io'],
  ['registry', 'not-a-host', undefined],
  ['nginx/', 'not-a-host', undefined],
  ['[::1]', 'bare-ipv6', 'add the port: [address]:5000'],
  ['my_registry.example.com', 'impossible-host', undefined],
  ['registry.example.com.', 'impossible-host', undefined],
  ['/team/', 'impossible-host', undefined],
  ['reg.example/team', 'open-end', 'write reg.example/team/ (all below it, but not the image reg.example/team itself)'],
  ['docker.io/nginx', 'open-end', 'write docker.io/nginx/ (all below it, but not docker.io/library/nginx)'],
  ['*', 'one-label', undefined],
  ['*example.com', 'glued-wildcard', 'write *.example.com'],
  ['**.example.com', 'glued-wildcard', 'write *.example.com'],
  ['*.*', 'wide-host', undefined],
  ['*.com', 'wide-host', undefined],
  ['registry.*', 'wide-host', undefined],
  ['reg.example:443', 'default-port', 'leave the port out, unless the images have it'],
  ['Reg.example', 'host-case', 'write it in lower case'],
  ['robot@reg.example', 'ignored-part', 'leave it out'],
  ['reg.example?x', 'ignored-part', 'leave it out'],
  ['reg.example#x', 'ignored-part', 'leave it out'],
] as const) {
  test(`${pattern === '' ? 'an empty pattern' : pattern}: ${rule}`, () => {
    const advice = lintMatchImage(pattern);
    assert.deepEqual(
      advice.map((item) => item.rule),
      [rule],
    );
    assert.equal(/never matches|no image/.test(advice[0]?.message ?? ''), never.has(rule));
    if (todo !== undefined) assert.equal(advice[0]?.todo, todo);
  });
}

test('advice never repeats what stands before an @', () => {
  assert.doesNotMatch(JSON.stringify(lintMatchImage('robot:CANARY@reg.example/team')), /CANARY/);
});

const label = fc.constantFrom('a', 'b', '*', 'a*', 'A', 'a_b', '', 'docker', 'io', 'index', 'x-', 'localhost');
const segment = fc.constantFrom('a', 'team', '*', 'A', 'a.b', 'a..b', '', '_a', 'a_', 'app:v1', 'library');
const written = fc
  .tuple(
    fc.constantFrom('', '', '', 'u@', 'https://'),
    fc.array(label, { minLength: 1, maxLength: 3 }).map((labels) => labels.join('.')),
    fc.constantFrom('', '', ':5000', ':443', ':'),
    fc.array(segment, { maxLength: 3 }).map((segments) => segments.map((text) => `/${text}`).join('')),
  )
  .map((parts) => parts.join(''));

/** Names that a pod could have, near to the patterns. */
const image = fc
  .tuple(
    fc.array(fc.constantFrom('a', 'b', 'aa', 'A', 'docker', 'io', 'index', 'localhost'), {
      minLength: 1,
      maxLength: 3,
    }),
    fc.constantFrom('', ':5000', ':443'),
    fc.array(fc.constantFrom('a', 'team', 'a.b', 'a_b', 'library', 'app'), { minLength: 1, maxLength: 3 }),
  )
  .map(([labels, port, segments]) =>
    imageName(parseImageReference(`${labels.join('.')}${port}/${segments.join('/')}`)),
  );

test('what is said to match never matches no image', () => {
  fc.assert(
    fc.property(written, fc.array(image, { minLength: 20, maxLength: 20 }), (pattern, images) => {
      const [advice] = lintMatchImage(pattern);
      if (advice === undefined || !never.has(advice.rule)) return;
      const parsed = parseMatchImage(pattern);
      assert.ok(!('problem' in parsed));
      for (const name of images) assert.ok(!matchesImage(parsed, name), `${pattern} matches ${name}`);
    }),
    { numRuns: 3000 },
  );
});

test('what is to be written instead is right, or a kubelet would at least match it', () => {
  fc.assert(
    fc.property(written, (pattern) => {
      for (const { todo, rule } of lintMatchImage(pattern)) {
        const better = /^write (\S+?)(?::? .*)?$/.exec(todo)?.[1];
        if (better === undefined || !['scheme', 'path-wildcard', 'tag', 'open-end', 'glued-wildcard'].includes(rule))
          continue;
        assert.ok(!lintMatchImage(better).some((advice) => advice.rule === rule), `${pattern}: ${better}`);
      }
    }),
    { numRuns: 2000 },
  );
});
