/** One scope of the token specification: type(class):name:actions (distribution, docs/content/spec/auth/scope.md). */

export interface Scope {
  readonly type: string;
  readonly name: string;
  readonly actions: readonly string[];
}

const component = '[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*';
const host = '[a-zA-Z0-9-]+(?:\\.[a-zA-Z0-9-]+)*(?::[0-9]+)?';
const pattern = new RegExp(
  `^([a-z0-9]+(?:\\([a-z0-9]+\\))?):((?:${host}/)?${component}(?:/${component})*):((?:[a-z]+|\\*)(?:,(?:[a-z]+|\\*))*)$`,
);

export function parseScope(text: string): Scope | undefined {
  const match = pattern.exec(text);
  if (match === null) return undefined;
  const [, type = '', name = '', actions = ''] = match;
  return { type, name, actions: actions.split(',') };
}
