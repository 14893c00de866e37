/** The table of providers. Importing it loads no provider's SDK and asks nothing of the machine. */
import type { ProviderDefinition } from '../src/provider.ts';
import { dockerConfigDefinition } from './docker-config/definition.ts';
import { serviceAccountTokenDefinition } from './service-account-token/definition.ts';
import { staticDefinition } from './static.ts';

export const providers: readonly ProviderDefinition[] = [
  staticDefinition,
  dockerConfigDefinition,
  serviceAccountTokenDefinition,
];
