/** User names and passwords, and the Basic scheme that carries them (RFC 7617). */

export type Users = Readonly<Record<string, string>>;

export type BasicResult = { readonly user: string } | 'wrong' | 'malformed';

/** Whose credentials these are. Base64 and UTF-8 must be canonical: a real parser takes no other. */
export function checkBasic(users: Users, parameters: string): BasicResult {
  const bytes = Buffer.from(parameters, 'base64');
  const text = bytes.toString();
  const colon = text.indexOf(':');
  if (colon === -1 || bytes.toString('base64') !== parameters || !Buffer.from(text).equals(bytes)) return 'malformed';
  const user = text.slice(0, colon);
  return isPassword(users, user, text.slice(colon + 1)) ? { user } : 'wrong';
}

export function isPassword(users: Users, user: string, password: string): boolean {
  return Object.hasOwn(users, user) && users[user] === password;
}
