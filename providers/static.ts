/**
 * A user name and a password that somebody wrote down: in files, or in the config itself. For registries that issue
 * robot accounts or long-lived tokens. Leaves out anything that expires by itself.
 */
import type { Credential } from '../src/credential.ts';
import type { Json, JsonObject } from '../src/json.ts';
import type { Plan, PlanRequest, ProviderContext, ProviderDefinition, RuleProblem, Zod } from '../src/provider.ts';

/** Each half is written in the config, or in a file named by its absolute path; never both. */
export interface StaticOptions {
  readonly username: Half;
  readonly password: Half;
}

type Half = { readonly text: string } | { readonly file: string };

export const staticDefinition: ProviderDefinition<StaticOptions> = {
  name: 'static',
  decode,
  fields,
  rules,
  recognises: () => false,
  holdsSecret: (options) => 'text' in options.password,
  load: async () => ({ plan, getCredentials }),
};

function decode(members: JsonObject): StaticOptions | undefined {
  const { username, usernameFile, password, passwordFile, ...others } = members;
  if (Object.keys(others).length > 0) return undefined;
  const user = decodeHalf(username, usernameFile);
  const secret = decodeHalf(password, passwordFile);
  return user === undefined || secret === undefined ? undefined : { username: user, password: secret };
}

function decodeHalf(text: Json | undefined, file: Json | undefined): Half | undefined {
  if (text !== undefined) return typeof text === 'string' && text !== '' && file === undefined ? { text } : undefined;
  return typeof file === 'string' && absolute.test(file) ? { file } : undefined;
}

const absolute = /^\/[^\0]*$/;

function fields(zod: Zod) {
  const text = zod.string().min(1, 'it is empty; write it out or leave the member away');
  const file = zod.string().regex(absolute, 'not an absolute path; name the file from / on');
  return {
    username: text.optional().describe('The user name'),
    usernameFile: file.optional().describe('Absolute path of a file that holds the user name'),
    password: text.optional().describe('The password; the config must then be readable by its owner only'),
    passwordFile: file
      .optional()
      .describe('Absolute path of a file that holds the password, readable by its owner only'),
  };
}

function rules(members: JsonObject): readonly RuleProblem[] {
  const problems: RuleProblem[] = [];
  for (const half of ['username', 'password']) {
    const given = [half, `${half}File`].filter((name) => members[name] !== undefined);
    if (given.length === 0) problems.push({ message: `no ${half}; give ${half} or ${half}File` });
    if (given.length === 2) problems.push({ member: half, message: `given twice; keep ${half} or ${half}File` });
  }
  return problems;
}

function plan(request: PlanRequest, options: StaticOptions): Plan {
  const { username, password } = options;
  const identity = 'text' in username ? `user ${username.text}` : `the user named in ${username.file}`;
  const endpoint = 'text' in password ? 'the config' : password.file;
  return {
    host: request.host,
    repository: request.repository,
    identity,
    endpoint,
    scope: request.host,
    cacheIdentity: JSON.stringify(['static', identity, endpoint]),
  };
}

async function getCredentials(
  plan: Plan,
  options: StaticOptions,
  context: ProviderContext,
): Promise<readonly Credential[]> {
  const { username, password } = options;
  return [
    {
      username: 'text' in username ? username.text : await context.readFile(username.file, 'public'),
      password: 'text' in password ? password.text : await context.readFile(password.file, 'secret'),
      scope: plan.scope,
      expiresAt: 'never',
    },
  ];
}
