/**
 * A real kube-apiserver on loopback, without scheduler and controllers: pods are bound by hand. Who is who is written in
 * a file of tokens. Nodes are held to what they may do as in any cluster (Node and RBAC, NodeRestriction), which is what
 * decides whether a kubelet gets a pod's token.
 * https://kubernetes.io/docs/reference/command-line-tools-reference/kube-apiserver/
 */
import { generateKeyPairSync } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ask } from '../../fake/ask.ts';
import type { Authority } from '../../fake/tls.ts';
import { type Daemon, startDaemon } from '../daemon.ts';
import { freePorts } from './free-ports.ts';

export interface ApiServerOptions {
  /** Path of the executable. */
  readonly program: string;
  /** Takes its files. */
  readonly folder: string;
  readonly etcdUrl: string;
  readonly authority: Authority;
  /** PEM file of the same. */
  readonly caFile: string;
  readonly nodeName: string;
}

export interface ApiServer {
  readonly daemon: Daemon;
  /** Path of a kubeconfig that makes its holder the node. */
  readonly nodeKubeconfig: string;
  /** As an administrator; rejects with what the server says when it refuses. */
  read(path: string): Promise<Readonly<Record<string, unknown>>>;
  create(path: string, object: object): Promise<Readonly<Record<string, unknown>>>;
  remove(path: string): Promise<Readonly<Record<string, unknown>>>;
}

/** `iss` of every token. */
export const issuer = 'https://kubernetes.default.svc.cluster.local';

export async function startApiServer(options: ApiServerOptions): Promise<ApiServer> {
  const { program, etcdUrl, authority, caFile, nodeName } = options;
  const folder = join(options.folder, 'api-server');
  mkdirSync(folder, { recursive: true });
  const file = (name: string, content: string): string => {
    writeFileSync(join(folder, name), content, { mode: 0o600 });
    return join(folder, name);
  };
  const [port = 0] = await freePorts(1);
  const url = `https://127.0.0.1:${port}`;
  const tls = authority.issue();
  const signer = createSigner();
  const users = ['admin,admin,admin,system:masters', `node,system:node:${nodeName},node,system:nodes`];
  const command = [
    program,
    `--etcd-servers=${etcdUrl}`,
    '--bind-address=127.0.0.1',
    '--advertise-address=127.0.0.1',
    `--secure-port=${port}`,
    `--cert-dir=${folder}`,
    `--tls-cert-file=${file('tls.crt', tls.cert)}`,
    `--tls-private-key-file=${file('tls.key', tls.key)}`,
    `--token-auth-file=${file('users.csv', users.map((user) => `${user}\n`).join(''))}`,
    '--authorization-mode=Node,RBAC',
    '--enable-admission-plugins=NodeRestriction',
    `--service-account-issuer=${issuer}`,
    `--service-account-key-file=${file('signer.pub', signer.publicKey)}`,
    `--service-account-signing-key-file=${file('signer.key', signer.privateKey)}`,
    '--service-cluster-ip-range=10.99.0.0/24',
    '--endpoint-reconciler-type=none',
  ];
  const daemon = startDaemon({ name: 'kube-apiserver', command, folder });
  const headers = { authorization: 'Bearer admin', 'content-type': 'application/json' };
  const ca = authority.certificate;
  const request = async (method: string, path: string, object?: object): Promise<Readonly<Record<string, unknown>>> => {
    const body = object === undefined ? {} : { body: JSON.stringify(object) };
    const answer = await ask(`${url}${path}`, { method, headers, ca, ...body });
    if (answer.status >= 300) throw new Error(`${method} ${path} of the API server: ${answer.status} ${answer.body}`);
    return JSON.parse(answer.body.toString());
  };
  await daemon.ready('all of it', () => isReady(`${url}/readyz`, headers, ca));
  return {
    daemon,
    nodeKubeconfig: file('node.kubeconfig', JSON.stringify(kubeconfigFor(url, caFile))),
    read: (path) => request('GET', path),
    create: (path, object) => request('POST', path, object),
    remove: (path) => request('DELETE', path),
  };
}

function createSigner(): { readonly publicKey: string; readonly privateKey: string } {
  const publicKeyEncoding = { type: 'spki', format: 'pem' } as const;
  const privateKeyEncoding = { type: 'pkcs8', format: 'pem' } as const;
  return generateKeyPairSync('rsa', { modulusLength: 2048, publicKeyEncoding, privateKeyEncoding });
}

async function isReady(url: string, headers: Readonly<Record<string, string>>, ca: string): Promise<boolean> {
  try {
    return (await ask(url, { headers, ca })).status === 200;
  } catch {
    return false;
  }
}

function kubeconfigFor(server: string, caFile: string): object {
  return {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'e2e', cluster: { server, 'certificate-authority': caFile } }],
    users: [{ name: 'node', user: { token: 'node' } }],
    contexts: [{ name: 'e2e', context: { cluster: 'e2e', user: 'node' } }],
    'current-context': 'e2e',
  };
}
