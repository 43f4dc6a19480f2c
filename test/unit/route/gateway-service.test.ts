import { describe, expect, it } from 'vitest';
import { concat } from '../../../src/bytes/octets.ts';
import { ErrorReplies } from '../../../src/route/errors.ts';
import { gatewayAnswer } from '../../../src/route/gateway-service.ts';
import { parseIp } from '../../../src/wire/ip.ts';
import { IpProtocol } from '../../../src/wire/ip-protocol.ts';
import { parseAddress } from '../../../src/wire/prefix.ts';
import { type Ipv4Options, ipv4, ipv6, pseudoHeader, referenceChecksum, tcp } from '../wire/packets.ts';

const GATEWAY = [parseAddress('10.255.0.1')!, parseAddress('2001:db8:ffff::1')!];
const UDP = Uint8Array.of(0, 9, 0, 53, 0, 8, 0, 0);
const view = (packet: Uint8Array) => parseIp(packet)!;
const errors = () => new ErrorReplies(GATEWAY);

describe('the gateway itself', () => {
  const echo = (more: Ipv4Options = {}) => {
    const message = Uint8Array.of(8, 0, 0, 0, 0x12, 0x34, 0, 7, 1, 2, 3);
    const sum = referenceChecksum(message);
    message.set([sum >> 8, sum & 255], 2);
    return view(ipv4(message, { protocol: 1, destination: [10, 255, 0, 1], ...more }));
  };

  it('answers an Echo from the address that was asked', () => {
    const reply = view(gatewayAnswer(echo(), errors(), 0)!);
    expect([...reply.source, ...reply.destination]).toEqual([10, 255, 0, 1, 10, 0, 0, 1]);
    expect(reply.icmp).toBe(0);
    expect([...reply.octets.subarray(24)]).toEqual([0x12, 0x34, 0, 7, 1, 2, 3]);
  });

  it('answers an Echo of IPv6', () => {
    const message = Uint8Array.of(128, 0, 0, 0, 0x12, 0x34, 0, 7);
    const packet = ipv6(IpProtocol.ICMPV6, message);
    const sum = referenceChecksum(concat(pseudoHeader(packet, 58, 8), message));
    packet.set([sum >> 8, sum & 255], 42);
    expect(view(gatewayAnswer(view(packet), errors(), 0)!).icmp).toBe(0x8100);
  });

  it('does not put fragments of an Echo together', () => {
    expect(gatewayAnswer(echo({ fragment: 0x2000 }), errors(), 0)).toBeNull();
    expect(gatewayAnswer(echo({ fragment: 0x0001 }), errors(), 0)).toBeNull();
  });

  it('offers no port, and says so', () => {
    expect(view(gatewayAnswer(view(ipv4(UDP)), errors(), 0)!).icmp).toBe(0x0303);
    expect(view(gatewayAnswer(view(ipv4(tcp(2, []), { protocol: 6 })), errors(), 0)!).icmp).toBe(0x0303);
    expect(view(gatewayAnswer(view(ipv6(17, UDP)), errors(), 0)!).icmp).toBe(0x0104);
  });

  it('keeps silent about all else', () => {
    expect(gatewayAnswer(view(ipv4(Uint8Array.of(13, 0, 0, 0, 0, 0, 0, 0), { protocol: 1 })), errors(), 0)).toBeNull();
    expect(gatewayAnswer(view(ipv4(UDP, { protocol: 47 })), errors(), 0)).toBeNull();
  });
});
