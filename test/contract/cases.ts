/** A provider's cases as data, and how one of them is asked. */
import assert from 'node:assert/strict';
import type { Credential } from '../../src/credential.ts';
import type { ErrorCode } from '../../src/errors.ts';
import type { JsonObject } from '../../src/json.ts';
import { toPlanRequest } from '../../src/plugin.ts';
import type { Plan, PlanRequest, Provider, ProviderDefinition } from '../../src/provider.ts';
import { createContext, type World } from './world.ts';

export interface ContractCases {
  /** The definition's source file, from the root of the project. */
  readonly source: string;
  /** Hosts that are served without an entry. */
  readonly recognised?: readonly string[];
  readonly answers: readonly AnswerCase[];
  /** Images that are none of the provider's. */
  readonly foreign?: readonly Case[];
  /** Asked, and nothing found. */
  readonly nothing?: readonly Case[];
  readonly failures: readonly FailureCase[];
}

/** One entry, one image, and the world around them. */
export interface Case extends World {
  /** Ends the sentence "answers …", "fails for …". */
  readonly what: string;
  /** The entry's members that belong to the provider. */
  readonly members: JsonObject;
  /** As a kubelet sends it. */
  readonly image: string;
  /** The same, where the kubelet sends one. */
  readonly serviceAccountToken?: string;
}

export interface AnswerCase extends Case {
  readonly credentials: readonly Credential[];
}

export interface FailureCase extends Case {
  readonly code: ErrorCode;
  /** Stands somewhere in the case, and must stand nowhere in the error. */
  readonly secret?: string;
}

/** A case, loaded and decoded. */
export interface Question<Options> {
  readonly provider: Provider<Options>;
  readonly options: Options;
  readonly request: PlanRequest;
}

export async function prepare<Options>(
  definition: ProviderDefinition<Options>,
  { members, image, serviceAccountToken }: Pick<Case, 'members' | 'image' | 'serviceAccountToken'>,
): Promise<Question<Options>> {
  const options = definition.decode(members);
  assert.ok(options !== undefined, 'its members are refused');
  const token = serviceAccountToken === undefined ? {} : { serviceAccountToken };
  return { provider: await definition.load(), options, request: Object.freeze(toPlanRequest({ image, ...token })) };
}

export interface Outcome {
  readonly plan: Plan;
  readonly credentials: readonly Credential[];
  /** What the log was told. */
  readonly facts: readonly string[];
}

/** Plans, then asks in a world. */
export async function ask<Options>(
  { provider, options, request }: Question<Options>,
  world: World,
  deadline?: AbortSignal,
): Promise<Outcome> {
  const plan = provider.plan(request, options);
  assert.ok(plan !== undefined, `${request.image} is declined`);
  const { context, facts } = createContext(world, deadline);
  return { plan, facts, credentials: await provider.getCredentials(plan, options, context, request) };
}
