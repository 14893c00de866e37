/**
 * The project's own OCI registry on loopback, for tests and for the demo: real HTTP, real authentication, real blobs.
 * Strict where real services are strict, and as wrong as a test wants it (faults.ts). It holds images given to it in
 * memory and takes no pushes.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Answer, errorAnswer } from './answer.ts';
import { deliver } from './deliver.ts';
import { applyFault, type Reply } from './fault-effects.ts';
import { createFaultSet, type Fault, type FaultSet } from './faults.ts';
import {
  type AuthOptions,
  type BearerGateParts,
  createBasicGate,
  createBearerGate,
  createOpenGate,
  type Gate,
} from './gate.ts';
import { listen, type Origin } from './origin.ts';
import { answerRoute, parseRoute } from './read-side.ts';
import { createRepositories, type Repositories } from './repositories.ts';
import { type OriginName, type ReceivedRequest, receive, refuseForm } from './request.ts';
import { type LogEntry, startEntry } from './request-log.ts';
import { createStorage, type StorageOptions } from './storage.ts';
import type { ServerIdentity } from './tls.ts';
import { createTokenService } from './token-service.ts';
import { createTokens, type Tokens } from './tokens.ts';

export interface RegistryOptions {
  /** Default: none. */
  readonly auth?: AuthOptions;
  /** The realm on a port of its own instead of the registry's. */
  readonly tokenOrigin?: 'same' | 'other';
  /** Blobs by redirect to an origin that refuses Authorization; without it the registry sends them itself. */
  readonly storage?: StorageOptions;
  readonly tls?: ServerIdentity;
  /** The registry's port; default: any free one. */
  readonly port?: number;
  readonly faults?: readonly Fault[];
  /** Milliseconds since the epoch, for the life of tokens and addresses. */
  readonly now?: () => number;
}

export interface Registry {
  /** `http://127.0.0.1:PORT` or https. */
  readonly url: string;
  /** As in an image name. */
  readonly host: string;
  /** URLs of all three origins; two are the same where the service has no port of its own. */
  readonly urls: Readonly<Record<OriginName, string>>;
  add: Repositories['add'];
  /** All requests, to all origins, in the order they came. */
  readonly requests: readonly LogEntry[];
  readonly faults: FaultSet;
  readonly tokens: Tokens;
  /** What each TLS connection to the registry offered by ALPN. */
  readonly offered: Origin['offered'];
  /** Ends all connections. Throws if the fake itself failed: a test must not pass on that. */
  close(): Promise<void>;
}

