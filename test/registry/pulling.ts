/** One pull from a fake registry by the real engine, for tests of its parts: what came of it, and what it told. */
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { type Attempt, attemptPull } from '../../src/attempt.ts';
import type { AuthConfig } from '../../src/credential.ts';
import { createHttpClient } from '../../src/http.ts';
import { parseDigest } from '../../src/registry/digest.ts';
import type { Platform } from '../../src/registry/manifest.ts';
import { registrableDomain } from '../../src/registry/site.ts';
import type { TraceEvent } from '../../src/registry/trace.ts';
import type { PullLevel } from '../../src/runtime/pull.ts';
import { createImage, type Image } from '../fake/image.ts';
import { type Registry, type RegistryOptions, startRegistry } from '../fake/registry.ts';
import type { LogEntry } from '../fake/request-log.ts';
import { createTestClock, type TestClock } from './test-clock.ts';

export const users = { robot: 'pa:ss wörd' };
export const robot: AuthConfig = { username: 'robot', password: users.robot };

/** A registry with `team/app:1.0` in it, private. */
export async function start(
  t: TestContext,
  options: RegistryOptions = {},
  image: Image = createImage(),
): Promise<Registry> {
  const registry = await startRegistry(options);
  t.after(() => registry.close());
  registry.add('team/app', '1.0', image);
  return registry;
}

export interface PullTest {
  readonly credential?: AuthConfig;
  readonly repository?: string;
  readonly tag?: string;
  readonly digest?: string;
  readonly level?: PullLevel;
  readonly platform?: Platform;
  readonly strict?: boolean;
  readonly clock?: TestClock;
  readonly ca?: string;
  readonly checked?: Map<string, number>;
  /** Sees each event as it comes. */
  readonly onEvent?: (event: TraceEvent) => void;
}

export interface PullResult extends Attempt {
  readonly events: readonly TraceEvent[];
  readonly clock: TestClock;
}

export async function pull(registry: Registry, options: PullTest = {}): Promise<PullResult> {
  const { credential, repository = 'team/app', tag = '1.0', level = 'full', strict = false, ca } = options;
  const { platform = { os: 'linux', architecture: 'amd64' }, clock = createTestClock() } = options;
  const digest = parseDigest(options.digest ?? '');
  const http = await createHttpClient({ ca: ca === undefined ? [] : [ca] });
  const events: TraceEvent[] = [];
  try {
    const attempt = await attemptPull(credential, {
      http,
      clock,
      host: registry.host,
      repository,
      reference: digest === undefined ? { tag } : { digest },
      plainHTTP: registry.url.startsWith('http:'),
      realms: { registrableDomain, strict },
      platform,
      level,
      checked: options.checked ?? new Map(),
      trace: (event) => {
        events.push(event);
        options.onEvent?.(event);
      },
    });
    return { ...attempt, events, clock };
  } finally {
    await http.close();
  }
}

/** The code of the error that ended the pull; `undefined` where nothing did. */
export function codeOf({ error }: Attempt): string | undefined {
  return error?.code;
}

/** Fails with what went wrong. */
export function assertPulled({ error, pulled }: Attempt): void {
  assert.equal(error?.message, undefined);
  assert(pulled !== undefined);
}

export function warningsOf({ events }: PullResult): string[] {
  return events.flatMap((event) => (event.kind === 'warning' ? [event.text] : []));
}

/** Method, path and status of each request, to the registry alone or to all origins. */
export function requestsOf({ requests }: Registry, wanted: (entry: LogEntry) => boolean = () => true): string[] {
  return requests.filter(wanted).map(({ origin, method, path, status }) => {
    const short = path.replace(/sha256:[0-9a-f]{64}/, 'DIGEST').replace('/v2/team/app/', '');
    return `${origin} ${method} ${short} ${status}`;
  });
}

export function authorizationsOf(entry: LogEntry): string[] {
  return entry.headers.filter(([name]) => name.toLowerCase() === 'authorization').map(([, value]) => value);
}
