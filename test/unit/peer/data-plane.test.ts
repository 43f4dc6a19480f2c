// What goes into which tunnel, and what is counted: RFC 4301 section 5.1, RFC 7296 section 2.8.

import { describe, expect, it } from 'vitest';
import { utf8 } from '../../../src/bytes/octets.ts';
import type { ChildSa } from '../../../src/ike/state.ts';
import { DataPlane } from '../../../src/peer/data-plane.ts';
import { espSpi } from '../../../src/wire/esp.ts';
import { parseIp } from '../../../src/wire/ip.ts';
import { address, selector } from '../../sim/initiator/identities.ts';
import type { Datagram } from '../../../src/wire/path.ts';
import { ipPacket, udpPacket } from '../../sim/packets.ts';
import { parametersFor, SUITES, type TestSuite } from '../esp/suites.ts';
import { ipv4, tcp } from '../wire/packets.ts';
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
  plane.grant(plane.reserve()!, 0);
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

  it('shares one room with the others that carry a batch', async () => {
    const { plane, children } = planeOf(
      { createdAt: 1, ours: [selector('10.0.0.0/8')] },
      { createdAt: 9, ours: [selector('100.64.0.0/16')] },
    );
    const room = new Uint8Array(1_000);
    const packets = [back('10.1.1.1'), back(), back('10.1.1.2', 'second'), back()];
    const { datagrams } = await plane.seal(MEMBER, packets, 1, room);
    expect(datagrams.map(({ octets }) => octets.buffer)).toEqual(Array(4).fill(room.buffer));
    const opened = await Promise.all(
      children.map((child) =>
        new FarEnd(child).receive(datagrams.filter(({ octets }) => espSpi(octets) === child.spiOut)),
      ),
    );
    expect(opened.flat().map((packet) => packet.length)).toEqual([0, 2, 1, 3].map((i) => packets[i]!.length));
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
    plane.grant(plane.reserve()!, 0);
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
    plane.grant(reservation, 0);
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

/** Longest inner packet over IPv4 and over IPv6: 1,500 - 20 or 40 IP - 8 UDP - 8 ESP - IV - ICV, down to whole blocks, - 2 trailer. */
const LONGEST: Record<TestSuite['name'], { readonly 4: number; readonly 6: number }> = {
  'AES-128-GCM': { 4: 1438, 6: 1418 },
  'AES-256-GCM': { 4: 1438, 6: 1418 },
  'ChaCha20-Poly1305': { 4: 1438, 6: 1418 },
  'AES-128-CBC with HMAC-SHA1-96': { 4: 1422, 6: 1406 },
  'AES-256-CBC with HMAC-SHA-256-128': { 4: 1422, 6: 1406 },
  'AES-256-CBC with HMAC-SHA-384-192': { 4: 1422, 6: 1390 },
  'AES-192-CBC with HMAC-SHA-512-256': { 4: 1406, 6: 1390 },
  'AES-256-GMAC': { 4: 1438, 6: 1418 },
  'NULL with HMAC-SHA-256-128': { 4: 1446, 6: 1426 },
};

describe.each(SUITES)('over a path of 1,500 octets, $name', (suite) => {
  const SERVER = address('100.64.0.20');
  const SYN = 0x02;

  describe.each([4, 6] as const)('in IPv%i', (family) => {
    const longest = LONGEST[suite.name]![family];
    const outer = { 4: 20, 6: 40 }[family] + 8;
    const overhead = (datagram: Datagram) => outer + datagram.octets.length;
    const path = {
      4: PATH,
      6: { ...PATH, localAddress: address('2001:db8::1'), remoteAddress: address('2001:db8::7') },
    };

    function plane(): { plane: DataPlane; child: ChildSa } {
      const { keys, suite: chosen } = parametersFor(suite);
      const child = { ...childOf({ suite: chosen }), keysIn: keys, keysOut: keys };
      const plane = new DataPlane(primitives);
      plane.reconcile([child]);
      plane.endpoint.heard(path[family], 'message', 0, plane.traffic);
      plane.grant(plane.reserve()!, 0);
      return { plane, child };
    }

    const ofLength = (length: number, flags: number) =>
      ipv4(new Uint8Array(length - 20), {
        source: [100, 64, 0, 20],
        destination: [100, 64, 0, 10],
        fragment: flags << 8,
      });

    it.each([1500, longest])('a network of %i octets gives the most that fits, and says so', async (mtu) => {
      const member = { ...MEMBER, mtu };
      const { datagrams } = await plane().plane.seal(member, [ofLength(longest, 0x40)], 1);
      expect(overhead(datagrams[0]!)).toBeLessThanOrEqual(1500);
      const { datagrams: none, replies } = await plane().plane.seal(member, [ofLength(longest + 1, 0x40)], 1);
      expect(none).toEqual([]);
      expect((replies[0]![26]! << 8) | replies[0]![27]!).toBe(longest);
    });

    it('what may be cut is cut before it is sealed', async () => {
      const { datagrams } = await plane().plane.seal({ ...MEMBER, mtu: 1500 }, [ofLength(1500, 0)], 1);
      expect(datagrams).toHaveLength(2);
      for (const datagram of datagrams) expect(overhead(datagram)).toBeLessThanOrEqual(1500);
    });

    it('a network that takes less gives that', async () => {
      const { replies } = await plane().plane.seal({ ...MEMBER, mtu: 1300 }, [ofLength(1301, 0x40)], 1);
      expect((replies[0]![26]! << 8) | replies[0]![27]!).toBe(1300);
    });

    it('the MSS is lowered both ways', async () => {
      const { plane: subject, child } = plane();
      const member = { ...MEMBER, mtu: 1500 };
      const far = new FarEnd(child);
      const segment = tcp(SYN, [2, 4, 1460 >> 8, 1460 & 255]);
      const mssIn = (packet: Uint8Array) => (packet[42]! << 8) | packet[43]!;
      const { datagrams } = await subject.seal(member, [ipPacket(SERVER, OWN, 6, segment)], 1);
      expect(mssIn((await far.receive(datagrams))[0]!)).toBe(longest - 40);
      const [came] = await subject.open(member, await far.send([ipPacket(OWN, SERVER, 6, segment)], path[family]), 2);
      expect(mssIn(came!)).toBe(longest - 40);
    });
  });
});
