// What goes into which tunnel, and what is counted: RFC 4301 section 5.1, RFC 7296 section 2.8.

import { describe, expect, it } from 'vitest';
import { utf8 } from '../../../src/bytes/octets.ts';
import type { ChildSa } from '../../../src/ike/state.ts';
import { DataPlane } from '../../../src/peer/data-plane.ts';
import { espSpi } from '../../../src/wire/esp.ts';
import { parseIp } from '../../../src/wire/ip.ts';
import { address, selector } from '../../sim/initiator/identities.ts';
import { udpPacket } from '../../sim/packets.ts';
import { memberOf } from '../../sim/pad.ts';
import { type ChildWish, childOf, FarEnd, PATH, primitives } from './far-end.ts';

const OWN = address('100.64.0.10');
const MEMBER = memberOf({ name: 'a', addresses: ['100.64.0.10'] });
const back = (from = '100.64.0.20', mark = 'back') => udpPacket(address(from), OWN, utf8(mark));

function planeOf(...wishes: ChildWish[]): { plane: DataPlane; children: ChildSa[] } {
  const plane = new DataPlane(primitives);
  const children = wishes.map((wish, n) => childOf({ spiIn: 0x0a00 + n, spiOut: 0xb000 + n, ...wish }));
  plane.reconcile(children);
  plane.endpoint.heard(PATH, 'message', 0, plane.traffic);
  plane.grant(plane.reserve()!);
  return { plane, children };
}

/** SPIs of what was sent for one packet each. */
async function spisOf(plane: DataPlane, packets: readonly Uint8Array[]): Promise<number[]> {
  return (await plane.seal(MEMBER, packets, 1)).datagrams.map(({ octets }) => espSpi(octets));
}

describe('which tunnel', () => {
  it('the youngest that may carry the packet', async () => {
    const { plane } = planeOf({ createdAt: 5 }, { createdAt: 9 }, { createdAt: 7 });
    expect(await spisOf(plane, [back()])).toEqual([0xb001]);
  });

  it('one whose selectors fit, however old', async () => {
    const { plane } = planeOf(
      { createdAt: 1, ours: [selector('10.0.0.0/8')] },
      { createdAt: 9, ours: [selector('100.64.0.0/16')] },
    );
    expect(await spisOf(plane, [back('10.1.1.1'), back()])).toEqual([0xb000, 0xb001]);
  });

  it('one that has been heard before one that has not', async () => {
    const { plane, children } = planeOf({ createdAt: 1 }, { createdAt: 9, sendAtOnce: false });
    expect(await spisOf(plane, [back()])).toEqual([0xb000]);
    const far = new FarEnd(children[1]!);
    await plane.open(MEMBER, await far.send([udpPacket(OWN, address('100.64.0.20'), utf8('here I am'))]), 2);
    expect(await spisOf(plane, [back()])).toEqual([0xb001]);
  });

  it('one that has not been heard, where the other one is gone or going', async () => {
    const { plane, children } = planeOf({ createdAt: 1 }, { createdAt: 9, sendAtOnce: false });
    plane.reconcile([{ ...children[0]!, deleting: true }, children[1]!]);
    expect(await spisOf(plane, [back()])).toEqual([0xb001]);
    plane.reconcile([children[1]!]);
    expect(await spisOf(plane, [back()])).toEqual([0xb001]);
  });

  it('one that is going, where there is no other', async () => {
    const { plane, children } = planeOf({});
    plane.reconcile([{ ...children[0]!, deleting: true }]);
    expect(await spisOf(plane, [back()])).toEqual([0xb000]);
  });

  it('none for what no selectors let out', async () => {
    const { plane } = planeOf({ theirs: [selector('100.64.0.10/32', 17, 99, 99)] });
    expect(await spisOf(plane, [back(), Uint8Array.of(1, 2, 3)])).toEqual([]);
    expect(Object.fromEntries(plane.traffic.drops)).toEqual({ 'no-selector': 1, 'not-ip': 1 });
    expect(plane.traffic.packetsOut).toBe(0);
  });

  it('none without a path', async () => {
    const plane = new DataPlane(primitives);
    plane.reconcile([childOf()]);
    plane.grant(plane.reserve()!);
    expect(await plane.seal(MEMBER, [back()], 1)).toEqual({ datagrams: [], replies: [] });
  });

  it('keeps the order of packets, and its counters with them', async () => {
    const { plane, children } = planeOf({});
    const packets = Array.from({ length: 20 }, (_, n) => back('100.64.0.20', `packet ${n}`));
    const { datagrams } = await plane.seal(MEMBER, packets, 7);
    expect(await new FarEnd(children[0]!).receive(datagrams)).toEqual(packets);
    expect(plane.traffic).toMatchObject({ packetsOut: 20, lastOut: 7 });
    expect(plane.traffic.octetsOut).toBe(packets.reduce((sum, { length }) => sum + length, 0));
  });
});

