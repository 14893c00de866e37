/**
 * Which manifest of an index containerd's client takes for a host: platform names made equal, the host's list of
 * platforms that it can also run, best first. https://github.com/containerd/platforms (v1.0.0-rc.4) and the selection in
 * https://github.com/containerd/containerd/blob/v2.3.4/core/images/image.go. Left out: containerd's transfer service and
 * CRI-O, which choose differently; reading the config that the last resort needs; finding out what the host is.
 */
import type { Platform } from '../registry/manifest.ts';

/** `candidates` are indexes into the entries, in the order in which containerd tries them. */
export interface PlatformChoice {
  readonly candidates: readonly number[];
  /** Tried when there is no candidate: the first entry without a platform, good only if its config's platform fits. */
  readonly lastResort?: number;
}

/** `entries` are the platforms of an index's manifests; `undefined` where one names none. */
export function choosePlatform(entries: readonly (Platform | undefined)[], host: Platform): PlatformChoice {
  const chain = platformChain(host);
  const ranked = entries.flatMap((entry, index) => {
    const rank = entry === undefined ? -1 : chain.findIndex((member) => matchesExactly(member, entry));
    return rank === -1 ? [] : [{ rank, features: entry?.osFeatures?.length ?? 0, index }];
  });
  // More features are the better fit; the sort is stable, so of two equal platforms the first one is taken.
  const candidates = ranked.sort((a, b) => a.rank - b.rank || b.features - a.features).map(({ index }) => index);
  const lastResort = entries.indexOf(undefined);
  return lastResort === -1 ? { candidates } : { candidates, lastResort };
}

/** Whether the host runs it, the platforms it can also run included. */
export function matchesPlatform(host: Platform, candidate: Platform): boolean {
  return platformChain(host).some((member) => matchesExactly(member, candidate));
}

/** Whether it is the host's own platform. */
export function matchesStrictly(host: Platform, candidate: Platform): boolean {
  return matchesExactly(normalizePlatform(host), candidate);
}

/** `member` is normalized; the candidate's features must all be among the member's. */
function matchesExactly(member: Platform, candidate: Platform): boolean {
  const { os, architecture, variant, osVersion, osFeatures = [] } = normalizePlatform(candidate);
  return (
    member.os === os &&
    member.architecture === architecture &&
    member.variant === variant &&
    (os !== 'windows' || runsOnWindows(member.osVersion ?? '', osVersion ?? '')) &&
    osFeatures.every((feature) => member.osFeatures?.includes(feature) === true || isIgnored(os, feature))
  );
}

/** Older matchers never looked at this one feature, and images rely on it. */
function isIgnored(os: string, feature: string): boolean {
  return os === 'windows' && feature === 'win32k';
}

/** One spelling for each platform: `x86_64` is amd64, `arm64/v8` is arm64, `arm` is arm/v7. */
export function normalizePlatform({ variant = '', ...platform }: Platform): Platform {
  const os = platform.os.toLowerCase();
  const [architecture, level] = normalizeArchitecture(platform.architecture.toLowerCase(), variant.toLowerCase());
  return {
    ...platform,
    // An empty name means the system of whoever asks; every node that we speak for is Linux unless it says otherwise.
    os: os === 'macos' ? 'darwin' : os || 'linux',
    architecture,
    ...(level !== '' && { variant: level }),
  };
}

function normalizeArchitecture(architecture: string, variant: string): readonly [string, string] {
  switch (architecture) {
    case 'i386':
      return ['386', ''];
    case 'x86_64':
    case 'x86-64':
    case 'amd64':
      return ['amd64', variant === 'v1' ? '' : variant];
    case 'aarch64':
    case 'arm64':
      return ['arm64', arm64Variants.get(variant) ?? variant];
    case 'armhf':
      return ['arm', 'v7'];
    case 'armel':
      return ['arm', 'v6'];
    case 'arm':
      return ['arm', armVariants.get(variant) ?? variant];
    default:
      return [architecture, variant];
  }
}

const arm64Variants: ReadonlyMap<string, string> = new Map([
  ['8', ''],
  ['v8', ''],
  ['v8.0', ''],
  ['9', 'v9'],
  ['9.0', 'v9'],
  ['v9.0', 'v9'],
]);

const armVariants: ReadonlyMap<string, string> = new Map([
  ['', 'v7'],
  ['7', 'v7'],
  ['5', 'v5'],
  ['6', 'v6'],
  ['8', 'v8'],
]);

