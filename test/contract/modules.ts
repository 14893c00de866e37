/** What a provider's files load: little for the definition, nothing of the machine for all of them. */
import assert from 'node:assert/strict';
import { dirname } from 'node:path';
import { test } from 'node:test';
import { hotModules } from '../hot-modules.ts';
import { importsBelow, providerImports } from '../imports.ts';
import { importSealed } from './sealed.ts';

export function testModules(source: string): void {
  test('its definition loads nothing that other answers would not load anyway', () => {
    const dear = importsBelow(source, ['value']).filter(({ to }) => !hotModules.includes(to));
    assert.deepEqual(dear, []);
  });

  test('it imports the contract, the rules of a kubelet, its own folder, and nothing else', () => {
    const folder = dirname(source) === 'providers' ? source : `${dirname(source)}/`;
    const foreign = importsBelow(source, ['value', 'type', 'lazy'])
      .filter(({ from }) => from.startsWith(folder))
      .filter(({ to }) => !to.startsWith(folder) && !providerImports.test(to));
    assert.deepEqual(foreign, []);
  });

  test('importing it does nothing', () => {
    assert.deepEqual(importSealed(source), []);
  });
}
