/**
 * A registry's read side as a pull needs it: a name to a descriptor, a descriptor to a manifest whose bytes are the ones
 * that were asked for. OCI distribution specification, "Pulling manifests",
 * https://github.com/opencontainers/distribution-spec/blob/main/spec.md#pull. A HEAD costs nothing where pulls are counted,
 * but is so often broken that only a GET decides. Left out: blobs (blob.ts).
 */
import type { Clock } from '../clock.ts';
import { IntegrityError, RegistryError, type RequestFacts } from '../errors.ts';
import { readBody } from '../http.ts';
import { createVerifier, type Digest, digestOf, parseDigest } from './digest.ts';
import type { Handshake, RegistryAnswer } from './handshake.ts';
import { maxManifestBytes } from './manifest.ts';
import { acceptManifests } from './media-type.ts';
import { refusalOf } from './refusal.ts';
import type { RetryBudget } from './retry.ts';
import type { Trace } from './trace.ts';
import { type Watchdog, watched } from './watchdog.ts';

export interface RegistryClient {
  /** What a tag or a digest stands for. Throws RegistryError, IntegrityError, PurserError NET_*. */
  resolve(reference: Reference): Promise<Resolved>;
  /** The manifest, its bytes checked. Throws the same. */
  fetch(resolved: Resolved): Promise<FetchedManifest>;
}

export type Reference = { readonly tag: string } | { readonly digest: Digest };

export interface Resolved {
  readonly digest: Digest;
  readonly size?: number;
  /** The tag that it was found by. */
  readonly tag?: string;
}

export interface FetchedManifest {
  readonly digest: Digest;
  readonly bytes: Uint8Array;
  readonly contentType: string;
  readonly request: RequestFacts;
}

export interface ClientOptions {
  readonly handshake: Handshake;
  readonly budget: RetryBudget;
  readonly clock: Clock;
  readonly trace: Trace;
}

export function createRegistryClient({ handshake, budget, clock, trace }: ClientOptions): RegistryClient {
  /** Manifests that came with a question that was only about their name. */
  const atHand = new Map<string, FetchedManifest>();

  const ask = async (method: 'GET' | 'HEAD', name: string, watchdog: Watchdog): Promise<RegistryAnswer> => {
    const headers = { accept: acceptManifests };
    const { signal } = watchdog;
    const answer = await handshake.send({ purpose: 'manifest', method, path: `manifests/${name}`, headers, signal });
    watchdog.began();
    return answer;
  };

  /** By digest or, where the bytes have to say what their digest is, by tag. */
  const fetchNamed = (name: string, expected?: Resolved): Promise<FetchedManifest> =>
    budget.run(() =>
      watched(clock, async (watchdog) => {
        const answer = await ask('GET', name, watchdog);
        const { request, headers } = answer;
        if (answer.status !== 200) throw await refusalOf(answer, 'GET', clock.now());
        const tooLarge = (found: string): IntegrityError => tooLargeError(name, found, request);
        const bytes = await readBody(answer, { maxBytes: maxManifestBytes, request, framed: true, tooLarge });
        const digest = expected?.digest ?? digestOf(bytes);
        const verifier = createVerifier(expected ?? { digest }, request);
        verifier.update(bytes);
        verifier.finish();
        warnOfHeader(headers, digest);
        return { digest, bytes, contentType: headers.get('content-type') ?? '', request };
      }),
    );

  /** Many registries send a wrong one for tags, so only the bytes count. */
  const warnOfHeader = (headers: Headers, digest: Digest): void => {
    const named = headers.get('docker-content-digest');
    // Of another algorithm it may be as true.
    if (named === null || !named.startsWith(`${digest.algorithm}:`) || named === digest.text) return;
    trace({ kind: 'warning', text: `the registry calls ${digest.text} by a wrong name in its header` });
  };

  const head = (name: string): Promise<Pick<RegistryAnswer, 'status' | 'headers'>> =>
    budget.run(() =>
      watched(clock, async (watchdog) => {
        const answer = await ask('HEAD', name, watchdog);
        answer.cancel();
        // To ask again at once, by GET, would be no answer to "too many requests".
        if (answer.status === 429) throw await refusalOf(answer, 'HEAD', clock.now());
        return answer;
      }),
    );

  return {
    async resolve(reference) {
      const name = 'tag' in reference ? reference.tag : reference.digest.text;
      const { status, headers } = await head(name);
      const digest = 'tag' in reference ? parseDigest(headers.get('docker-content-digest') ?? '') : reference.digest;
      const size = Number(headers.get('content-length') ?? Number.NaN);
      // No manifest is empty: such a length stands for one that was not known.
      const isComplete = status === 200 && digest !== undefined && Number.isSafeInteger(size) && size > 0;
      if (isComplete) return { ...reference, digest, size };
      const manifest = await fetchNamed(name, 'tag' in reference ? undefined : reference);
      atHand.set(manifest.digest.text, manifest);
      return { ...reference, digest: manifest.digest, size: manifest.bytes.length };
    },

    async fetch(resolved) {
      const { digest, tag } = resolved;
      const known = atHand.get(digest.text);
      if (known !== undefined) return known;
      try {
        return await fetchNamed(digest.text, resolved);
      } catch (error) {
        if (tag === undefined || !(error instanceof RegistryError) || error.code !== 'REGISTRY_NOT_FOUND') throw error;
        const manifest = await fetchNamed(tag);
        const text = `the registry calls ${tag} ${digest.text}, which it does not have; a node that asks so gets nothing`;
        trace({ kind: 'warning', text });
        return manifest;
      }
    },
  };
}

function tooLargeError(name: string, found: string, request: RequestFacts): IntegrityError {
  return new IntegrityError('VERIFY_MANIFEST', {
    doing: `reading the manifest ${name}`,
    found,
    todo: 'no container runtime takes it: build the image with fewer annotations',
    request,
  });
}
