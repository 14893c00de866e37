/** etcd, where an API server keeps what it knows. */
import { buildGoProgram } from './go-program.ts';

/** Path of the executable. Any release of etcd 3 does; this one was the newest when this was written. */
export function buildEtcd(): string {
  const path = 'go.etcd.io/etcd/server/v3';
  return buildGoProgram({ module: { path, version: 'v3.6.16' }, package: path, name: 'etcd' });
}
