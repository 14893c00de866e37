/** Programs of Kubernetes, of any release that the Go module proxy has. */
import { join } from 'node:path';
import { buildGoProgram } from './go-program.ts';

export const kubernetesVersions = {
  /** The newest release when this was written: the kubelet that CI runs. */
  newest: 'v1.37.2',
  /** Where the rules in src/kubelet were read: what the differential asks, and the API server. */
  rules: 'v1.36.3',
  /** Tried by hand. */
  older: ['v1.34.4', 'v1.30.14'],
} as const;

/** Path of the executable. */
export function buildKubernetesProgram(name: 'kubelet' | 'kube-apiserver', version: string): string {
  const release = 'k8s.io/component-base/version';
  return buildGoProgram({
    module: { path: 'k8s.io/kubernetes', version },
    package: join('k8s.io/kubernetes/cmd', name),
    // Which feature gates are on depends on the version that a program takes itself for.
    set: {
      [`${release}.gitVersion`]: version,
      [`${release}.gitMajor`]: '1',
      [`${release}.gitMinor`]: String(minorOf(version)),
      [`${release}.gitTreeState`]: 'clean',
      [`${release}.buildDate`]: '1970-01-01T00:00:00Z',
      [`${release}.gitCommit`]: '0'.repeat(40),
    },
  });
}

/** 36 of v1.36.3. */
export function minorOf(version: string): number {
  const [, minor] = /^v1\.(\d+)\.\d+$/.exec(version) ?? [];
  if (minor === undefined) throw new RangeError(`${version} is no version of Kubernetes, such as v1.36.3`);
  return Number(minor);
}
