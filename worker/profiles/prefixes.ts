// The prefixes of a profile: families, pairs of them, masks as routers write them.

import {
  type Address,
  formatAddress,
  formatPrefix,
  parseAddress,
  parsePrefix,
  type Prefix,
} from '../../src/wire/prefix.ts';
import type { ProfileInput } from './profile.ts';

/** What one child SA carries, on routers that take one pair of prefixes each. */
export interface SelectorPair {
  readonly local: Prefix;
  readonly remote: Prefix;
}

/** Every prefix of the site with every one that it reaches, of one family. */
export function selectorPairs({ member, network }: ProfileInput): SelectorPair[] {
  const remotes = readPrefixes(network.reach);
  return readPrefixes(member.prefixes).flatMap((local) =>
    remotes.filter((remote) => remote.address.length === local.address.length).map((remote) => ({ local, remote })),
  );
}

export function isIpv4({ address }: Prefix): boolean {
  return address.length === 4;
}

/** Families of what can be reached, IPv4 first. */
export function familiesOf({ network }: ProfileInput): (4 | 6)[] {
  const lengths = new Set(readPrefixes(network.reach).map(({ address }) => address.length));
  return ([4, 6] as const).filter((family) => lengths.has(family === 4 ? 4 : 16));
}

/** Of texts in the usual form. @throws Error for anything else. */
export function readPrefixes(texts: readonly string[]): Prefix[] {
  return texts.map((text) => {
    const prefix = parsePrefix(text);
    if (prefix === null) throw new Error('a prefix of the profile is none');
    return prefix;
  });
}

/** 10.1.0.0 255.255.0.0 */
export function withMask(prefix: Prefix): string {
  return `${formatAddress(prefix.address)} ${formatAddress(maskOf(prefix))}`;
}

/** 10.1.0.0 0.0.255.255 */
export function withWildcard(prefix: Prefix): string {
  return `${formatAddress(prefix.address)} ${formatAddress(maskOf(prefix).map((octet) => 255 - octet))}`;
}

export function isAddress(text: string): boolean {
  return parseAddress(text) !== null;
}

export { formatPrefix, type Prefix };

function maskOf({ address, length }: Prefix): Address {
  return address.map((_, i) => 0xff & (0xff00 >> Math.max(0, Math.min(8, length - 8 * i))));
}
