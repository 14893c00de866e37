/**
 * `WWW-Authenticate` lines to challenges, and the one that we answer. RFC 9110 section 11 gives the grammar, RFC 6750
 * section 3 the bearer parameters; real registries leave out quotes, add blanks and put several challenges on a line.
 * One pass, no backtracking: 64 KiB of hostile header cost as much as 64 KiB of a good one. Left out: the meaning of
 * service and scope (token.ts), and whether a realm may see a credential (realm.ts).
 */
import type { RealmJudgement } from './realm.ts';

/** Scheme and parameter names are lower case, values as sent. `params` has no prototype. */
export interface Challenge {
  readonly scheme: string;
  readonly params: Readonly<Record<string, string>>;
  /** A single unnamed value, as `Negotiate` sends it. */
  readonly token68?: string;
  /** A second realm was given: nobody can tell which one is meant, so neither is used. */
  readonly ambiguousRealm?: true;
}

export interface ParsedChallenges {
  readonly challenges: readonly Challenge[];
  /** The rest of some line could not be read, or a parameter came twice; what was complete before it is kept. */
  readonly malformed: boolean;
}

/** Each line is one header field; equal headers joined with a comma give the same challenges. Never throws. */
export function parseChallenges(lines: readonly string[]): ParsedChallenges {
  const challenges: MutableChallenge[] = [];
  const complete = lines.map((line) => readLine(line, challenges));
  return { challenges, malformed: complete.includes(false) };
}

interface MutableChallenge {
  readonly scheme: string;
  readonly params: Record<string, string>;
  token68?: string;
  ambiguousRealm?: true;
}

const blanks = /[ \t]*/y;
const separators = /[ \t,]*/y;
const word = /[!#$%&'*+.^_`|~0-9A-Za-z-]+/y;
/** Wider than the grammar: the colons, slashes and equals of an unquoted realm belong to it. */
const unquoted = /[^ \t,"]+/y;
/** The end of the pattern makes `realm=x` a parameter; its parts share no character, so nothing is tried twice. */
const token68 = /[0-9A-Za-z._~+/-]+=*(?=[ \t]*(?:,|$))/y;
const quotedPart = /[^"\\]+/y;

/** Appends the challenges of a line; false where something could not be read or came twice. */
function readLine(line: string, challenges: MutableChallenge[]): boolean {
  let at = 0;
  let clean = true;
  let current: MutableChallenge | undefined;

  const take = (pattern: RegExp): string => {
    pattern.lastIndex = at;
    const text = pattern.exec(line)?.[0] ?? '';
    at += text.length;
    return text;
  };
  const atMemberEnd = (): boolean => at === line.length || line[at] === ',';

  const quoted = (): string | undefined => {
    const parts: string[] = [];
    for (at++; at < line.length; ) {
      parts.push(take(quotedPart));
      const c = line[at++];
      if (c === '"') return parts.join('');
      // A backslash takes whatever follows; at the end of the line it takes nothing, and the string has no end.
      if (c === '\\' && at < line.length) parts.push(line[at++] ?? '');
    }
    return undefined;
  };

  /** `at` stands on the equals sign; false where the value, or the end of the member, is missing. */
  const parameter = (challenge: MutableChallenge, name: string): boolean => {
    at++;
    take(blanks);
    const value = line[at] === '"' ? quoted() : take(unquoted) || undefined;
    if (value === undefined) return false;
    if (!addParameter(challenge, name.toLowerCase(), value)) clean = false;
    take(blanks);
    return atMemberEnd();
  };

  /** What follows a scheme after blanks: nothing, one unnamed value, or the first parameter. */
  const afterScheme = (challenge: MutableChallenge, blank: boolean): boolean => {
    if (atMemberEnd()) return true;
    if (!blank) return false;
    const unnamed = take(token68);
    if (unnamed !== '') {
      challenge.token68 = unnamed;
      return true;
    }
    const name = take(word);
    take(blanks);
    return name !== '' && line[at] === '=' && parameter(challenge, name);
  };

  for (;;) {
    take(separators);
    if (at === line.length) return clean;
    const name = take(word);
    if (name === '') return false;
    const blank = take(blanks) !== '';
    if (line[at] === '=') {
      if (current === undefined || !parameter(current, name)) return false;
    } else {
      current = { scheme: name.toLowerCase(), params: Object.create(null) };
      challenges.push(current);
      if (!afterScheme(current, blank)) return false;
    }
  }
}

/** The first of two equal parameters counts. */
function addParameter(challenge: MutableChallenge, name: string, value: string): boolean {
  if (!(name in challenge.params)) {
    challenge.params[name] = value;
    return true;
  }
  if (name === 'realm') challenge.ambiguousRealm = true;
  return false;
}

/** Why there is nothing to answer. */
export type NoChoice =
  | 'no-challenge'
  | 'unsupported-scheme'
  | 'bearer-without-realm'
  | 'ambiguous-realm'
  | 'realm-denied';

export type ChosenChallenge =
  | {
      readonly scheme: 'bearer';
      readonly index: number;
      readonly challenge: Challenge;
      /** Verdict `allow` or `notice`, with the URL to ask. */
      readonly realm: Exclude<RealmJudgement, { verdict: 'deny' }>;
    }
  | { readonly scheme: 'basic'; readonly index: number; readonly challenge: Challenge }
  | {
      readonly scheme: 'none';
      readonly reason: NoChoice;
      /** The realm that was refused and why, with `realm-denied`. */
      readonly denied?: { readonly realm: string; readonly judgement: RealmJudgement };
    };

/**
 * Bearer before Basic, because a token gives away less than a password; among bearers the best verdict on the realm,
 * then the order of the lines.
 */
export function chooseChallenge(
  challenges: readonly Challenge[],
  judge: (realm: string) => RealmJudgement,
): ChosenChallenge {
  const refusals: (ChosenChallenge & { scheme: 'none' })[] = [];
  let noticed: ChosenChallenge | undefined;
  let basic: ChosenChallenge | undefined;
  for (const [index, challenge] of challenges.entries()) {
    const { scheme, params, ambiguousRealm } = challenge;
    const realm = params['realm'] ?? '';
    if (scheme !== 'bearer' && scheme !== 'basic') continue;
    if (ambiguousRealm) {
      refusals.push({ scheme: 'none', reason: 'ambiguous-realm' });
    } else if (scheme === 'basic') {
      basic ??= { scheme, index, challenge };
    } else if (realm === '') {
      refusals.push({ scheme: 'none', reason: 'bearer-without-realm' });
    } else {
      const judgement = judge(realm);
      if (judgement.verdict === 'allow') return { scheme, index, challenge, realm: judgement };
      if (judgement.verdict === 'notice') noticed ??= { scheme, index, challenge, realm: judgement };
      else refusals.push({ scheme: 'none', reason: 'realm-denied', denied: { realm, judgement } });
    }
  }
  const refusal = refusals.find(({ reason }) => reason === 'realm-denied') ?? refusals[0];
  return noticed ?? basic ?? refusal ?? { scheme: 'none', reason: noneOf(challenges) };
}

function noneOf(challenges: readonly Challenge[]): NoChoice {
  return challenges.length === 0 ? 'no-challenge' : 'unsupported-scheme';
}
