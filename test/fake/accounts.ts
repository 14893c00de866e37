/** User names and passwords, and the Basic scheme that carries them (RFC 7617). */

/** Passwords by user name; or whoever can tell from both who that is, and says undefined of nobody. */
export type Users = Readonly<Record<string, string>> | ((user: string, password: string) => string | undefined);

export type BasicResult = { readonly user: string } | 'wrong' | 'malformed';

/** Whose credentials these are. Base64 and UTF-8 must be canonical: a real parser takes no other. */
export function checkBasic(users: Users, parameters: string): BasicResult {
  const bytes = Buffer.from(parameters, 'base64');
  const text = bytes.toString();
  const colon = text.indexOf(':');
  if (colon === -1 || bytes.toString('base64') !== parameters || !Buffer.from(text).equals(bytes)) return 'malformed';
  const user = text.slice(0, colon);
  const known = findUser(users, user, text.slice(colon + 1));
  return known === undefined ? 'wrong' : { user: known };
}

/** Who has this password, if somebody has. */
export function findUser(users: Users, user: string, password: string): string | undefined {
  if (typeof users === 'function') return users(user, password);
  return Object.hasOwn(users, user) && users[user] === password ? user : undefined;
}
