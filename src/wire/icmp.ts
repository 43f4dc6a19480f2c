// ICMP and ICMPv6 messages that a router makes: RFC 792, RFC 1191 section 4, RFC 4443, with the limits of RFC 1812 section 4.3.2.

import { checksum, pseudoHeaderSum } from './checksum.ts';
import type { IpView } from './ip.ts';
import { IpProtocol } from './ip-protocol.ts';
import type { Address } from './prefix.ts';

/*
   error                                                 echo
   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
   | Type  | Code  |           Checksum            |     | Type  | Code  |       Checksum      |
   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
   | unused, or MTU: 16 bits at the end, v6 all 32 |     |  Identifier   |   Sequence Number   |
   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
   ~    the packet that it is about, from its start ~     ~   data ...
   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
*/

export type IcmpError =
  | { readonly kind: 'unreachable'; readonly why: Unreachable }
  /** Fragmentation needed and DF set, or Packet Too Big: the next hop takes packets of `mtu` octets. */
  | { readonly kind: 'too-big'; readonly mtu: number }
  | { readonly kind: 'time-exceeded' };

/** `network`: there is no route; `host`: there is one, and nobody at its end. */
export type Unreachable = 'network' | 'host' | 'port' | 'prohibited';

/**
 * An error about a packet, to its source. Whether one may be sent at all (RFC 1812 section 4.3.2.7) is for the caller to decide.
 * @param from the router's own address, of the packet's family.
 */
export function icmpError(about: IpView, from: Address, error: IcmpError): Uint8Array {
  const [type, code] = about.family === 4 ? typeAndCode4(error) : typeAndCode6(error);
  const quoted = Math.min(about.totalLength, QUOTED[about.family]);
  const packet = emptyPacket(about.family, from, about.source, ICMP_HEADER + quoted);
  const start = IP_HEADER[about.family];
  if (about.family === 4) packet[1] = INTERNETWORK_CONTROL;
  packet[start] = type;
  packet[start + 1] = code;
  if (error.kind === 'too-big') {
    if (about.family === 6) put16(packet, start + 4, error.mtu >>> 16);
    put16(packet, start + 6, error.mtu);
  }
  packet.set(about.octets.subarray(0, quoted), start + ICMP_HEADER);
  return sealed(packet, about.family, from, about.source);
}

/**
 * @param request an Echo of one piece (isEchoRequest).
 * @returns the reply with the request's identifier, sequence number and data, from the address that was asked.
 */
export function echoReply(request: IpView): Uint8Array {
  const { family, octets, payloadOffset, totalLength } = request;
  const packet = emptyPacket(family, request.destination, request.source, totalLength - payloadOffset);
  const start = IP_HEADER[family];
  packet.set(octets.subarray(payloadOffset, totalLength), start);
  packet[start] = ECHO_REPLY[family];
  packet[start + 1] = 0;
  put16(packet, start + 2, 0);
  // As large as what came, so it may be cut where that might be: the request's identification and DF serve again.
  if (family === 4) packet.set(octets.subarray(4, 6), 4);
  if (family === 4) packet[6] = octets[6]! & DONT_FRAGMENT;
  return sealed(packet, family, request.destination, request.source);
}

/** An Echo, code 0, not in fragments, whose checksum is right. */
export function isEchoRequest(view: IpView): boolean {
  return view.icmp === ECHO_REQUEST[view.family] << 8 && !view.moreFragments && isWholeIcmp(view);
}

/** About such a message no error is ever sent (RFC 1812 section 4.3.2.7, RFC 4443 section 2.4 e). What is cut off before its type counts as one. */
export function isIcmpError(view: IpView): boolean {
  if (view.protocol !== PROTOCOL[view.family]) return false;
  if (view.icmp === null) return true;
  const type = view.icmp >> 8;
  if (view.family === 6) return type < 128 || type === REDIRECT_6;
  return type === 3 || type === 4 || type === 5 || type === 11 || type === 12;
}

