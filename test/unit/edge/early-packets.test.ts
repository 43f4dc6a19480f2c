import { describe, expect, it } from 'vitest';
import type { Datagram } from '../../../src/wire/path.ts';
import { EarlyPackets } from '../../../worker/edge/early-packets.ts';

const AWAITED = 0x01020304;
const OTHER = 0x05060708;

function esp(spi: number, sequence: number): Datagram {
  const octets = new Uint8Array(32);
  new DataView(octets.buffer).setUint32(0, spi);
  new DataView(octets.buffer).setUint32(4, sequence);
  const address = Uint8Array.of(192, 0, 2, 1);
  return { path: { localAddress: address, localPort: 4500, remoteAddress: address, remotePort: 4500 }, octets };
}

describe('packets on an SA that is not made yet', () => {
  it('wait, in order, and hold up nobody else', () => {
    const early = new EarlyPackets();
    const [first, other, second] = [esp(AWAITED, 1), esp(OTHER, 1), esp(AWAITED, 2)];
    expect(early.sort([first, other, second], AWAITED)).toEqual([other]);
    expect(early.release(AWAITED)).toEqual([]);
    expect(early.release(null)).toEqual([first, second]);
    expect(early.release(null)).toEqual([]);
  });

  it('are not kept where nothing is awaited', () => {
    const packets = [esp(AWAITED, 1)];
    expect(new EarlyPackets().sort(packets, null)).toBe(packets);
  });

  it('are kept up to 64: the others go on, and are dropped for their SPI', () => {
    const early = new EarlyPackets();
    const packets = Array.from({ length: 70 }, (_, i) => esp(AWAITED, i));
    expect(early.sort(packets, AWAITED)).toEqual(packets.slice(64));
    expect(early.release(OTHER)).toEqual(packets.slice(0, 64));
  });
});
