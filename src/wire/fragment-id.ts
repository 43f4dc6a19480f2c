// What the fragments of one packet have in common: RFC 791 section 2.3, RFC 8200 section 4.5.

import type { IpView } from './ip.ts';
import { IpProtocol } from './ip-protocol.ts';

const IPV6_HEADER = 40;

/** The identification of a fragment, first or later; null for what is none. */
export function fragmentId(view: IpView): number | null {
  if (view.fragmentOffset === 0 && !view.moreFragments) return null;
  const { octets } = view;
  if (view.family === 4) return (octets[4]! << 8) | octets[5]!;
  for (let protocol = octets[6]!, at = IPV6_HEADER; at + 8 <= view.payloadOffset; ) {
    if (protocol === IpProtocol.FRAGMENT) return u32(octets, at + 4);
    // AH counts 4-octet units without the first two (RFC 4302 section 2.2).
    const length = protocol === IpProtocol.AH ? (octets[at + 1]! + 2) * 4 : (octets[at + 1]! + 1) * 8;
    protocol = octets[at]!;
    at += length;
  }
  return null;
}

function u32(octets: Uint8Array, at: number): number {
  return ((octets[at]! << 24) | (octets[at + 1]! << 16) | (octets[at + 2]! << 8) | octets[at + 3]!) >>> 0;
}