const PROTOCOL = { 4: IpProtocol.ICMP, 6: IpProtocol.ICMPV6 } as const;
const IP_HEADER = { 4: 20, 6: 40 } as const;
const ICMP_HEADER = 8;
/** "as many octets as possible without exceeding 576" and "the minimum IPv6 MTU", less the headers. */
const QUOTED = { 4: 576 - IP_HEADER[4] - ICMP_HEADER, 6: 1280 - IP_HEADER[6] - ICMP_HEADER } as const;
const ECHO_REQUEST = { 4: 8, 6: 128 } as const;
const ECHO_REPLY = { 4: 0, 6: 129 } as const;
const REDIRECT_6 = 137;
const TTL = 64;
const DONT_FRAGMENT = 0x40;
/** Precedence 6 for errors (RFC 1812 section 4.3.2.5). */
const INTERNETWORK_CONTROL = 0xc0;

const UNREACHABLE_4: { readonly [why in Unreachable]: number } = {
  network: 0,
  host: 1,
  port: 3,
  prohibited: 13,
};

function typeAndCode4(error: IcmpError): readonly [type: number, code: number] {
  switch (error.kind) {
    case 'unreachable':
      return [3, UNREACHABLE_4[error.why]];
    case 'too-big':
      return [3, 4];
    case 'time-exceeded':
      return [11, 0];
  }
}

const UNREACHABLE_6: { readonly [why in Unreachable]: number } = {
  network: 0,
  host: 3,
  port: 4,
  prohibited: 1,
};

function typeAndCode6(error: IcmpError): readonly [type: number, code: number] {
  switch (error.kind) {
    case 'unreachable':
      return [1, UNREACHABLE_6[error.why]];
    case 'too-big':
      return [2, 0];
    case 'time-exceeded':
      return [3, 0];
  }
}

/** An IP header before an ICMP message of zeros. The identification stays zero: with DF such a packet is never cut (RFC 6864 section 4.1). */
function emptyPacket(family: 4 | 6, source: Address, destination: Address, length: number): Uint8Array {
  const header = IP_HEADER[family];
  const packet = new Uint8Array(header + length);
  if (family === 4) {
    packet[0] = 0x45;
    put16(packet, 2, packet.length);
    packet[6] = DONT_FRAGMENT;
    packet[8] = TTL;
    packet[9] = PROTOCOL[4];
    packet.set(source, 12);
    packet.set(destination, 16);
  } else {
    packet[0] = 0x60;
    put16(packet, 4, length);
    packet[6] = PROTOCOL[6];
    packet[7] = TTL;
    packet.set(source, 8);
    packet.set(destination, 24);
  }
  return packet;
}

/** Fills in the checksums: of the IPv4 header, and of the ICMP message, which for IPv6 counts the pseudo-header too. */
function sealed(packet: Uint8Array, family: 4 | 6, source: Address, destination: Address): Uint8Array {
  const start = IP_HEADER[family];
  const pseudo = family === 4 ? 0 : pseudoHeaderSum(source, destination, PROTOCOL[6], packet.length - start);
  put16(packet, start + 2, checksum(packet, start, packet.length, pseudo));
  if (family === 4) put16(packet, 10, checksum(packet, 0, start));
  return packet;
}

function isWholeIcmp(view: IpView): boolean {
  const { family, octets, payloadOffset, totalLength } = view;
  const length = totalLength - payloadOffset;
  if (length < ICMP_HEADER) return false;
  const pseudo = family === 4 ? 0 : pseudoHeaderSum(view.source, view.destination, PROTOCOL[6], length);
  return checksum(octets, payloadOffset, totalLength, pseudo) === 0;
}

function put16(octets: Uint8Array, at: number, value: number): void {
  octets[at] = value >>> 8;
  octets[at + 1] = value;
}
