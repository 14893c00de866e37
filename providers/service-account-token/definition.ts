/**
 * `provider: service-account-token`, as an entry writes it (docs/configuration.md). What is done with a token is in
 * provider.ts, which other answers do not load.
 */
import type { Json, JsonObject } from '../../src/json.ts';
import type { ProviderDefinition, Zod } from '../../src/provider.ts';
import type { ServiceAccountTokenOptions } from './provider.ts';

export const serviceAccountTokenDefinition: ProviderDefinition<ServiceAccountTokenOptions> = {
  name: 'service-account-token',
  decode,
  fields,
  // A token goes only to hosts that the config names.
  recognises: () => false,
  kubeletToken: ({ audience }) => ({ audience, cacheType: 'Token' }),
  load: async () => (await import('./provider.ts')).serviceAccountTokenProvider,
};

/** A registry that knows the caller by the token does not look at the name; a runtime sends none without a name. */
const defaultUsername = 'jwt';

/** Basic authentication ends the user name at the first colon. */
const usernamePattern = /^[^:\p{Cc}]+$/u;

function decode(members: JsonObject): ServiceAccountTokenOptions | undefined {
  const { audience, issuer, kubeletCacheType, username = defaultUsername, ...others } = members;
  if (Object.keys(others).length > 0 || kubeletCacheType !== 'Token') return undefined;
  if (!isText(audience) || !isText(username) || !usernamePattern.test(username)) return undefined;
  if (issuer === undefined) return { audience, username };
  return isText(issuer) ? { audience, username, issuer } : undefined;
}

function isText(value: Json | undefined): value is string {
  return typeof value === 'string' && value !== '';
}

function fields(zod: Zod) {
  const text = zod.string().min(1, 'it is empty; write it out');
  const cacheType = zod.literal('Token', {
    error: "write Token, as tokenAttributes.cacheType of the kubelet's config: with another it refuses its own token",
  });
  return {
    audience: text.describe(
      "The audience that the token must have; serviceAccountTokenAudience of the kubelet's config",
    ),
    kubeletCacheType: cacheType.describe("Token, which tokenAttributes.cacheType of the kubelet's config must be too"),
    issuer: text.optional().describe('The issuer that the token must have; any unless given'),
    username: zod
      .string()
      .regex(usernamePattern, 'empty, or it holds a colon or a control character; leave that out')
      .optional()
      .describe(`The user name beside the token; ${defaultUsername} unless given`),
  };
}
