// All formats, and which member each is for.

import { androidNative } from './android-native.ts';
import { apple } from './apple.ts';
import { cisco } from './cisco.ts';
import { fortigate } from './fortigate.ts';
import { libreswan } from './libreswan.ts';
import { networkManager } from './network-manager.ts';
import { openiked } from './openiked.ts';
import { unusualPort } from './ports.ts';
import { isIpv4, selectorPairs } from './prefixes.ts';
import type { ProfileFormat, ProfileInput } from './profile.ts';
import { routeros } from './routeros.ts';
import { sswan } from './sswan.ts';
import { swanctl } from './swanctl.ts';
import { windows } from './windows.ts';

export const PROFILE_FORMATS: readonly ProfileFormat[] = [
  ...[apple, windows, sswan, androidNative, swanctl, networkManager],
  ...[libreswan, openiked, routeros, fortigate, cisco],
];

const IPV4_ONLY: readonly ProfileFormat[] = [routeros, cisco];
const NAMES_PREFIXES: readonly ProfileFormat[] = [libreswan, openiked, routeros, fortigate, cisco];
const AUTH_WORDS = { cert: 'a certificate', eap: 'a password', psk: 'a pre-shared key' } as const;

export function findFormat(id: string): ProfileFormat | null {
  return PROFILE_FORMATS.find((format) => format.id === id) ?? null;
}

/** @returns why this format is not for this member, in a sentence; null when it is. */
export function whyNot(format: ProfileFormat, input: ProfileInput): string | null {
  const { member, gateway } = input;
  if (!format.for.includes(member.kind)) {
    return `${format.label} is for ${format.for[0]}s, and '${member.name}' is a ${member.kind}.`;
  }
  if (!format.auth.includes(member.auth)) {
    const taken = format.auth.map((auth) => AUTH_WORDS[auth]).join(' or ');
    return `${format.label} takes ${taken}, and '${member.name}' has ${AUTH_WORDS[member.auth]}.`;
  }
  if (!format.anyPort && unusualPort(input) !== null) {
    return `${format.label} knows UDP 500 and 4500 only, and this gateway listens on ${gateway.portIke} and ${gateway.portNatT}.`;
  }
  if (NAMES_PREFIXES.includes(format)) {
    const pairs = selectorPairs(input).filter(({ local }) => isIpv4(local) || !IPV4_ONLY.includes(format));
    if (pairs.length === 0)
      return `${format.label} would carry nothing: '${member.name}' and what it reaches have no address family in common that it takes.`;
  }
  return null;
}
