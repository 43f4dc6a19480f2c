import { describe, expect, it } from 'vitest';
import { fit as fitted } from '../../../src/route/mtu.ts';
import { parseIp } from '../../../src/wire/ip.ts';
import { parseAddress } from '../../../src/wire/prefix.ts';
import { type Ipv4Options, ipv4, ipv6, tcp } from '../wire/packets.ts';

const FROM = parseAddress('10.255.0.1')!;
const FROM6 = parseAddress('2001:db8:ffff::1')!;
const DF = 0x4000;
const filled = (length: number) => Uint8Array.from({ length }, (_, i) => i * 7);
const view = (packet: Uint8Array) => parseIp(packet)!;
const four = (length: number, more: Ipv4Options = {}) => view(ipv4(filled(length - 20), more));

describe('a packet that fits', () => {
  it('goes as it is', () => {
    const packet = four(1400, { fragment: DF });
    const { packets, reply } = fitted(packet, 1400, FROM);
    expect(packets).toEqual([packet.octets]);
    expect(packets[0]).toBe(packet.octets);
    expect(reply).toBeNull();
  });

  it('goes without what stands behind it', () => {
    const packet = ipv4(filled(80));
    const longer = new Uint8Array(120);
    longer.set(packet);
    expect(fitted(view(longer), 100, FROM).packets).toEqual([packet]);
  });
});

describe('an IPv4 packet that may be cut', () => {
  it('is cut to pieces that fit and hold the whole', () => {
    const packet = four(1401);
    const { packets, reply } = fitted(packet, 1400, FROM);
    expect(reply).toBeNull();
    expect(packets.map((p) => p.length)).toEqual([1396, 25]);
    const pieces = packets.map(view);
    expect(pieces.map((p) => [p.fragmentOffset, p.moreFragments])).toEqual([
      [0, true],
      [1376, false],
    ]);
    const data = pieces.flatMap((p) => [...p.octets.subarray(p.headerLength)]);
    expect(data).toEqual([...packet.octets.subarray(20)]);
  });

  it('carries only the copied options on', () => {
    // Record route (7, not copied) and strict source route (137, copied).
    const options = [7, 3, 4, 1, 137, 7, 8, 192, 0, 2, 1, 0];
    const { packets } = fitted(four(1200, { options }), 600, FROM);
    expect(view(packets[0]!).headerLength).toBe(32);
    expect(view(packets[1]!).headerLength).toBe(28);
    expect([...packets[1]!.subarray(20, 28)]).toEqual([137, 7, 8, 192, 0, 2, 1, 0]);
  });

  it('never in less than 68 octets', () => {
    for (const piece of fitted(four(500), 30, FROM).packets) expect(piece.length).toBeLessThanOrEqual(68);
  });
});

describe('a packet that must not be cut', () => {
  it('with DF is answered with the MTU', () => {
    const { packets, reply } = fitted(four(1401, { fragment: DF }), 1400, FROM);
    expect(packets).toEqual([]);
    expect(view(reply!).icmp).toBe(0x0304);
    expect([reply![26], reply![27]]).toEqual([1400 >> 8, 1400 & 255]);
    expect(view(reply!).source).toEqual(FROM);
  });

  it('of IPv6 is answered with the MTU, which is 1280 at least', () => {
    const { packets, reply } = fitted(view(ipv6(17, filled(1361))), 1400, FROM6);
    expect(packets).toEqual([]);
    expect(view(reply!).icmp).toBe(0x0200);
    expect([...reply!.subarray(44, 48)]).toEqual([0, 0, 1400 >> 8, 1400 & 255]);
    expect(fitted(view(ipv6(17, filled(1240))), 1200, FROM6).packets.length).toBe(1);
    const small = fitted(view(ipv6(17, filled(1241))), 1200, FROM6).reply!;
    expect([...small.subarray(44, 48)]).toEqual([0, 0, 1280 >> 8, 1280 & 255]);
  });

  // "the internet header plus the first 64 bits of the original datagram's data" (RFC 792).
  it('is quoted as it arrived, a hop before, with the MSS that it had', () => {
    const options = { protocol: 6, fragment: DF };
    const segment = tcp(0x02, [2, 4, 1460 >> 8, 1460 & 255]);
    const syn = Uint8Array.of(...segment, ...filled(1400));
    const { reply } = fitted(view(ipv4(syn, { ...options, ttl: 63 })), 1400, FROM);
    expect(reply!.subarray(28)).toEqual(ipv4(syn, { ...options, ttl: 64 }).subarray(0, 548));
    const reply6 = fitted(view(ipv6(17, filled(1361), 63)), 1400, FROM6).reply!;
    expect(reply6.subarray(48)).toEqual(ipv6(17, filled(1361), 64).subarray(0, 1232));
  });

  it('is dropped in silence where nothing may be said', () => {
    const big = () => four(1401, { fragment: DF });
    const silence = { packets: [], reply: null };
    expect(fitted(big(), 1400, null)).toEqual(silence);
    expect(fitted(four(1401, { fragment: DF, source: [0, 0, 0, 0] }), 1400, FROM)).toEqual(silence);
    expect(fitted(big(), 1400, FROM, () => false)).toEqual(silence);
  });

  it('asks for leave only when there is something to say', () => {
    let asked = 0;
    const leave = () => ++asked > 0;
    fitted(four(1400), 1400, FROM, leave);
    fitted(four(1401), 1400, FROM, leave);
    fitted(four(1401, { fragment: DF }), 1400, null, leave);
    expect(asked).toBe(0);
    fitted(four(1401, { fragment: DF }), 1400, FROM, leave);
    expect(asked).toBe(1);
  });
});

describe('a SYN', () => {
  const SYN = 0x02;
  const mss = [2, 4, 1460 >> 8, 1460 & 255];
  const mssIn = (packet: Uint8Array, tcpAt: number) => (packet[tcpAt + 22]! << 8) | packet[tcpAt + 23]!;

  it('is lowered to what the tunnel takes', () => {
    const [packet] = fitted(view(ipv4(tcp(SYN, mss), { protocol: 6 })), 1400, FROM).packets;
    expect(mssIn(packet!, 20)).toBe(1400 - 40);
    const [packet6] = fitted(view(ipv6(6, tcp(SYN, mss))), 1400, FROM6).packets;
    expect(mssIn(packet6!, 40)).toBe(1400 - 60);
  });

  it('is left alone where it asks for less', () => {
    const [packet] = fitted(view(ipv4(tcp(SYN, mss), { protocol: 6 })), 1500, FROM).packets;
    expect(mssIn(packet!, 20)).toBe(1460);
  });
});
