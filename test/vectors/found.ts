/**
 * found.json: where we once disagreed with a kubelet, each with its story. The comparison that finds such cases
 * (test/differential) draws other ones every time its generators change; these stay.
 */
import assert from 'node:assert/strict';
import { checkGoType, type GoType } from '../../src/kubelet/go-decode.ts';
import { parseGoJson } from '../../src/kubelet/go-json.ts';
import { checks } from './docker-config.ts';
import { casesByKind, textOf, type Vector, type VectorTable } from './table.ts';

export const table: VectorTable = {
  name: 'found',
  cases: (document) => casesByKind(document, { ...checks, 'duration-json': checkDuration }),
};

const documentType: GoType = {
  kind: 'struct',
  name: 'main.document',
  fields: { duration: { kind: 'duration', name: '' } },
};

function checkDuration(vector: Vector): void {
  const { fatal } = checkGoType(parseGoJson(textOf(vector, 'text')), documentType);
  assert.equal(fatal?.text, vector['error']);
}
