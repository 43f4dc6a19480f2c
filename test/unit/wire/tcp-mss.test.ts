// MSS clamping of SYN segments.

import { describe, expect, it } from 'vitest';
import { toHex } from '../../../src/bytes/octets.ts';
import { parseIp } from '../../../src/wire/ip.ts';
import { clampMss, mssFor } from '../../../src/wire/tcp-mss.ts';
import { ipv4, ipv6, pseudoHeader, referenceChecksum, tcp } from './packets.ts';

const SYN = 0x02;
const SYN_ACK = 0x12;
const ACK = 0x10;
const MSS_1460 = [2, 4, 5, 0xb4];

function withChecksum(packet: Uint8Array): Uint8Array {
  const at = parseIp(packet)!.payloadOffset;
  new DataView(packet.buffer).setUint16(at + 16, tcpChecksum(packet));
  return packet;
}

function tcpChecksum(packet: Uint8Array): number {
  const segment = packet.subarray(parseIp(packet)!.payloadOffset);
  return referenceChecksum(pseudoHeader(packet, 6, segment.length), segment);
}

const packet4 = (segment: Uint8Array, fragment = 0) => withChecksum(ipv4(segment, { protocol: 6, fragment }));

describe('clampMss', () => {
  it.each([
    ['SYN', SYN, MSS_1460, 22],
    ['SYN ACK', SYN_ACK, MSS_1460, 22],
    ['behind other options', SYN, [1, 3, 3, 7, ...MSS_1460], 26],
    ['at an odd offset', SYN, [1, ...MSS_1460, 1, 1, 1], 23],
    ['before the end of options', SYN, [...MSS_1460, 0, 2, 4, 0], 22],
  ])('lowers the MSS (%s) and keeps the checksum right', (_, flags, options, at) => {
    const packet = packet4(tcp(flags, options, 3));
    expect(clampMss(parseIp(packet)!, 1240)).toBe(true);
    expect(packet[20 + at]! * 256 + packet[20 + at + 1]!).toBe(1240);
    expect(tcpChecksum(packet)).toBe(0);
  });

  it('in IPv6 too', () => {
    const packet = withChecksum(ipv6(6, tcp(SYN, MSS_1460)));
    expect(clampMss(parseIp(packet)!, 1220)).toBe(true);
    expect(tcpChecksum(packet)).toBe(0);
  });

  it.each([
    ['an MSS that is low enough', packet4(tcp(SYN, [2, 4, 4, 0xd8]))],
    ['a segment without SYN', packet4(tcp(ACK, MSS_1460))],
    ['a SYN without the option', packet4(tcp(SYN, [1, 1, 1, 0]))],
    ['a SYN without options', packet4(tcp(SYN, []))],
    ['an option behind the end', packet4(tcp(SYN, [0, ...MSS_1460, 0, 0, 0]))],
    ['an option of another length', packet4(tcp(SYN, [2, 3, 5, 1]))],
    ['an option of length 0', packet4(tcp(SYN, [9, 0, 0, 0, ...MSS_1460]))],
    ['an option beyond the options', packet4(tcp(SYN, [1, 1, 2, 4], 8))],
    ['a fragment other than the first', packet4(tcp(SYN, MSS_1460), 5)],
    ['another protocol', ipv4(tcp(SYN, MSS_1460), { protocol: 17 })],
    ['a segment cut off', ipv4(tcp(SYN, []).subarray(0, 19), { protocol: 6 })],
    ['a data offset beyond the packet', ipv4(tcp(SYN, [1, 1, 2, 4]).subarray(0, 23), { protocol: 6 })],
  ])('leaves %s alone', (_, packet) => {
    const before = toHex(packet);
    expect(clampMss(parseIp(packet)!, 1240)).toBe(false);
    expect(toHex(packet)).toBe(before);
  });

  it('is what fits behind IP and TCP headers', () => {
    expect(mssFor(4, 1280)).toBe(1240);
    expect(mssFor(6, 1280)).toBe(1220);
  });
});
