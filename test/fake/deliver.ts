/**
 * An answer on the wire. Honest ones go through node:http; what node:http would not send (wrong lengths, broken ends, no
 * end) is written to the socket by hand, and such a connection is never used again.
 */
import { type ServerResponse, STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { TLSSocket } from 'node:tls';
import type { Answer, HeaderLine } from './answer.ts';

export interface Delivery {
  /** Infinity: no answer. */
  readonly delayMs?: number;
  /** Lines instead of the true one; none leaves the body without a length. */
  readonly contentLength?: readonly string[];
  readonly cut?: { readonly after: number | 'nothing'; readonly how: 'reset' | 'end' | 'silence' };
  /** `all` is the head too. */
  readonly pace?: { readonly bytes: number; readonly everyMs: number; readonly of?: 'body' | 'all' };
  readonly endless?: boolean;
}

export interface DeliverOptions {
  readonly method: string;
  readonly answer: Answer;
  readonly delivery: Delivery;
  /** Told the bytes of the body as they are handed over. */
  readonly onBytes: (count: number) => void;
}

export async function deliver(response: ServerResponse, options: DeliverOptions): Promise<void> {
  const { method, answer, delivery, onBytes } = options;
  const { socket } = response;
  if (socket === null || socket.destroyed) return;
  const gone = new AbortController();
  const abort = (): void => gone.abort();
  socket.once('close', abort);
  try {
    if (delivery.delayMs !== undefined) await pause(delivery.delayMs, gone.signal);
    const { contentLength, cut, pace, endless } = delivery;
    const byHand = contentLength ?? cut ?? pace ?? endless;
    if (byHand !== undefined || answer.headers.some(isOdd)) return await writeByHand(socket, options, gone.signal);
    const body = method === 'HEAD' ? new Uint8Array() : answer.body;
    response.writeHead(answer.status, [...answer.headers, ['Content-Length', `${answer.body.length}`]].flat());
    response.end(body);
    onBytes(body.length);
  } catch (error) {
    // The client went away, or the registry was closed: there is nobody to tell.
    if (!socket.destroyed) throw error;
  } finally {
    socket.removeListener('close', abort);
  }
}

/** What node:http would refuse to send, or would do something about. */
function isOdd([name, value]: HeaderLine): boolean {
  return name.toLowerCase() === 'transfer-encoding' || !/^[\t\x20-\x7e\x80-\xff]*$/.test(value);
}

async function writeByHand(socket: Socket, options: DeliverOptions, gone: AbortSignal): Promise<void> {
  const { method, answer, delivery, onBytes } = options;
  const { cut, pace, endless = false, contentLength = [`${answer.body.length}`] } = delivery;
  if (cut?.after === 'nothing') return finish(socket, cut.how, gone);
  const lines = [
    `HTTP/1.1 ${answer.status} ${STATUS_CODES[answer.status] ?? ''}`,
    ...answer.headers.map(([name, value]) => `${name}: ${value}`),
    ...contentLength.map((value) => `Content-Length: ${value}`),
    'Connection: close',
  ];
  const step = pace?.bytes ?? pieceSize;
  const sendInSteps = async (bytes: Uint8Array, paced: boolean, onStep: (count: number) => void): Promise<void> => {
    for (let at = 0; at < bytes.length; at += step) {
      const piece = bytes.subarray(at, at + step);
      if (paced && pace !== undefined) await pause(pace.everyMs, gone);
      onStep(piece.length);
      await write(socket, piece, gone);
    }
  };
  const head = Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1');
  await sendInSteps(head, pace?.of === 'all', () => undefined);
  const body = method === 'HEAD' ? new Uint8Array() : answer.body.subarray(0, cut?.after);
  await sendInSteps(body, true, onBytes);
  while (endless && method !== 'HEAD') await sendInSteps(filler, true, onBytes);
  return finish(socket, cut?.how ?? 'end', gone);
}

const pieceSize = 64 * 1024;
const filler = Buffer.alloc(pieceSize, 0x20);

/** Returns when the kernel took the bytes, so that nobody is ahead of a slow reader. */
function write(socket: Socket, bytes: Uint8Array, gone: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    gone.addEventListener('abort', () => reject(gone.reason), { once: true });
    socket.write(bytes, (error) => (error ? reject(error) : resolve()));
  });
}

async function finish(socket: Socket, how: 'reset' | 'end' | 'silence', gone: AbortSignal): Promise<void> {
  if (how === 'silence') return pause(Number.POSITIVE_INFINITY, gone);
  if (how === 'end') {
    socket.end();
    return;
  }
  // What the client has not read by now is lost: it gets at most what was sent. A TLS socket cannot send a reset, but
  // its connection ends without the closing alert, which is as broken.
  if (socket instanceof TLSSocket) socket.destroy();
  else socket.resetAndDestroy();
}

/** Longer than any test. */
const forEver = 2 ** 31 - 1;

async function pause(ms: number, gone: AbortSignal): Promise<void> {
  await sleep(Math.min(ms, forEver), undefined, { signal: gone });
}
