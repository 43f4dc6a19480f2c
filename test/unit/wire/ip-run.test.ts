// IP packets end to end in one buffer.

import { describe, expect, it } from 'vitest';
import { Malformed } from '../../../src/bytes/malformed.ts';
import { joinPackets, splitPackets } from '../../../src/wire/ip-run.ts';

function ipv4(length: number): Uint8Array {
  const packet = new Uint8Array(length).fill(length);
  packet.set([0x45, 0, length >> 8, length & 0xff]);
  return packet;
}

function ipv6(length: number): Uint8Array {
  const packet = new Uint8Array(length).fill(length);
  packet.set([0x60, 0, 0, 0, (length - 40) >> 8, (length - 40) & 0xff]);
  return packet;
}

describe('a run of IP packets', () => {
  it('falls apart into what it was joined of', () => {
    const packets = [ipv4(20), ipv6(40), ipv4(1_300), ipv6(1_280), ipv4(21)];
    expect(splitPackets(joinPackets(packets))).toEqual(packets);
    expect(splitPackets(joinPackets([]))).toEqual([]);
  });

  it('is split into views of it', () => {
    const run = joinPackets([ipv4(20), ipv4(30)]);
    expect(splitPackets(run).map(({ buffer, byteOffset }) => [buffer === run.buffer, byteOffset])).toEqual([
      [true, 0],
      [true, 20],
    ]);
  });

  it('is refused where a packet is cut, or is none', () => {
    for (const wrong of [
      ipv4(40).subarray(0, 39),
      ipv6(60).subarray(0, 5),
      Uint8Array.of(0x45),
      Uint8Array.of(0x55, 1),
    ])
      expect(() => splitPackets(joinPackets([ipv4(20), wrong]))).toThrow(Malformed);
    expect(() => splitPackets(Uint8Array.of(0x45, 0, 0, 0, 1, 2))).toThrow(Malformed);
  });
});
