/** What happens during a pull, told while it happens: to whoever watches, and for reports. URLs are masked, nothing is secret. */
import type { RequestFacts } from '../errors.ts';
import type { Platform } from './manifest.ts';

/** What a request carried to prove who asks: `form` is a POST for a token with the credential in its body. */
export type Sent = 'nothing' | 'basic' | 'bearer' | 'form';

export type TraceEvent =
  /** A request was answered, or not at all. */
  | { readonly kind: 'request'; readonly request: RequestFacts; readonly sent: Sent }
  /** Something that is allowed, but worth knowing before it is done. */
  | { readonly kind: 'notice'; readonly text: string }
  | { readonly kind: 'warning'; readonly text: string }
  /** The same again, after so many milliseconds. */
  | { readonly kind: 'retry'; readonly reason: string; readonly wait: number }
  | { readonly kind: 'resolved'; readonly digest: string }
  | { readonly kind: 'platform'; readonly platform: Platform }
  /** Blobs to be read, and the bytes that they declare. */
  | { readonly kind: 'blobs'; readonly count: number; readonly bytes: number }
  | { readonly kind: 'bytes'; readonly count: number }
  | { readonly kind: 'blob'; readonly digest: string };

export type Trace = (event: TraceEvent) => void;
