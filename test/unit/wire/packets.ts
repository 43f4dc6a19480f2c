// Inner packets for tests, made without the code under test.

import { concat } from '../../../src/bytes/octets.ts';

/** RFC 1071 section 4.1, as its C program does it. */
export function referenceChecksum(...parts: readonly Uint8Array[]): number {
  const octets = concat(...parts);
  let total = 0;
  for (let i = 0; i < octets.length; i++) {
    total += i % 2 === 0 ? octets[i]! * 256 : octets[i]!;
    if (total > 0xffff) total -= 0xffff;
  }
  return 0xffff - total;
}

export interface Ipv4Options {
  readonly source?: readonly number[];
  readonly destination?: readonly number[];
  readonly protocol?: number;
  readonly ttl?: number;
  /** Flags and fragment offset. */
  readonly fragment?: number;
  readonly options?: readonly number[];
}

export function ipv4(payload: Uint8Array, more: Ipv4Options = {}): Uint8Array {
  const { source = [10, 0, 0, 1], destination = [10, 0, 0, 2], options = [] } = more;
  const header = 20 + options.length;
  const packet = new Uint8Array(header + payload.length);
  const view = new DataView(packet.buffer);
  packet[0] = 0x40 + header / 4;
  view.setUint16(2, packet.length);
  view.setUint16(4, 0x1234);
  view.setUint16(6, more.fragment ?? 0);
  packet[8] = more.ttl ?? 64;
  packet[9] = more.protocol ?? 17;
  packet.set(source, 12);
  packet.set(destination, 16);
  packet.set(options, 20);
  view.setUint16(10, referenceChecksum(packet.subarray(0, header)));
  packet.set(payload, header);
  return packet;
}

/** 2001:db8::1 to 2001:db8::2. */
export function ipv6(nextHeader: number, payload: Uint8Array, hopLimit = 64): Uint8Array {
  const packet = new Uint8Array(40 + payload.length);
  packet[0] = 0x60;
  new DataView(packet.buffer).setUint16(4, payload.length);
  packet[6] = nextHeader;
  packet[7] = hopLimit;
  packet.set([0x20, 0x01, 0x0d, 0xb8], 8);
  packet[23] = 1;
  packet.set([0x20, 0x01, 0x0d, 0xb8], 24);
  packet[39] = 2;
  packet.set(payload, 40);
  return packet;
}

/** Pseudo-header as RFC 793 and RFC 8200 draw it, of a packet without extension headers. */
export function pseudoHeader(packet: Uint8Array, protocol: number, length: number): Uint8Array {
  const family = packet[0]! >> 4;
  const addresses = family === 4 ? packet.subarray(12, 20) : packet.subarray(8, 40);
  const tail =
    family === 4
      ? Uint8Array.of(0, protocol, length >> 8, length & 255)
      : Uint8Array.of(0, 0, length >> 8, length & 255, 0, 0, 0, protocol);
  return concat(addresses, tail);
}

export function tcp(flags: number, options: readonly number[], data = 0): Uint8Array {
  const segment = new Uint8Array(20 + options.length + data).fill(0xa5, 20 + options.length);
  const view = new DataView(segment.buffer);
  view.setUint16(0, 49152);
  view.setUint16(2, 443);
  view.setUint32(4, 0xdeadbeef);
  segment[12] = ((20 + options.length) / 4) << 4;
  segment[13] = flags;
  view.setUint16(14, 65535);
  segment.set(options, 20);
  return segment;
}
