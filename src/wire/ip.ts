// IPv4 and IPv6 headers, as far as a router looks: RFC 791 section 3.1, RFC 8200 sections 3 and 4.

import { updateChecksum } from './checksum.ts';
import { IpProtocol } from './ip-protocol.ts';

/*
    0                   1                   2                   3
    0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
   |Version|  IHL  |Type of Service|          Total Length         |
   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
   |         Identification        |Flags|      Fragment Offset    |
   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
   |  Time to Live |    Protocol   |         Header Checksum       |
   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
   |                       Source Address                          |
   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
   |                    Destination Address                        |
   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+

   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
   |Version| Traffic Class |           Flow Label                  |
   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
   |         Payload Length        |  Next Header  |   Hop Limit   |
   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
   ~                   Source, Destination Address                 ~
   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
*/

export interface Ports {
  readonly source: number;
  readonly destination: number;
}

export interface IpView {
  readonly octets: Uint8Array;
  readonly family: 4 | 6;
  /** Octets of the IPv4 header with its options; 40 for IPv6. */
  readonly headerLength: number;
  /** Octets of the packet; what follows them is no part of it. */
  readonly totalLength: number;
  /** The upper protocol. Of an IPv6 fragment other than the first: what the fragment header names, be it an extension header. */
  readonly protocol: number;
  /** Views of 4 or 16 octets. */
  readonly source: Uint8Array;
  readonly destination: Uint8Array;
  /** Null for protocols without ports, for fragments other than the first, and where the ports are cut off. */
  readonly ports: Ports | null;
  /** Type << 8 | code of ICMP and ICMPv6, as traffic selectors count them (RFC 4301 section 4.4.1.1); null as for ports. */
  readonly icmp: number | null;
  /** In octets. */
  readonly fragmentOffset: number;
  readonly moreFragments: boolean;
  /** Always true for IPv6. */
  readonly dontFragment: boolean;
  readonly ttl: number;
  /** Where the upper protocol's header starts, behind options and extension headers. */
  readonly payloadOffset: number;
}

/** @returns null for what is no whole IP packet. Octets behind the packet's own length do no harm. */
export function parseIp(packet: Uint8Array): IpView | null {
  const version = packet.length >= 20 ? packet[0]! >> 4 : 0;
  if (version === 4) return parseIpv4(packet);
  return version === 6 && packet.length >= IPV6_HEADER ? parseIpv6(packet) : null;
}

/** Takes one from TTL or hop limit in place. @returns false, and changes nothing, where none would be left. */
export function decrementTtl(view: IpView): boolean {
  const { octets, ttl } = view;
  if (ttl <= 1) return false;
  if (view.family === 6) {
    octets[7] = ttl - 1;
    return true;
  }
  const word = u16(octets, 8);
  octets[8] = ttl - 1;
  const checksum = updateChecksum(u16(octets, 10), word, word - 0x100);
  octets[10] = checksum >> 8;
  octets[11] = checksum;
  return true;
}

/** @returns a copy as it was before decrementTtl. */
export function withTtlRestored(view: IpView): IpView {
  const octets = view.octets.slice();
  const ttl = view.ttl + 1;
  if (view.family === 6) {
    octets[7] = ttl;
    return parseIpv6(octets)!;
  }
  const word = u16(octets, 8);
  octets[8] = ttl;
  const checksum = updateChecksum(u16(octets, 10), word, word + 0x100);
  octets[10] = checksum >> 8;
  octets[11] = checksum;
  return parseIpv4(octets)!;
}

const IPV6_HEADER = 40;
/** No sender has a use for more; the walk ends here whatever a packet claims. */
const EXTENSION_HEADERS = 8;

class View implements IpView {
  readonly octets: Uint8Array;
  readonly family: 4 | 6;
  readonly headerLength: number;
  readonly totalLength: number;
  readonly protocol: number;
  readonly fragmentOffset: number;
  readonly moreFragments: boolean;
  readonly dontFragment: boolean;
  readonly ttl: number;
  readonly payloadOffset: number;
  // Made on demand: a packet that only passes through needs one of them.
  #source: Uint8Array | null = null;
  #destination: Uint8Array | null = null;

