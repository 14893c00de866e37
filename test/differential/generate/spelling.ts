/** Values of a document, and the many ways to write one down as JSON or YAML. */

export type Value = null | boolean | number | string | Raw | readonly Value[] | Members;
export type Member = readonly [name: string, value: Value];
/** In the order in which they are written; names may repeat. */
export interface Members {
  readonly members: readonly Member[];
}
/** YAML that stands as it is; in JSON a text. */
export interface Raw {
  readonly raw: string;
}

export function mapping(name: string, value: Value): Members {
  return { members: [[name, value]] };
}

/** How a value is written down; `style` is a stream of choices, so that one text has many spellings. */
export interface Style {
  choose(count: number): number;
}

export function createStyle(seed: readonly number[]): Style {
  let at = 0;
  return { choose: (count) => (seed[at++ % seed.length] ?? 0) % count };
}

function isRaw(value: Value): value is Raw {
  return typeof value === 'object' && value !== null && 'raw' in value;
}

function isMapping(value: Value): value is Members {
  return typeof value === 'object' && value !== null && 'members' in value;
}

function isList(value: Value): value is readonly Value[] {
  return Array.isArray(value);
}

export function toJson(value: Value, style: Style): string {
  const gap = ['', '', ' ', '\n', '\t', '\r\n'][style.choose(6)] ?? '';
  if (isRaw(value)) return JSON.stringify(value.raw);
  if (isMapping(value)) {
    const inner = value.members.map(
      ([member, item]) => `${gap}${JSON.stringify(member)}${gap}:${gap}${toJson(item, style)}`,
    );
    return `{${inner.join(',')}${gap}}`;
  }
  if (isList(value)) return `[${gap}${value.map((item) => toJson(item, style)).join(`,${gap}`)}]`;
  const quoted = JSON.stringify(value);
  return style.choose(20) === 0
    ? quoted.replace(/[a-z]/, (letter) => `\\u00${letter.charCodeAt(0).toString(16)}`)
    : quoted;
}

export function toYaml(value: Value, style: Style, indent = ''): string {
  if (isRaw(value)) return ` ${value.raw}\n`;
  if (isMapping(value) && value.members.length > 0) return `\n${mappingLines(value, style, indent)}`;
  if (!isList(value) || value.length === 0 || style.choose(4) === 0) return ` ${flow(value, style)}${ending(style)}`;
  // A list may stand at the column of its key.
  const inner = style.choose(2) === 0 ? indent : `${indent}  `;
  const items = value.map((item) => {
    if (!isMapping(item) || item.members.length === 0) return `${inner}-${toYaml(item, style, `${inner}  `)}`;
    return `${inner}- ${mappingLines(item, style, `${inner}  `).slice(inner.length + 2)}`;
  });
  return `\n${items.join('')}`;
}

function mappingLines(value: Members, style: Style, indent: string): string {
  return value.members
    .map(([member, item]) => `${indent}${keyText(member, style)}:${toYaml(item, style, `${indent}  `)}`)
    .join('');
}

function ending(style: Style): string {
  return ['\n', '\n', '\n', '\n', ' # x\n', ' \n', '\n\n', '\r\n'][style.choose(8)] ?? '\n';
}

function keyText(member: string, style: Style): string {
  if (/^[A-Za-z]+$/.test(member)) return style.choose(15) === 0 ? `"${member}"` : member;
  return style.choose(3) === 0 ? member : JSON.stringify(member);
}

function flow(value: Value, style: Style): string {
  if (isRaw(value)) return value.raw;
  if (isMapping(value))
    return `{${value.members.map(([member, item]) => `${keyText(member, style)}: ${flow(item, style)}`).join(', ')}}`;
  if (isList(value)) return `[${value.map((item) => flow(item, style)).join(', ')}]`;
  if (typeof value !== 'string') return String(value);
  const plain = /^[A-Za-z0-9/][A-Za-z0-9./:-]*$/.test(value);
  const choice = style.choose(plain ? 8 : 5);
  if (choice === 0) return `'${value.replaceAll("'", "''")}'`;
  if (choice === 1 && !value.includes('\n')) return value;
  if (choice === 2) return `!!str ${JSON.stringify(value)}`;
  return plain ? value : JSON.stringify(value);
}