describe('tunnels', () => {
  it('go with their children, and take their windows along', async () => {
    const { plane, children } = planeOf({}, {});
    const [first, second] = children as [ChildSa, ChildSa];
    const far = new FarEnd(second);
    const [datagram] = await far.send([udpPacket(OWN, address('100.64.0.20'), utf8('once'))]);
    expect(await plane.open(MEMBER, [datagram!], 1)).toHaveLength(1);
    plane.reconcile([second]);
    expect(plane.tunnel(first.spiIn)).toBeUndefined();
    expect(await plane.open(MEMBER, [datagram!], 1)).toHaveLength(0);
    plane.reconcile([]);
    expect(await plane.open(MEMBER, [datagram!], 1)).toHaveLength(0);
    expect(Object.fromEntries(plane.traffic.drops)).toEqual({ replayed: 1, 'no-such-spi': 1 });
  });

  it('send nothing before a reservation is granted', async () => {
    const plane = new DataPlane(primitives);
    plane.reconcile([childOf()]);
    plane.endpoint.heard(PATH, 'message', 0, plane.traffic);
    expect((await plane.seal(MEMBER, [back()], 1)).datagrams).toEqual([]);
    expect(Object.fromEntries(plane.traffic.drops)).toEqual({ exhausted: 1 });
    const reservation = plane.reserve()!;
    expect((await plane.seal(MEMBER, [back()], 1)).datagrams).toEqual([]);
    plane.grant(reservation);
    expect((await plane.seal(MEMBER, [back()], 1)).datagrams).toHaveLength(1);
  });
});

describe('packets that do not fit', () => {
  const large = (from: string, flags: number) => {
    const packet = udpPacket(address(from), OWN, new Uint8Array(1400));
    packet[6] = flags;
    // The checksum of the header follows the flags (RFC 1624).
    const sum = ((packet[10]! << 8) | packet[11]!) - (flags << 8);
    packet.set([(sum >> 8) & 255, sum & 255], 10);
    return packet;
  };

  it('are cut where they may be', async () => {
    const { plane, children } = planeOf({});
    const { datagrams, replies } = await plane.seal(MEMBER, [large('100.64.0.20', 0)], 1);
    expect(replies).toEqual([]);
    const packets = await new FarEnd(children[0]!).receive(datagrams);
    expect(packets.map(({ length }) => length <= MEMBER.mtu)).toEqual([true, true]);
  });

  it('are answered where they may not, so many a second', async () => {
    const { plane } = planeOf({});
    const packets = Array.from({ length: 80 }, () => large('100.64.0.20', 0x40));
    const { datagrams, replies } = await plane.seal(MEMBER, packets, 1000);
    expect(datagrams).toEqual([]);
    expect(replies).toHaveLength(50);
    expect(parseIp(replies[0]!)!.destination).toEqual(address('100.64.0.20'));
    expect(plane.traffic.drops.get('too-big')).toBe(80);
    expect((await plane.seal(MEMBER, packets, 2000)).replies).toHaveLength(50);
  });
});
