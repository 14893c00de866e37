/**
 * The kubelet's config and ours for the scenes of a cluster. Both begin with the examples for service account tokens, as an
 * operator would copy them; each other entry is that of a scene, under a second name of the executable.
 */
import { readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, parseAllDocuments } from 'yaml';
import type { InstalledPurser } from '../node/purser.ts';

/** Host of the examples, and their audience. */
export const host = 'registry.example.com';
export const audience = 'registry.example.com';

/** Hosts of single scenes. */
export const hosts = {
  annotated: 'annotated.example.com',
  forbidden: 'forbidden.example.com',
  mismatched: 'mismatched.example.com',
  shared: 'shared.example.com',
} as const;

export const annotation = 'registry.example.com/pull';

/** Nothing allows nodes to ask for this one. */
export const forbiddenAudience = 'forbidden.example.com';

export interface ProviderFiles {
  /** Path of the kubelet's config. */
  readonly kubelet: string;
  /** What the API server is told: the example's ClusterRole and its binding. */
  readonly clusterObjects: readonly ClusterObject[];
}

export interface ClusterObject {
  readonly kind: string;
}

export function writeProviders(folder: string, purser: InstalledPurser): ProviderFiles {
  const { providers, ...document } = parse(example('kubelet/service-account-token.yaml'));
  const [first] = providers;
  const env = [...first.env, { name: 'PURSER_CONFIG', value: purser.config }];
  const provider = (scene: keyof typeof hosts, tokenAttributes: object): object => {
    const name = `purser-${scene}`;
    symlinkSync('purser', join(purser.binDir, name));
    return {
      ...first,
      name,
      env,
      matchImages: [hosts[scene]],
      tokenAttributes: { ...first.tokenAttributes, ...tokenAttributes },
    };
  };
  const all = [
    { ...first, env },
    provider('annotated', { requiredServiceAccountAnnotationKeys: [annotation] }),
    provider('forbidden', { serviceAccountTokenAudience: forbiddenAudience }),
    provider('mismatched', {}),
    provider('shared', { cacheType: 'ServiceAccount' }),
  ];
  const kubelet = join(folder, 'token-providers.json');
  writeFileSync(kubelet, JSON.stringify({ ...document, providers: all }));
  const [entry] = parse(example('config/service-account-token.yaml')).registries;
  purser.serve(
    entry,
    { ...entry, matchImages: [hosts.annotated] },
    { ...entry, matchImages: [hosts.forbidden], audience: forbiddenAudience },
    { ...entry, matchImages: [hosts.mismatched], audience: 'another.example.com' },
    { ...entry, matchImages: [hosts.shared] },
  );
  const objects = parseAllDocuments(example('kubelet/service-account-token-rbac.yaml'));
  return { kubelet, clusterObjects: objects.map((object): ClusterObject => object.toJS()) };
}

function example(name: string): string {
  return readFileSync(new URL(`../../../examples/${name}`, import.meta.url), 'utf8');
}
