// IP headers as a router sees them.

import { describe, expect, it } from 'vitest';
import { concat, fromHex, toHex, zeros } from '../../../src/bytes/octets.ts';
import { decrementTtl, parseIp, withTtlRestored } from '../../../src/wire/ip.ts';
import { IpProtocol } from '../../../src/wire/ip-protocol.ts';
import { ipv4, ipv6, referenceChecksum } from './packets.ts';

const UDP = fromHex('138801f4000c0000aabbccdd');
/** Extension headers of 8 octets whose first names what follows. */
const HOP_BY_HOP = (next: number) => Uint8Array.of(next, 0, 1, 4, 0, 0, 0, 0);
const FRAGMENT = (next: number, field: number) => Uint8Array.of(next, 0, field >> 8, field & 255, 0, 0, 0, 9);

describe('IPv4', () => {
  it('is read field by field', () => {
    const packet = ipv4(UDP, { fragment: 0x4000, ttl: 7 });
    expect(parseIp(packet)).toMatchObject({
      family: 4,
      headerLength: 20,
      totalLength: 32,
      protocol: IpProtocol.UDP,
      source: Uint8Array.of(10, 0, 0, 1),
      destination: Uint8Array.of(10, 0, 0, 2),
      ports: { source: 5000, destination: 500 },
      icmp: null,
      fragmentOffset: 0,
      moreFragments: false,
      dontFragment: true,
      ttl: 7,
      payloadOffset: 20,
    });
    expect(parseIp(packet)!.source.buffer).toBe(packet.buffer);
  });

  it('may have options', () => {
    const view = parseIp(ipv4(UDP, { options: [148, 4, 0, 0] }))!;
    expect(view).toMatchObject({ headerLength: 24, payloadOffset: 24, ports: { source: 5000, destination: 500 } });
  });

  it('ends where its length says: padding behind it is no part of it', () => {
    expect(parseIp(concat(ipv4(UDP), zeros(9)))).toMatchObject({ totalLength: 32 });
  });

  it('shows ports in the first fragment only', () => {
    const first = parseIp(ipv4(UDP, { fragment: 0x2000 }))!;
    expect(first).toMatchObject({ fragmentOffset: 0, moreFragments: true, ports: { source: 5000 } });
    const later = parseIp(ipv4(UDP, { fragment: 0x2000 | 185 }))!;
    expect(later).toMatchObject({ fragmentOffset: 1480, moreFragments: true, ports: null, dontFragment: false });
    expect(parseIp(ipv4(UDP, { fragment: 0x1fff }))).toMatchObject({ fragmentOffset: 65528, moreFragments: false });
  });

  it('shows ports of the protocols that have them', () => {
    const ports = (protocol: number) => parseIp(ipv4(UDP, { protocol }))!.ports;
    for (const protocol of [6, 17, 33, 132, 136]) expect(ports(protocol)).toEqual({ source: 5000, destination: 500 });
    for (const protocol of [1, 4, 47, 50, 58]) expect(ports(protocol)).toBeNull();
    expect(parseIp(ipv4(UDP.subarray(0, 3)))!.ports).toBeNull();
  });

  it('shows type and code of ICMP', () => {
    expect(parseIp(ipv4(fromHex('0304000000000000'), { protocol: 1 }))!.icmp).toBe(0x0304);
    expect(parseIp(ipv4(fromHex('0304'), { protocol: 1, fragment: 1 }))!.icmp).toBeNull();
    expect(parseIp(ipv4(fromHex('03'), { protocol: 1 }))!.icmp).toBeNull();
    expect(parseIp(ipv4(fromHex('8000'), { protocol: 58 }))!.icmp).toBeNull();
  });

  it.each([
    ['nothing', zeros(0)],
    ['a header cut off', ipv4(UDP).subarray(0, 19)],
    ['a packet cut off', ipv4(UDP).subarray(0, 31)],
    ['a header length below 20', ipv4(UDP).map((o, i) => (i === 0 ? 0x44 : o))],
    ['a header longer than the packet', ipv4(zeros(0)).map((o, i) => (i === 0 ? 0x46 : o))],
    ['a length below the header', ipv4(UDP).map((o, i) => (i === 3 ? 19 : o))],
    ['another version', ipv4(UDP).map((o, i) => (i === 0 ? 0x55 : o))],
  ])('refuses %s', (_, packet) => {
    expect(parseIp(packet)).toBeNull();
  });
});

