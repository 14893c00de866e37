/** What happens in a cluster from one moment on. */
import type { Cluster } from './cluster.ts';

export interface Watch {
  /** Of purser, in order: the image, and what was answered or why not. */
  runs(): readonly string[];
  /** Whom the registry's token service let in; undefined stands for those whom it did not. Each once, in order. */
  letIn(): readonly (string | undefined)[];
  /** The kubelet's log. */
  said(): string;
  /** Lines in it that tell of a provider without an answer; newer kubelets quote what older ones write as it is. */
  failures(): readonly string[];
}

export function watch({ purser, kubelet, login }: Cluster): Watch {
  const [ran, said, tried] = [purser.log.mark(), kubelet.daemon.log.mark(), login.attempts.length];
  return {
    runs: () => purser.log.lines(ran).map((line) => line.split(' | ').slice(3).join(' | ')),
    letIn: () => [...new Set(login.attempts.slice(tried))],
    said: () => kubelet.daemon.log.text(said),
    failures: () => {
      const lines = kubelet.daemon.log.lines(said).filter((line) => failed.test(line));
      return lines.map((line) => line.replaceAll('\\"', '"'));
    },
  };
}

/** One sentence for all since 1.35; before, each failure had its own. */
const failed = new RegExp(
  [
    '"Failed to provide credentials for',
    'Failed getting credential from external registry',
    'Error getting service account token',
    'Credential provider plugin returned',
  ].join('|'),
);
