/**
 * Configs and layers: streamed through the check of their size and digest, and kept nowhere, so memory stays flat however
 * large they are; or asked for a single byte, which proves the right to have them, storage included. A stream that breaks
 * goes on where it broke: the check has seen all bytes before. OCI distribution specification, "Pulling blobs"; RFC 9110
 * section 14. Left out: several ranges of one blob at once, and the order of blobs.
 */
import type { Clock } from '../clock.ts';
import { PurserError, RegistryError } from '../errors.ts';
import { parseContentRange } from './content-range.ts';
import { type ContentVerifier, createVerifier, wrongSize } from './digest.ts';
import type { Handshake, RegistryAnswer } from './handshake.ts';
import type { Descriptor } from './manifest.ts';
import { refusalOf } from './refusal.ts';
import type { RetryBudget } from './retry.ts';
import type { Trace } from './trace.ts';
import { type Watchdog, watched } from './watchdog.ts';

export interface BlobClient {
  /** Reads all of it. Throws IntegrityError, RegistryError, PurserError NET_*. */
  read(blob: Descriptor, options?: ReadBlobOptions): Promise<void>;
  /** Asks for its first byte. Throws the same. */
  firstByte(blob: Descriptor, options?: BlobOptions): Promise<void>;
}

export interface BlobOptions {
  readonly signal?: AbortSignal;
}

export interface ReadBlobOptions extends BlobOptions {
  readonly sink?: BlobSink;
}

/** Gets the pieces of a blob before it is known whether they are the right ones. */
export interface BlobSink {
  write(piece: Uint8Array): void;
  /** The blob comes anew from its beginning. */
  restart(): void;
}

export interface BlobClientOptions {
  readonly handshake: Handshake;
  readonly budget: RetryBudget;
  readonly clock: Clock;
  readonly trace: Trace;
}

export function createBlobClient({ handshake, budget, clock, trace }: BlobClientOptions): BlobClient {
  const ask = async ({ digest }: Descriptor, range: string | undefined, watchdog: Watchdog) => {
    const answer = await handshake.send({
      purpose: 'blob',
      method: 'GET',
      path: `blobs/${digest.text}`,
      ...(range !== undefined && { headers: { range } }),
      signal: watchdog.signal,
    });
    watchdog.began();
    return answer;
  };

  const run = <T>(work: (watchdog: Watchdog) => Promise<T>, signal: AbortSignal | undefined): Promise<T> =>
    budget.run(() => watched(clock, work, signal), signal);

  return {
    async read(blob, { signal, sink } = {}) {
      const { size } = blob;
      let verifier: ContentVerifier | undefined;
      const startAgain = (): void => {
        verifier = undefined;
        sink?.restart();
      };

      await run(async (watchdog) => {
        const from = verifier?.bytes ?? 0;
        // It broke after its last byte: there is nothing left to ask for.
        if (verifier !== undefined && from === size) return verifier.finish();
        const answer = await ask(blob, from === 0 ? undefined : `bytes=${from}-${size - 1}`, watchdog);
        if (from > 0 && answer.status === 200) startAgain();
        if (answer.status === 206 || answer.status === 416) {
          if (verifier === undefined || !isRange(answer, blob, from, size - 1)) {
            answer.cancel();
            startAgain();
            throw wrongRange(answer);
          }
        } else if (answer.status === 200) refuseOtherSize(answer, blob);
        else throw await refusalOf(answer, 'GET', clock.now());

        verifier ??= createVerifier(blob, answer.request);
        for await (const piece of answer.body) {
          verifier.update(piece);
          sink?.write(piece);
          watchdog.progress(piece.length);
          trace({ kind: 'bytes', count: piece.length });
        }
        if (verifier.bytes < size && !isFramed(answer)) throw cutShort(answer);
        verifier.finish();
      }, signal);
      trace({ kind: 'blob', digest: blob.digest.text });
    },

    async firstByte(blob, { signal } = {}) {
      let range: string | undefined = blob.size === 0 ? undefined : 'bytes=0-0';
      await run(async (watchdog) => {
        let answer = await ask(blob, range, watchdog);
        if (answer.status === 416 && range !== undefined) {
          // Some servers know no ranges; without one they send it all, and are stopped.
          answer.cancel();
          range = undefined;
          answer = await ask(blob, range, watchdog);
        }
        const { status } = answer;
        if (status !== 200 && status !== 206) throw await refusalOf(answer, 'GET', clock.now());
        if (status === 200) refuseOtherSize(answer, blob);
        else if (!isRange(answer, blob, 0, 0)) {
          answer.cancel();
          throw wrongRange(answer);
        }
        if (status === 206) await drain(answer, 1);
        else answer.cancel();
      }, signal);
      trace({ kind: 'blob', digest: blob.digest.text });
    },
  };
}

/** Whether these are exactly the bytes that were asked for. Throws where the blob they are of has another size. */
function isRange(answer: RegistryAnswer, blob: Descriptor, first: number, last: number): boolean {
  const { status, headers, request } = answer;
  const range = status === 206 ? parseContentRange(headers.get('content-range')) : undefined;
  if (range === undefined || range.first !== first || range.last !== last) return false;
  if (range.total === undefined || range.total === blob.size) return true;
  throw wrongSize({ doing: `checking ${blob.digest.text}`, request }, blob.size, `it has ${range.total} bytes there`);
}

function isFramed({ headers }: RegistryAnswer): boolean {
  return headers.has('content-length') || headers.has('transfer-encoding');
}

/** Nothing needs to be read to know that these are not the bytes. */
function refuseOtherSize(answer: RegistryAnswer, { digest, size }: Descriptor): void {
  const declared = answer.headers.get('content-length');
  if (declared === null || Number(declared) === size) return;
  answer.cancel();
  throw wrongSize({ doing: `checking ${digest.text}`, request: answer.request }, size, `${declared} bytes are sent`);
}

/** Lets a short body end by itself, so that its connection can be used again. */
async function drain({ body }: RegistryAnswer, maxBytes: number): Promise<void> {
  let bytes = 0;
  for await (const piece of body) {
    bytes += piece.length;
    if (bytes > maxBytes) return;
  }
}

/** To be asked for again, from the beginning. */
function wrongRange({ request }: RegistryAnswer): RegistryError {
  const found = 'it sends another range than the one it was asked for';
  const todo = 'look at what answers there; is a cache between?';
  return new RegistryError('REGISTRY_UNAVAILABLE', { doing: `asking ${request.url}`, found, todo, request });
}

/** A body without a length ends like one that was cut. */
function cutShort({ request }: RegistryAnswer): PurserError {
  const found = 'the connection ended before all bytes had come';
  return new PurserError('NET_BROKEN', { doing: `reading ${request.url}`, found, todo: 'try again', request });
}