describe('IPv6', () => {
  it('is read field by field', () => {
    expect(parseIp(ipv6(IpProtocol.UDP, UDP, 9))).toMatchObject({
      family: 6,
      headerLength: 40,
      totalLength: 52,
      protocol: IpProtocol.UDP,
      source: fromHex('20010db8000000000000000000000001'),
      destination: fromHex('20010db8000000000000000000000002'),
      ports: { source: 5000, destination: 500 },
      fragmentOffset: 0,
      moreFragments: false,
      dontFragment: true,
      ttl: 9,
      payloadOffset: 40,
    });
  });

  it('finds the upper protocol behind extension headers', () => {
    const routing = concat(Uint8Array.of(60, 2, 0, 0), zeros(20));
    const options = HOP_BY_HOP(51);
    const ah = concat(Uint8Array.of(17, 4, 0, 0), zeros(20));
    const packet = ipv6(0, concat(HOP_BY_HOP(43), routing, options, ah, UDP));
    expect(parseIp(packet)).toMatchObject({
      protocol: IpProtocol.UDP,
      headerLength: 40,
      payloadOffset: 40 + 8 + 24 + 8 + 24,
      ports: { source: 5000, destination: 500 },
    });
  });

  it('walks on behind the header of a first fragment, and stops at a later one', () => {
    const first = parseIp(ipv6(44, concat(FRAGMENT(60, 1), HOP_BY_HOP(17), UDP)))!;
    expect(first).toMatchObject({ protocol: 17, payloadOffset: 56, fragmentOffset: 0, moreFragments: true });
    expect(first.ports).toEqual({ source: 5000, destination: 500 });
    const later = parseIp(ipv6(44, concat(FRAGMENT(60, 1448), zeros(4))))!;
    expect(later).toMatchObject({ protocol: 60, payloadOffset: 48, fragmentOffset: 1448, moreFragments: false });
    expect(later.ports).toBeNull();
    // The two bits between offset and M are reserved.
    expect(parseIp(ipv6(44, concat(FRAGMENT(17, 6), UDP)))).toMatchObject({ fragmentOffset: 0, moreFragments: false });
  });

  it('shows type and code of ICMPv6', () => {
    expect(parseIp(ipv6(58, fromHex('8000000000000000')))!.icmp).toBe(0x8000);
    expect(parseIp(ipv6(1, fromHex('0800000000000000')))!.icmp).toBeNull();
  });

  it('may have nothing inside', () => {
    expect(parseIp(ipv6(59, zeros(0)))).toMatchObject({ protocol: 59, totalLength: 40, payloadOffset: 40 });
  });

  it('walks eight extension headers and no more', () => {
    const headers = (n: number) =>
      concat(...Array.from({ length: n }, (_, i) => HOP_BY_HOP(i === n - 1 ? 17 : 60)), UDP);
    expect(parseIp(ipv6(60, headers(8)))).toMatchObject({ protocol: 17, payloadOffset: 104 });
    expect(parseIp(ipv6(60, headers(9)))).toBeNull();
  });

  it.each([
    ['a header cut off', ipv6(17, UDP).subarray(0, 39)],
    ['a packet cut off', ipv6(17, UDP).subarray(0, 51)],
    ['an extension header that is not there', ipv6(0, zeros(0))],
    ['an extension header cut off', ipv6(0, HOP_BY_HOP(17).subarray(0, 7))],
    ['an extension header beyond the packet', ipv6(0, Uint8Array.of(17, 1, 0, 0, 0, 0, 0, 0))],
  ])('refuses %s', (_, packet) => {
    expect(parseIp(packet)).toBeNull();
  });
});

describe('decrementTtl', () => {
  it.each([2, 3, 64, 255])('takes one from %d and keeps the checksum right', (ttl) => {
    const packet = ipv4(UDP, { ttl });
    expect(decrementTtl(parseIp(packet)!)).toBe(true);
    expect(packet[8]).toBe(ttl - 1);
    expect(referenceChecksum(packet.subarray(0, 20))).toBe(0);
  });

  it('takes one from a hop limit', () => {
    const packet = ipv6(17, UDP, 2);
    expect(decrementTtl(parseIp(packet)!)).toBe(true);
    expect(packet[7]).toBe(1);
  });

  it.each([0, 1])('leaves a packet with %d alone', (ttl) => {
    for (const packet of [ipv4(UDP, { ttl }), ipv6(17, UDP, ttl)]) {
      const before = toHex(packet);
      expect(decrementTtl(parseIp(packet)!)).toBe(false);
      expect(toHex(packet)).toBe(before);
    }
  });
});

describe('withTtlRestored', () => {
  it.each([2, 64, 255])('undoes what decrementTtl did, in a copy, from TTL %i', (ttl) => {
    for (let host = 0; host < 0x10000; host += 251) {
      const packet = ipv4(Uint8Array.of(1, 2, 3), { ttl, source: [10, 0, host >> 8, host & 255] });
      const came = packet.slice();
      decrementTtl(parseIp(packet)!);
      const gone = packet.slice();
      expect(withTtlRestored(parseIp(packet)!).octets).toEqual(came);
      expect(packet).toEqual(gone);
    }
    const packet6 = ipv6(17, Uint8Array.of(1, 2, 3), ttl);
    decrementTtl(parseIp(packet6)!);
    const restored = withTtlRestored(parseIp(packet6)!);
    expect(restored.octets).toEqual(ipv6(17, Uint8Array.of(1, 2, 3), ttl));
    expect(restored.ttl).toBe(ttl);
  });
});
