/** Hosts that a provider serves by itself: all of the name counts, and nothing that only looks like it (R-REQ-06). */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { ProviderDefinition } from '../../src/provider.ts';

export function testRecognition<Options>(definition: ProviderDefinition<Options>, hosts: readonly string[]): void {
  test('it recognises its hosts, each time it is asked', () => {
    for (const host of [...hosts, ...hosts]) assert.ok(definition.recognises(host), host);
    if (hosts.length > 0) assert.ok(definition.decode({}) !== undefined, 'a host without an entry has no members');
  });

  test('it recognises no host that merely looks like one of its own (R-REQ-06)', () => {
    const wrong = hosts.flatMap(lookAlikes).filter((host) => definition.recognises(host));
    assert.deepEqual(wrong, []);
  });

  test('it recognises no chance text (R-REQ-06)', () => {
    const text = fc.oneof(fc.string(), fc.string({ unit: 'binary' }), fc.domain(), fc.ipV4(), fc.ipV6());
    fc.assert(
      fc.property(text, (host) => {
        fc.pre(!hosts.includes(host));
        assert.equal(definition.recognises(host), false);
      }),
    );
  });
}

/** Names whose owner may be anybody: something before, behind or inside, another letter that looks the same. */
function lookAlikes(host: string): string[] {
  const around = [
    `${host}.evil.example`,
    `${host}evil`,
    `${host}.`,
    `${host}:5000`,
    `${host}@evil.example`,
    `${host}/evil.example`,
    `${host}\n`,
    `evil.example/${host}`,
    `evil.example#${host}`,
    `evil.example\n${host}`,
    `user@${host}`,
    `https://${host}`,
    ` ${host}`,
    `.${host}`,
    host.toUpperCase(),
    host.replaceAll('.', '-'),
  ];
  const dots = [...host.matchAll(/\./g)].map(({ index }) => `${host.slice(0, index)}x${host.slice(index + 1)}`);
  const cyrillic = [...host.matchAll(/[aeo]/g)].map(({ 0: letter, index }) => {
    return `${host.slice(0, index)}${{ a: 'а', e: 'е', o: 'о' }[letter]}${host.slice(index + 1)}`;
  });
  return [...around, ...dots, ...cyrillic];
}
