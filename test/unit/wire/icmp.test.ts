// ICMP errors and echo replies.

import { describe, expect, it } from 'vitest';
import { fromHex, toHex, zeros } from '../../../src/bytes/octets.ts';
import { echoReply, type IcmpError, icmpError, isEchoRequest, isIcmpError } from '../../../src/wire/icmp.ts';
import { parseIp } from '../../../src/wire/ip.ts';
import { ipv4, ipv6, pseudoHeader, referenceChecksum } from './packets.ts';

const GATEWAY_4 = Uint8Array.of(10, 0, 0, 254);
const GATEWAY_6 = fromHex('20010db80000000000000000000000fe');

function expectValid(packet: Uint8Array, family: 4 | 6): void {
  const view = parseIp(packet)!;
  expect(view.totalLength).toBe(packet.length);
  expect(view.protocol).toBe(family === 4 ? 1 : 58);
  const message = packet.subarray(view.payloadOffset);
  if (family === 4) expect(referenceChecksum(packet.subarray(0, 20))).toBe(0);
  expect(referenceChecksum(family === 4 ? zeros(0) : pseudoHeader(packet, 58, message.length), message)).toBe(0);
}

function echo(family: 4 | 6, data: Uint8Array, fragment = 0): Uint8Array {
  const message = new Uint8Array(8 + data.length);
  message.set([family === 4 ? 8 : 128, 0, 0, 0, 0xab, 0xcd, 0, 7]);
  message.set(data, 8);
  const packet = family === 4 ? ipv4(message, { protocol: 1, fragment }) : ipv6(58, message);
  const at = packet.length - message.length;
  const pseudo = family === 4 ? zeros(0) : pseudoHeader(packet, 58, message.length);
  new DataView(packet.buffer).setUint16(at + 2, referenceChecksum(pseudo, message));
  return packet;
}

describe('icmpError', () => {
  const ERRORS: readonly (readonly [error: IcmpError, ipv4: string, ipv6: string])[] = [
    [{ kind: 'unreachable', why: 'network' }, '030000000000', '010000000000'],
    [{ kind: 'unreachable', why: 'host' }, '030100000000', '010300000000'],
    [{ kind: 'unreachable', why: 'port' }, '030300000000', '010400000000'],
    [{ kind: 'unreachable', why: 'prohibited' }, '030d00000000', '010100000000'],
    [{ kind: 'too-big', mtu: 1400 }, '030400000578', '020000000578'],
    [{ kind: 'time-exceeded' }, '0b0000000000', '030000000000'],
  ];

  it.each(ERRORS)('%o', (error, hex4, hex6) => {
    for (const [family, hex] of [
      [4, hex4],
      [6, hex6],
    ] as const) {
      const about = family === 4 ? ipv4(zeros(40)) : ipv6(17, zeros(40));
      const from = family === 4 ? GATEWAY_4 : GATEWAY_6;
      const packet = icmpError(parseIp(about)!, from, error);
      expectValid(packet, family);
      const view = parseIp(packet)!;
      expect(view.source).toEqual(from);
      expect(view.destination).toEqual(parseIp(about)!.source);
      const message = packet.subarray(view.payloadOffset);
      expect(toHex(message.subarray(0, 2)) + toHex(message.subarray(4, 8))).toBe(hex);
      expect(toHex(message.subarray(8))).toBe(toHex(about));
    }
  });

  it('is never longer than 576 octets, or 1280 of IPv6', () => {
    const four = icmpError(parseIp(ipv4(zeros(3000)))!, GATEWAY_4, { kind: 'time-exceeded' });
    expect(four).toHaveLength(576);
    expectValid(four, 4);
    const six = icmpError(parseIp(ipv6(17, zeros(3000)))!, GATEWAY_6, { kind: 'time-exceeded' });
    expect(six).toHaveLength(1280);
    expectValid(six, 6);
  });

  it('quotes nothing that lies behind the packet', () => {
    const padded = new Uint8Array(100).fill(0xee);
    padded.set(ipv4(zeros(8)));
    expect(icmpError(parseIp(padded)!, GATEWAY_4, { kind: 'time-exceeded' })).toHaveLength(28 + 28);
  });
});

describe('echo', () => {
  it.each([4, 6] as const)('IPv%d is answered with its own data', (family) => {
    for (const data of [zeros(0), fromHex('616263'), new Uint8Array(1200).fill(0xff)]) {
      const request = echo(family, data);
      const view = parseIp(request)!;
      expect(isEchoRequest(view)).toBe(true);
      const reply = echoReply(view);
      expectValid(reply, family);
      const answered = parseIp(reply)!;
      expect(answered.source).toEqual(view.destination);
      expect(answered.destination).toEqual(view.source);
      const at = answered.payloadOffset;
      expect(reply[at]).toBe(family === 4 ? 0 : 129);
      expect(toHex(reply.subarray(at + 4))).toBe(toHex(request.subarray(at + 4)));
    }
  });

  it('keeps identification and DF of IPv4', () => {
    expect(toHex(echoReply(parseIp(echo(4, zeros(8), 0x4000))!).subarray(4, 8))).toBe('12344000');
    expect(toHex(echoReply(parseIp(echo(4, zeros(8), 0))!).subarray(4, 8))).toBe('12340000');
  });

  it('is not taken from fragments, replies, or wrong checksums', () => {
    const is = (packet: Uint8Array) => isEchoRequest(parseIp(packet)!);
    expect(is(echo(4, zeros(8), 0x2000))).toBe(false);
    expect(is(echo(4, zeros(8), 3))).toBe(false);
    expect(is(echoReply(parseIp(echo(4, zeros(8)))!))).toBe(false);
    expect(is(echo(4, zeros(8)).map((o, i) => (i === 30 ? 1 : o)))).toBe(false);
    expect(is(echo(6, zeros(8)).map((o, i) => (i === 50 ? 1 : o)))).toBe(false);
    expect(is(ipv4(fromHex('0800f7ff'), { protocol: 1 }))).toBe(false);
  });
});

describe('isIcmpError', () => {
  const message = (type: number) => Uint8Array.of(type, 0, 0, 0, 0, 0, 0, 0);
  const is4 = (type: number) => isIcmpError(parseIp(ipv4(message(type), { protocol: 1 }))!);
  const is6 = (type: number) => isIcmpError(parseIp(ipv6(58, message(type)))!);

  it('tells errors from questions', () => {
    expect([3, 4, 5, 11, 12].map(is4)).toEqual(Array(5).fill(true));
    expect([0, 8, 13, 14, 17].map(is4)).toEqual(Array(5).fill(false));
    expect([1, 2, 3, 4, 127, 137].map(is6)).toEqual(Array(6).fill(true));
    expect([128, 129, 135].map(is6)).toEqual(Array(3).fill(false));
  });

  it('is careful with what is cut off, and silent about other protocols', () => {
    expect(isIcmpError(parseIp(ipv4(zeros(0), { protocol: 1 }))!)).toBe(true);
    expect(isIcmpError(parseIp(ipv4(message(3), { protocol: 17 }))!)).toBe(false);
  });
});
