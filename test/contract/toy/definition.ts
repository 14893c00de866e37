/**
 * `provider: toy`, the example of docs/writing-a-provider.md. Toy, a company that does not exist, runs a registry for
 * each tenant at TENANT.registry.toy.example and issues passwords that live for an hour.
 */
import type { JsonObject } from '../../../src/json.ts';
import type { ProviderDefinition, Zod } from '../../../src/provider.ts';
import type { ToyOptions } from './provider.ts';

export const toyDefinition: ProviderDefinition<ToyOptions> = {
  name: 'toy',
  decode,
  fields,
  recognises: (host) => toyHost.test(host),
  load: async () => (await import('./provider.ts')).toyProvider,
};

/** Anchored at both ends, dots escaped: evil.example may be called toy.example.evil.example. */
const toyHost = /^[a-z0-9-]+\.registry\.toy\.example$/;

const accountName = /^[a-z]{1,32}$/;

function decode({ account = 'pull', ...others }: JsonObject): ToyOptions | undefined {
  if (Object.keys(others).length > 0) return undefined;
  return typeof account === 'string' && accountName.test(account) ? { account } : undefined;
}

function fields(zod: Zod) {
  const account = zod.string().regex(accountName, 'no account is called so; write 1 to 32 letters from a to z');
  return { account: account.optional().describe('The account that asks; pull unless given') };
}
