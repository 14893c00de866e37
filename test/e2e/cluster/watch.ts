/** What happens in a cluster from one moment on. */
import type { Cluster } from './cluster.ts';

export interface Watch {
  /** Of purser, in order: the image, and what was answered or why not. */
  runs(): readonly string[];
  /** Whom the registry's token service let in; undefined stands for those whom it did not. Each once, in order. */
  letIn(): readonly (string | undefined)[];
  /** The kubelet's log. */
  said(): string;
  /** The failures in it that it gives providers for. */
  failures(): readonly string[];
}

export function watch({ purser, kubelet, login }: Cluster): Watch {
  const [ran, said, tried] = [purser.log.mark(), kubelet.daemon.log.mark(), login.attempts.length];
  return {
    runs: () => purser.log.lines(ran).map((line) => line.split(' | ').slice(3).join(' | ')),
    letIn: () => [...new Set(login.attempts.slice(tried))],
    said: () => kubelet.daemon.log.text(said),
    failures: () =>
      kubelet.daemon.log.lines(said).filter((line) => line.includes('"Failed to provide credentials for')),
  };
}
