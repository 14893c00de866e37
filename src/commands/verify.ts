/** verify: does what a kubelet would get for these images really pull them? */
import { arch, endianness } from 'node:os';
import type { Edge } from '../edge.ts';
import { InputError, quote, type RequestFacts } from '../errors.ts';
import { createHttpClient } from '../http.ts';
import type { ProviderDefinition } from '../provider.ts';
import type { Platform } from '../registry/manifest.ts';
import { hostPlatform } from '../runtime/host-platform.ts';
import { parsePlatform } from '../runtime/platform.ts';
import type { PullLevel } from '../runtime/pull.ts';
import { loadTrust } from '../trust.ts';
import { combinedExitCode } from '../verdict.ts';
import { parseReference, type VerifyOptions, type VerifyReport, verifyPull } from '../verify.ts';
import { type AskOptions, prepareQuestion } from './ask.ts';
import { createProgress } from './progress.ts';
import { describeReport } from './verify-text.ts';

export interface VerifyCommandOptions extends AskOptions {
  readonly platform?: string;
  readonly level: PullLevel;
  readonly strict?: boolean;
  readonly output: 'text' | 'json';
}

export async function verify(
  images: readonly string[],
  options: VerifyCommandOptions,
  edge: Edge,
  providers: readonly ProviderDefinition[],
): Promise<number> {
  const { level, strict = false, output } = options;
  const { clock, env, uid } = edge;
  const platform = readPlatform(options.platform);
  const question = await prepareQuestion(options, edge, providers);
  const connect: VerifyOptions['connect'] = (entry) => {
    const caFile = entry?.caFile;
    return createHttpClient({ ca: loadTrust({ env, uid, ...(caFile !== undefined && { caFile }) }) });
  };
  // A slip in the last name should not be found after an hour of pulling.
  for (const image of images) parseReference(image);

  const reports: VerifyReport[] = [];
  try {
    for (const image of images) {
      const progress = createProgress(image, edge);
      const work = verifyPull(image, { ...question, clock, platform, level, strict, connect, trace: progress.show });
      const report = await work.finally(progress.end);
      reports.push(report);
      if (output === 'text') {
        const color = edge.isTerminal(1) && !env['NO_COLOR'];
        edge.writeOut(`${reports.length > 1 ? '\n' : ''}${describeReport(report, { level, color })}`);
      }
    }
  } finally {
    // What was found out before something else broke is not lost.
    if (output === 'json' && reports.length > 0) {
      const documents = reports.map(toDocument);
      edge.writeOut(`${JSON.stringify(images.length === 1 ? documents[0] : documents)}\n`);
    }
  }
  return combinedExitCode(reports.map(({ verdict }) => verdict));
}

function readPlatform(text: string | undefined): Platform {
  if (text === undefined) return hostPlatform(arch(), endianness());
  const platform = parsePlatform(text);
  if (platform !== undefined) return platform;
  const facts = { doing: `reading --platform ${quote(text)}`, found: 'it is no platform' };
  throw new InputError('USAGE', { ...facts, todo: 'write it as linux/amd64 or linux/arm/v7' });
}

/** The report for programs; the conversation is for people. */
function toDocument(report: VerifyReport): unknown {
  const { image, digest = null, platform = null, verdict, reason, credentials, notAsked, anonymous } = report;
  const { bytes, blobs, notices, warnings } = report;
  return {
    image,
    digest,
    platform,
    verdict,
    reason,
    credentials: credentials.map(({ provider, key, verdict, reason, decidedBy }) => {
      return { provider, key, verdict, reason, decidedBy: requestDocument(decidedBy) };
    }),
    notAsked,
    anonymous: { verdict: anonymous.verdict, decidedBy: requestDocument(anonymous.decidedBy) },
    bytes,
    blobs,
    notices,
    warnings,
  };
}

function requestDocument({ method, url, status }: RequestFacts): unknown {
  return { method, url, status: status ?? null };
}
