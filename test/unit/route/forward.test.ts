import { describe, expect, it } from 'vitest';
import { ErrorReplies } from '../../../src/route/errors.ts';
import { forward } from '../../../src/route/forward.ts';
import { parseIp } from '../../../src/wire/ip.ts';
import { parseAddress } from '../../../src/wire/prefix.ts';
import { ipv4, ipv6 } from '../wire/packets.ts';

const GATEWAY = [parseAddress('10.255.0.1')!, parseAddress('2001:db8:ffff::1')!];
const UDP = Uint8Array.of(0, 9, 0, 53, 0, 8, 0, 0);
const view = (packet: Uint8Array) => parseIp(packet)!;
const errors = () => new ErrorReplies(GATEWAY);

describe('forwarding', () => {
  it('takes one hop and keeps the header checksum right', () => {
    const packet = ipv4(UDP, { ttl: 64, options: [1, 1, 1, 0] });
    expect(forward(view(packet), errors(), 0)).toEqual({ kind: 'forward' });
    expect(packet).toEqual(ipv4(UDP, { ttl: 63, options: [1, 1, 1, 0] }));
    const packet6 = ipv6(17, UDP);
    expect(forward(view(packet6), errors(), 0)).toEqual({ kind: 'forward' });
    expect(packet6[7]).toBe(63);
  });

  it.each([0, 1])('ends a packet of TTL %i, quoted as it came', (ttl) => {
    const packet = ipv4(UDP, { ttl });
    const came = packet.slice();
    const result = forward(view(packet), errors(), 0);
    if (result.kind !== 'reply') throw new Error(result.kind);
    const reply = view(result.packet);
    expect(reply.icmp).toBe(0x0b00);
    expect([...reply.source]).toEqual([10, 255, 0, 1]);
    expect(reply.octets.subarray(28)).toEqual(came);
  });

  it('ends an IPv6 packet of hop limit 1', () => {
    const result = forward(view(ipv6(17, UDP, 1)), errors(), 0);
    if (result.kind !== 'reply') throw new Error(result.kind);
    expect(view(result.packet).icmp).toBe(0x0300);
    expect(view(result.packet).source).toEqual(GATEWAY[1]);
  });

  it('is silent about the end of an error', () => {
    expect(forward(view(ipv4(Uint8Array.of(11, 0, 0, 0, 0, 0, 0, 0), { ttl: 1, protocol: 1 })), errors(), 0)).toEqual({
      kind: 'drop',
    });
  });
});