export async function startRegistry(options: RegistryOptions = {}): Promise<Registry> {
  const { auth = { mode: 'none' }, tokenOrigin = 'same', tls, now = Date.now } = options;
  const urls: Record<OriginName, string> = { registry: '', token: '', storage: '' };
  const repositories = createRepositories();
  const faults = createFaultSet(options.faults);
  const requests: LogEntry[] = [];

  const { service = 'fake-registry', signer = undefined } = auth.mode === 'bearer' ? auth : {};
  const tokens = createTokens({ service, now, signer });
  const gate = createGate(auth, { repositories, tokens, service, realm: () => realmOf(auth, urls.token) });
  const answerToken =
    auth.mode === 'bearer' ? createTokenService(auth, { tokens, repositories, service, now }) : undefined;
  const storage = options.storage && createStorage(options.storage, { url: () => urls.storage, now });

  const answer = (request: ReceivedRequest): Answer => {
    const { origin, path } = request;
    const { port } = new URL(urls[origin]);
    const hosts = loopbackNames.map((name) => `${name}:${port}`);
    const bad = refuseForm(request, hosts, origin === 'token' ? ['GET', 'POST'] : ['GET', 'HEAD']);
    if (bad !== undefined) return bad;
    if (origin === 'storage') return storage?.answer(request) ?? nothingHere;
    if (origin === 'token') return path === tokenPath ? (answerToken?.(request) ?? nothingHere) : nothingHere;
    const route = parseRoute(path);
    if ('status' in route) return route;
    const name = route.kind === 'ping' ? undefined : route.name;
    const redirectBlob = storage?.redirect;
    const honest = gate.refuse(request, name) ?? answerRoute(request, route, { repositories, redirectBlob });
    const refused = gate.refuseDead(name);
    const variants = { ...honest.variants, ...(refused === undefined ? {} : { refused: () => withVersion(refused) }) };
    return { ...withVersion(honest), variants };
  };

  const handle = async (door: OriginName, message: IncomingMessage, response: ServerResponse): Promise<void> => {
    const atToken = door === 'registry' && tokenOrigin === 'same' && message.url?.split('?')[0] === tokenPath;
    const request = await receive(atToken && auth.mode === 'bearer' ? 'token' : door, message);
    const entry = startEntry(request);
    requests.push(entry);
    let reply: Reply = { answer: answer(request), delivery: {} };
    for (const action of faults.find(request, reply.answer.status)) {
      entry.faults.push(action.is);
      reply = applyFault(reply, action, (text) => fillIn(text, request, urls));
    }
    entry.status = reply.answer.status;
    const onBytes = (count: number): void => {
      entry.sent += count;
    };
    await deliver(response, { ...reply, method: request.method, onBytes });
  };

  const crew = createCrew();
  const open = (door: OriginName, port?: number): Promise<Origin> => {
    return listen((message, response) => crew.start(handle(door, message, response), response), { tls, port });
  };
  const registry = await open('registry', options.port);
  const token = auth.mode === 'bearer' && tokenOrigin === 'other' ? await open('token') : registry;
  const store = storage === undefined ? registry : await open('storage');
  Object.assign(urls, { registry: registry.url, token: token.url, storage: store.url });

  return {
    url: registry.url,
    host: registry.host,
    urls,
    add: repositories.add,
    requests,
    faults,
    tokens,
    offered: registry.offered,
    async close() {
      await Promise.all([...new Set([registry, token, store])].map((origin) => origin.close()));
      await crew.end();
    },
  };
}

/** In use for 127.0.0.1, where all origins listen. */
const loopbackNames = ['127.0.0.1', 'localhost'];

const tokenPath = '/token';

const nothingHere = errorAnswer(404, 'UNSUPPORTED', 'no such path');

function realmOf(auth: AuthOptions, url: string): string {
  const query = auth.mode === 'bearer' && auth.realmQuery !== undefined ? `?${auth.realmQuery}` : '';
  return `${url}${tokenPath}${query}`;
}

function createGate(auth: AuthOptions, parts: BearerGateParts): Gate {
  switch (auth.mode) {
    case 'none':
      return createOpenGate();
    case 'basic':
      return createBasicGate(auth, parts.repositories);
    case 'bearer':
      return createBearerGate(auth, parts);
  }
}

/** Said by every registry that began with Docker's own. */
function withVersion(answer: Answer): Answer {
  return { ...answer, headers: [['Docker-Distribution-Api-Version', 'registry/2.0'], ...answer.headers] };
}

/** Puts addresses into the texts of faults (FaultAction). */
function fillIn(text: string, request: ReceivedRequest, urls: Readonly<Record<OriginName, string>>): string {
  const { origin, path, query } = request;
  const self = `${urls[origin]}${path}${query === '' ? '' : `?${query}`}`;
  return text.replace(/\{(?:registry|token|storage|self)\}/g, (place) => {
    return (
      { '{registry}': urls.registry, '{token}': urls.token, '{storage}': urls.storage, '{self}': self }[place] ?? place
    );
  });
}

interface Crew {
  start(work: Promise<void>, response: ServerResponse): void;
  /** Waits for all work; throws what went wrong in it. */
  end(): Promise<void>;
}

/** The answers being given, so that none outlives the registry and no failure of the fake is lost. */
function createCrew(): Crew {
  const working = new Set<Promise<void>>();
  const failures: unknown[] = [];
  return {
    start(work, response) {
      const watched = work
        .catch((error: unknown) => {
          // The client went away in the middle of its own request.
          if (error instanceof Error && 'code' in error && error.code === 'ECONNRESET') return;
          failures.push(error);
          response.destroy();
        })
        .finally(() => working.delete(watched));
      working.add(watched);
    },
    async end() {
      await Promise.all(working);
      if (failures.length > 0)
        throw new AggregateError(failures, `the fake failed: ${failures.map(String).join('; ')}`);
    },
  };
}
