/**
 * One loopback HTTP server, and nothing left of it after close(): every socket is tracked, also those in the middle
 * of a handshake, and ended. HTTP/1.1 only; what a client offers by ALPN is noted.
 */
import { createServer, type RequestListener } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import type { ServerIdentity } from './tls.ts';

export interface Origin {
  /** Without a slash at its end. */
  readonly url: string;
  readonly host: string;
  /** Protocols offered by ALPN, one list for each TLS connection. */
  readonly offered: readonly (readonly string[])[];
  close(): Promise<void>;
}

export interface OriginOptions {
  readonly tls?: ServerIdentity | undefined;
  /** 0 takes any free port. */
  readonly port?: number | undefined;
}

const loopback = '127.0.0.1';

export async function listen(listener: RequestListener, options: OriginOptions = {}): Promise<Origin> {
  const { tls, port = 0 } = options;
  const offered: string[][] = [];
  const server =
    tls === undefined
      ? createServer(listener)
      : createTlsServer(
          {
            ...tls,
            ALPNCallback: ({ protocols }) => {
              offered.push(protocols);
              return protocols.find((protocol) => protocol === 'http/1.1');
            },
          },
          listener,
        );
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  // Node's 5 s would now and then close a connection just as a client writes to it.
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, loopback, resolve);
  });
  const host = `${loopback}:${addressOf(server.address()).port}`;
  return {
    url: `${tls === undefined ? 'http' : 'https'}://${host}`,
    host,
    offered,
    close() {
      return new Promise((resolve, reject) => {
        server.close((error) => (error === undefined ? resolve() : reject(error)));
        for (const socket of sockets) socket.destroy();
      });
    },
  };
}

function addressOf(address: AddressInfo | string | null): AddressInfo {
  if (typeof address !== 'object' || address === null) throw new TypeError('a TCP server has an address and a port');
  return address;
}
