/** The functions of ours that are compared with a kubelet's. */
import type { Differential } from './differential.ts';
import { auth, configJson, configPlaces, dockercfg, pullSecrets } from './functions/docker-config.ts';
import { parseImage, podImage } from './functions/image.ts';
import { keyring } from './functions/keyring.ts';
import { defaultRegistry, glob, url, urlMatch } from './functions/match.ts';
import { cacheKey, request, response } from './functions/plugin.ts';
import { providerConfigOf } from './functions/provider-config.ts';
import { hash, intent, readIntent, readRecord, record } from './functions/record.ts';
import { duration, durationJson, json, quote } from './functions/text.ts';
import { yaml } from './functions/yaml.ts';

/** What the newest kubelet is asked. */
export const functionsOfNewest: readonly Differential[] = [
  urlMatch,
  url,
  glob,
  defaultRegistry,
  parseImage,
  podImage,
  keyring,
  configJson,
  dockercfg,
  configPlaces,
  auth,
  pullSecrets,
  request,
  response,
  cacheKey,
  intent,
  record,
  readIntent,
  readRecord,
  hash,
  duration,
  durationJson,
  json,
  quote,
  yaml,
];

/** What a kubelet of any version is asked. */
export function functionsOf(kubeletVersion: string, isNewest: boolean): readonly Differential[] {
  const config = providerConfigOf(kubeletVersion);
  return isNewest ? [...functionsOfNewest, config] : [config];
}