  constructor(
    octets: Uint8Array,
    family: 4 | 6,
    headerLength: number,
    totalLength: number,
    protocol: number,
    payloadOffset: number,
    ttl: number,
    fragment: number,
    dontFragment: boolean,
  ) {
    this.octets = octets;
    this.family = family;
    this.headerLength = headerLength;
    this.totalLength = totalLength;
    this.protocol = protocol;
    this.payloadOffset = payloadOffset;
    this.ttl = ttl;
    this.fragmentOffset = fragment & FRAGMENT_OFFSET;
    this.moreFragments = (fragment & MORE_FRAGMENTS) !== 0;
    this.dontFragment = dontFragment;
  }

  get source(): Uint8Array {
    this.#source ??= this.family === 4 ? this.octets.subarray(12, 16) : this.octets.subarray(8, 24);
    return this.#source;
  }

  get destination(): Uint8Array {
    this.#destination ??= this.family === 4 ? this.octets.subarray(16, 20) : this.octets.subarray(24, 40);
    return this.#destination;
  }

  get ports(): Ports | null {
    const at = this.payloadOffset;
    if (!hasPorts(this.protocol) || this.fragmentOffset !== 0 || at + 4 > this.totalLength) return null;
    return { source: u16(this.octets, at), destination: u16(this.octets, at + 2) };
  }

  get icmp(): number | null {
    const at = this.payloadOffset;
    if (this.protocol !== (this.family === 4 ? IpProtocol.ICMP : IpProtocol.ICMPV6)) return null;
    return this.fragmentOffset !== 0 || at + 2 > this.totalLength ? null : u16(this.octets, at);
  }
}

// Both families' fragment fields are brought to this form: offset in octets, and one bit.
const FRAGMENT_OFFSET = 0xfff8;
const MORE_FRAGMENTS = 1;

function parseIpv4(packet: Uint8Array): IpView | null {
  const headerLength = (packet[0]! & 0x0f) * 4;
  const totalLength = u16(packet, 2);
  if (headerLength < 20 || totalLength < headerLength || totalLength > packet.length) return null;
  const flags = u16(packet, 6);
  const fragment = ((flags & 0x1fff) << 3) | ((flags & 0x2000) !== 0 ? MORE_FRAGMENTS : 0);
  const dontFragment = (flags & 0x4000) !== 0;
  return new View(packet, 4, headerLength, totalLength, packet[9]!, headerLength, packet[8]!, fragment, dontFragment);
}

function parseIpv6(packet: Uint8Array): IpView | null {
  const totalLength = IPV6_HEADER + u16(packet, 4);
  if (totalLength > packet.length) return null;
  let protocol = packet[6]!;
  let at = IPV6_HEADER;
  let fragment = 0;
  for (let n = 0; (fragment & FRAGMENT_OFFSET) === 0 && isExtension(protocol); n++) {
    if (n === EXTENSION_HEADERS || at + 8 > totalLength) return null;
    if (protocol === IpProtocol.FRAGMENT) fragment = u16(packet, at + 2) & (FRAGMENT_OFFSET | MORE_FRAGMENTS);
    const length = extensionLength(protocol, packet[at + 1]!);
    protocol = packet[at]!;
    at += length;
    if (at > totalLength) return null;
  }
  return new View(packet, 6, IPV6_HEADER, totalLength, protocol, at, packet[7]!, fragment, true);
}

function isExtension(protocol: number): boolean {
  return (
    protocol === IpProtocol.HOP_BY_HOP ||
    protocol === IpProtocol.ROUTING ||
    protocol === IpProtocol.FRAGMENT ||
    protocol === IpProtocol.AH ||
    protocol === IpProtocol.DESTINATION_OPTIONS
  );
}

/** In 8-octet units without the first; AH counts 4-octet units without the first two (RFC 4302 section 2.2). */
function extensionLength(protocol: number, field: number): number {
  if (protocol === IpProtocol.FRAGMENT) return 8;
  return protocol === IpProtocol.AH ? (field + 2) * 4 : (field + 1) * 8;
}

function hasPorts(protocol: number): boolean {
  return (
    protocol === IpProtocol.TCP ||
    protocol === IpProtocol.UDP ||
    protocol === IpProtocol.SCTP ||
    protocol === IpProtocol.DCCP ||
    protocol === IpProtocol.UDP_LITE
  );
}

function u16(octets: Uint8Array, at: number): number {
  return (octets[at]! << 8) | octets[at + 1]!;
}
