/**
 * What the driver prepares and hands to the scenarios in their environment: a sandbox, and a kubelet. A file of scenarios
 * that is run without the driver has neither, and skips.
 */
import { minorOf } from '../build/kubernetes.ts';

/** Variables that the driver sets. */
export const variables = {
  /** Paths of executables. */
  kubelet: 'PURSER_E2E_KUBELET',
  say: 'PURSER_E2E_SAY',
  etcd: 'PURSER_E2E_ETCD',
  apiServer: 'PURSER_E2E_API_SERVER',
  kubeletVersion: 'PURSER_E2E_KUBELET_VERSION',
  /** Why there is no node. */
  noNode: 'PURSER_E2E_NO_NODE',
} as const;

export const kubeletVersion = process.env[variables.kubeletVersion] ?? '';

/** The minor version from which on kubelets send pods' tokens to plugins unless told otherwise. */
export const sinceTokens = 34;

/** Whether to skip, and why; for the options of node:test. `since` is the minor version that brought what is tested. */
export function needNode({ since = 0, until = Number.POSITIVE_INFINITY } = {}): string | false {
  if (kubeletVersion === '') return process.env[variables.noNode] ?? 'npm run e2e brings up what this needs';
  const minor = minorOf(kubeletVersion);
  if (minor < since) return `kubelets have it since 1.${since}; this is ${kubeletVersion}`;
  return minor > until ? `kubelets had it until 1.${until}; this is ${kubeletVersion}` : false;
}

export function given(name: Exclude<keyof typeof variables, 'noNode'>): string {
  const value = process.env[variables[name]];
  if (value === undefined) throw new Error(`${variables[name]} is not set; npm run e2e sets it`);
  return value;
}
