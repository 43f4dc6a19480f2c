import { describe, expect, it } from 'vitest';
import { ErrorReplies, mayBeTold } from '../../../src/route/errors.ts';
import { TokenBucket } from '../../../src/route/token-bucket.ts';
import { parseIp } from '../../../src/wire/ip.ts';
import { parseAddress } from '../../../src/wire/prefix.ts';
import { type Ipv4Options, ipv4, ipv6 } from '../wire/packets.ts';

const GATEWAY = [parseAddress('10.255.0.1')!, parseAddress('2001:db8:ffff::1')!];
const UDP = Uint8Array.of(0, 9, 0, 53, 0, 8, 0, 0);
const view = (packet: Uint8Array) => parseIp(packet)!;
const about = (more: Ipv4Options = {}) => view(ipv4(UDP, more));
const icmp = (type: number) => Uint8Array.of(type, 0, 0, 0, 0, 1, 0, 2);

/** 2001:db8::1 to 2001:db8::2, with other octets where told. */
function six(nextHeader: number, payload: Uint8Array, change: Record<number, number> = {}): Uint8Array {
  const packet = ipv6(nextHeader, payload);
  for (const [at, octet] of Object.entries(change)) packet[Number(at)] = octet;
  return packet;
}

describe('who gets no ICMP error (RFC 1812 section 4.3.2.7)', () => {
  it.each([
    ['an ordinary packet', true, {}],
    ['the first fragment', true, { fragment: 0x2000 }],
    ['a later fragment', false, { fragment: 0x0001 }],
    ['a packet to a multicast group', false, { destination: [224, 0, 0, 251] }],
    ['a broadcast', false, { destination: [255, 255, 255, 255] }],
    ['a packet from nowhere', false, { source: [0, 0, 0, 0] }],
    ['a packet from loopback', false, { source: [127, 0, 0, 1] }],
    ['a packet from a group', false, { source: [224, 0, 0, 1] }],
    ['a packet from class E', false, { source: [240, 0, 0, 1] }],
  ] as const)('%s: %s', (_, told, options) => {
    expect(mayBeTold(about(options), 'time-exceeded')).toBe(told);
  });

  it.each([
    [3, false],
    [4, false],
    [5, false],
    [11, false],
    [12, false],
    [8, true],
    [0, true],
    [13, true],
  ])('ICMP type %i: %s', (type, told) => {
    expect(mayBeTold(view(ipv4(icmp(type), { protocol: 1 })), 'unreachable')).toBe(told);
  });
});

describe('who gets no ICMPv6 error (RFC 4443 section 2.4 e)', () => {
  it.each([
    ['an ordinary packet', true, {}],
    ['a packet from nowhere', false, { 8: 0, 9: 0, 10: 0, 11: 0, 23: 0 }],
    ['a packet from loopback', false, { 8: 0, 9: 0, 10: 0, 11: 0 }],
    ['a packet from a group', false, { 8: 0xff }],
    ['a packet to a group', false, { 24: 0xff }],
  ] as const)('%s: %s', (_, told, change) => {
    expect(mayBeTold(view(six(17, UDP, change)), 'time-exceeded')).toBe(told);
  });

  it('but a group is told that a packet is too big', () => {
    expect(mayBeTold(view(six(17, UDP, { 24: 0xff })), 'too-big')).toBe(true);
  });

  it.each([
    [1, false],
    [2, false],
    [3, false],
    [127, false],
    [128, true],
    [129, true],
    [137, false],
  ])('ICMPv6 type %i: %s', (type, told) => {
    expect(mayBeTold(view(six(58, icmp(type))), 'unreachable')).toBe(told);
  });
});

describe('error replies', () => {
  it('come from the gateway, to the source, about the packet', () => {
    const packet = ipv4(UDP);
    const reply = view(new ErrorReplies(GATEWAY).about(view(packet), { kind: 'unreachable', why: 'host' }, 0)!);
    expect([...reply.source]).toEqual([10, 255, 0, 1]);
    expect([...reply.destination]).toEqual([10, 0, 0, 1]);
    expect(reply.icmp).toBe(0x0301);
    expect(reply.octets.subarray(28)).toEqual(packet);
  });

  it('are limited in their rate', () => {
    const replies = new ErrorReplies(GATEWAY, new TokenBucket(1, 2));
    const at = (now: number) => replies.about(about(), { kind: 'time-exceeded' }, now) !== null;
    expect([at(0), at(0), at(0), at(999), at(1000), at(1000)]).toEqual([true, true, false, false, true, false]);
  });

  it('are not spent on what gets none', () => {
    const replies = new ErrorReplies(GATEWAY, new TokenBucket(1, 1));
    expect(replies.about(about({ fragment: 1 }), { kind: 'time-exceeded' }, 0)).toBeNull();
    expect(replies.about(about(), { kind: 'time-exceeded' }, 0)).not.toBeNull();
  });

  it('need an address of the family', () => {
    const replies = new ErrorReplies(GATEWAY.slice(0, 1));
    expect(replies.about(view(six(17, UDP)), { kind: 'time-exceeded' }, 0)).toBeNull();
  });
});
