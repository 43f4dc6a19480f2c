// The packet that an ICMP error is about, as far as the error quotes it: RFC 792, RFC 4443 section 3, RFC 1812 section 4.3.2.3.

import type { IpView } from './ip.ts';
import { IpProtocol } from './ip-protocol.ts';

export interface Quoted {
  readonly family: 4 | 6;
  readonly protocol: number;
  readonly source: Uint8Array;
  readonly destination: Uint8Array;
  /** The first eight octets behind its headers, or fewer; empty for a fragment other than the first. */
  readonly start: Uint8Array;
}

const ICMP_HEADER = 8;
const EXTENSION_HEADERS = 8;

/** @param error an ICMP error (isIcmpError) of one piece. @returns null where too little is quoted to tell the packet by. */
export function quotedPacket(error: IpView): Quoted | null {
  const octets = error.octets.subarray(error.payloadOffset + ICMP_HEADER, error.totalLength);
  return error.family === 4 ? quoted4(octets) : quoted6(octets);
}

function quoted4(octets: Uint8Array): Quoted | null {
  const header = (octets[0]! & 0x0f) * 4;
  if (octets.length < 20 || octets[0]! >> 4 !== 4 || header < 20) return null;
  const isFirst = (((octets[6]! & 0x1f) << 8) | octets[7]!) === 0;
  return {
    family: 4,
    protocol: octets[9]!,
    source: octets.subarray(12, 16),
    destination: octets.subarray(16, 20),
    start: isFirst ? octets.subarray(header, header + 8) : octets.subarray(0, 0),
  };
}

function quoted6(octets: Uint8Array): Quoted | null {
  if (octets.length < 40 || octets[0]! >> 4 !== 6) return null;
  let protocol = octets[6]!;
  let at = 40;
  let isFirst = true;
  for (let n = 0; n < EXTENSION_HEADERS && isFirst && isExtension(protocol) && at + 8 <= octets.length; n++) {
    if (protocol === IpProtocol.FRAGMENT) isFirst = (((octets[at + 2]! << 8) | octets[at + 3]!) & 0xfff8) === 0;
    const length = protocol === IpProtocol.FRAGMENT ? 8 : (octets[at + 1]! + 1) * 8;
    protocol = octets[at]!;
    at += length;
  }
  return {
    family: 6,
    protocol,
    source: octets.subarray(8, 24),
    destination: octets.subarray(24, 40),
    start: isFirst ? octets.subarray(at, at + 8) : octets.subarray(0, 0),
  };
}

function isExtension(protocol: number): boolean {
  return (
    protocol === IpProtocol.HOP_BY_HOP ||
    protocol === IpProtocol.ROUTING ||
    protocol === IpProtocol.FRAGMENT ||
    protocol === IpProtocol.DESTINATION_OPTIONS
  );
}