/** What a host can run, best first, normalized. An arm64 host of a version that nobody knows runs nothing. */
function platformChain(host: Platform): readonly Platform[] {
  const own = normalizePlatform(host);
  const system = {
    os: own.os,
    ...(own.osVersion !== undefined && { osVersion: own.osVersion }),
    ...(own.osFeatures !== undefined && { osFeatures: own.osFeatures }),
  };
  return runnable(own.architecture, own.variant ?? '').map(([architecture, variant]) => {
    return normalizePlatform({ ...system, architecture, variant });
  });
}

type Machine = readonly [architecture: string, variant: string];

function runnable(architecture: string, variant: string): readonly Machine[] {
  if (architecture === 'amd64') return [...variantsDown('amd64', variant, 1), ['386', '']];
  if (architecture === 'arm') return variantsDown('arm', variant, 5);
  return architecture === 'arm64' ? arm64Machines(variant || 'v8') : [[architecture, variant]];
}

/** `vN` and the variants below it, down to the lowest; a variant that is no number stands alone. */
function variantsDown(architecture: string, variant: string, lowest: number): readonly Machine[] {
  const level = /^v?[0-9]{1,3}$/.test(variant) ? Number(variant.replace('v', '')) : lowest;
  return [[architecture, variant], ...countDown(level - 1, lowest).map((n): Machine => [architecture, `v${n}`])];
}

/** Version 9.0 grew out of 8.5, and there is no 8.10: 9.x also runs what 8.(x+5) runs, at most 8.9. */
function arm64Machines(variant: string): readonly Machine[] {
  if (!/^v(?:8(?:\.[0-9])?|9(?:\.[0-7])?)$/.test(variant)) return [];
  const nine = variant.startsWith('v9');
  const minor = Number(variant.split('.')[1] ?? 0);
  return [
    ...(nine ? arm64Line(9, minor) : []),
    ...arm64Line(8, nine ? Math.min(minor + 5, 9) : minor),
    ...variantsDown('arm', 'v8', 5),
  ];
}

function arm64Line(major: number, minor: number): readonly Machine[] {
  return countDown(minor, 0).map((n) => ['arm64', n === 0 ? `v${major}` : `v${major}.${n}`]);
}

function countDown(from: number, to: number): readonly number[] {
  return Array.from({ length: Math.max(0, from - to + 1) }, (_, step) => from - step);
}

/** Long-term releases of Windows Server, oldest first: from the oldest on, a host also runs those before itself. */
const longTermBuilds = [20348, 26100] as const;

/** Whether a Windows host runs an image built for a version; a version that is not named fits. */
export function runsOnWindows(hostVersion: string, imageVersion: string): boolean {
  const host = windowsVersion(hostVersion);
  if (host === undefined || imageVersion === '') return true;
  const image = windowsVersion(imageVersion);
  if (image === undefined || host.major !== image.major || host.minor !== image.minor) return false;
  if (host.build < longTermBuilds[0]) return host.build === image.build;
  const oldest = longTermBuilds.findLast((build) => host.build > build) ?? longTermBuilds[0];
  return image.build >= oldest && image.build <= host.build;
}

interface WindowsVersion {
  readonly major: number;
  readonly minor: number;
  readonly build: number;
}

function windowsVersion(text: string): WindowsVersion | undefined {
  const [, major, minor, build] = /^([0-9]{1,3})\.([0-9]{1,3})\.([0-9]{1,5})(?:\.|$)/.exec(text) ?? [];
  return build === undefined ? undefined : { major: Number(major), minor: Number(minor), build: Number(build) };
}

const osText = /^([A-Za-z0-9_-]+)(?:\(([A-Za-z0-9_.-]*)((?:\+[A-Za-z0-9_.-]+)*)\))?$/;
const part = /^[A-Za-z0-9_.-]+$/;

/** `os[(version[+feature…])]/architecture[/variant]`; `undefined` for everything else. */
export function parsePlatform(text: string): Platform | undefined {
  const [system = '', architecture = '', variant, ...rest] = text.split('/');
  const [matched, os = '', osVersion = '', features = ''] = osText.exec(system) ?? [];
  if (matched === undefined || !part.test(architecture) || rest.length > 0) return undefined;
  if (variant !== undefined && !part.test(variant)) return undefined;
  const osFeatures = features.split('+').filter((feature) => feature !== '');
  return {
    os,
    architecture,
    ...(variant !== undefined && { variant }),
    ...(osVersion !== '' && { osVersion }),
    ...(osFeatures.length > 0 && { osFeatures }),
  };
}

/** As people write platforms: `linux/arm64/v8`. */
export function formatPlatform({ os, architecture, variant = '' }: Platform): string {
  return [os, architecture, ...(variant === '' ? [] : [variant])].join('/');
}
