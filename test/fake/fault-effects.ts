/** What a fault (faults.ts) does to an honest answer, and to its way over the wire (deliver.ts). */
import { gzipSync } from 'node:zlib';
import { type Answer, withHeader } from './answer.ts';
import type { Delivery } from './deliver.ts';
import type { FaultAction, JsonEdit, Text } from './faults.ts';

export interface Reply {
  readonly answer: Answer;
  readonly delivery: Delivery;
}

/** `expand` puts in the addresses that texts leave open. */
export function applyFault(reply: Reply, action: FaultAction, expand: (text: string) => string): Reply {
  const { answer, delivery } = reply;
  const say = (change: Partial<Answer>): Reply => ({ answer: { ...answer, ...change }, delivery });
  const send = (change: Delivery): Reply => ({ answer, delivery: { ...delivery, ...change } });
  const bytes = (text: Text): Uint8Array => (typeof text === 'string' ? Buffer.from(expand(text)) : text);
  switch (action.is) {
    case 'answer': {
      const headers = (action.headers ?? []).map(([name, value]) => [name, expand(value)] as const);
      return say({ status: action.status, headers, body: bytes(action.body ?? '') });
    }
    case 'header': {
      const values = action.values.map(expand);
      if (action.name.toLowerCase() === 'content-length') return send({ contentLength: values });
      return say({ headers: withHeader(answer.headers, action.name, values) });
    }
    case 'status':
      return say({ status: action.status });
    case 'body':
      return say({ body: bytes(action.body) });
    case 'json':
      return say({ body: editJson(answer.body, action) });
    case 'redirect': {
      const { status = 307, to } = action;
      return say({ status, headers: [['Location', expand(to)]], body: Buffer.alloc(0) });
    }
    case 'token':
      return { answer: need(answer.variants?.token, action.is)(action), delivery };
    case 'dead token':
      return { answer: need(answer.variants?.refused, action.is)(), delivery };
    case 'flip':
      return say({ body: flip(answer.body, action.at) });
    case 'resize': {
      const resized = say({ body: resize(answer.body, action.by) });
      if (action.declared === 'actual') return resized;
      return { ...resized, delivery: { ...delivery, contentLength: [`${answer.body.length}`] } };
    }
    case 'whole':
      return { answer: need(answer.variants?.whole, action.is)(), delivery };
    case 'range':
      return { answer: need(answer.variants?.range, action.is)(action.first, action.last), delivery };
    case 'gzip':
      return say({ body: gzipSync(answer.body), headers: withHeader(answer.headers, 'Content-Encoding', ['gzip']) });
    case 'delay':
      return send({ delayMs: action.ms });
    case 'cut':
      return send({ cut: action });
    case 'trickle':
      return send({ pace: action });
    case 'endless':
      return send({ endless: true, contentLength: [] });
  }
}

/** A fault that cannot do its work would let a test pass for nothing. */
function need<T>(variant: T | undefined, name: string): T {
  if (variant === undefined) throw new Error(`the fault "${name}" does not fit this request`);
  return variant;
}

function editJson(body: Uint8Array, { rename = {}, set = {}, drop = [] }: JsonEdit): Buffer {
  const value: unknown = JSON.parse(Buffer.from(body).toString());
  if (typeof value !== 'object' || value === null) throw new TypeError('the body is no object');
  const renamed = Object.entries(value).map(([name, member]) => [rename[name] ?? name, member] as const);
  const edited = Object.entries({ ...Object.fromEntries(renamed), ...set }).filter(([name]) => !drop.includes(name));
  return Buffer.from(JSON.stringify(Object.fromEntries(edited)));
}

function flip(body: Uint8Array, at: number): Buffer {
  if (at >= body.length) throw new RangeError(`there is no byte ${at} to flip`);
  const copy = Buffer.from(body);
  copy.writeUInt8(copy.readUInt8(at) ^ 1, at);
  return copy;
}

function resize(body: Uint8Array, by: number): Buffer {
  return by < 0 ? Buffer.from(body.subarray(0, by)) : Buffer.concat([body, Buffer.alloc(by, 0x20)]);
}
