/** Documents as somebody might have written them: spelled as JSON or YAML in one of many ways, some damaged as text. */
import fc from 'fast-check';
import { fromBytes } from '../../../src/kubelet/go-text.ts';
import { mostly } from './choice.ts';
import { applyDamage, type Damage, damage } from './damage.ts';
import { createStyle, toJson, toYaml, type Value } from './spelling.ts';

const noHarm: readonly Damage[] = [];
const harms = (weight: number): fc.Arbitrary<readonly Damage[]> => {
  return mostly<readonly Damage[]>(fc.constant(noHarm), fc.array(damage, { minLength: 1, maxLength: 2 }), weight);
};
const styles = fc.array(fc.nat(1000), { minLength: 3, maxLength: 20 }).map(createStyle);

/** A value as JSON; one text in `weight + 1` is damaged. */
export function writtenJson(value: fc.Arbitrary<Value>, weight = 6): fc.Arbitrary<string> {
  return fc.tuple(value, styles, harms(weight)).map(([document, style, all]) => {
    return all.reduce(applyDamage, toJson(document, style));
  });
}

/** A value as JSON or YAML. */
export function written(value: fc.Arbitrary<Value>, weight = 3): fc.Arbitrary<string> {
  return fc.tuple(value, fc.boolean(), styles, harms(weight)).map(([document, json, style, all]) => {
    return all.reduce(applyDamage, json ? toJson(document, style) : toYaml(document, style).replace(/^\n/, ''));
  });
}

/** Lone surrogates from U+DC80 on stand for single bytes. */
export function bytesOf(text: string): Buffer {
  if (!/[\udc80-\udcff]/.test(text)) return Buffer.from(text);
  return Buffer.concat(
    [...text].map((c) => (/^[\udc80-\udcff]$/.test(c) ? Buffer.from([c.charCodeAt(0) - 0xdc00]) : Buffer.from(c))),
  );
}

/** The same as Go's JSON decoder reads it: what is no text is U+FFFD, byte by byte. */
export function textOf(text: string): string {
  return fromBytes(bytesOf(text).toString('latin1'));
}
