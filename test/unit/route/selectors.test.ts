import { describe, expect, it } from 'vitest';
import { admit } from '../../../src/route/admit.ts';
import { compileSelectors, permits } from '../../../src/route/selectors.ts';
import { type IpView, parseIp } from '../../../src/wire/ip.ts';
import { IpProtocol } from '../../../src/wire/ip-protocol.ts';
import type { TrafficSelector } from '../../../src/wire/payload.ts';
import { parseAddress, parsePrefix, prefixRange } from '../../../src/wire/prefix.ts';
import { type Ipv4Options, ipv4, ipv6 } from '../wire/packets.ts';

interface Limits {
  readonly protocol?: number;
  readonly ports?: readonly [number, number];
}

const ANY: readonly [number, number] = [0, 65535];
const OPAQUE: readonly [number, number] = [65535, 0];

function ts(prefix: string, { protocol = 0, ports = ANY }: Limits = {}): TrafficSelector {
  const { start, end } = prefixRange(parsePrefix(prefix)!);
  return { protocol, startPort: ports[0], endPort: ports[1], startAddress: start, endAddress: end };
}

const view = (packet: Uint8Array): IpView => parseIp(packet)!;
const ports = (source: number, destination: number) =>
  Uint8Array.of(source >> 8, source & 255, destination >> 8, destination & 255, 0, 8, 0, 0);

/** From 10.0.0.1 to 10.0.0.2 unless told otherwise. */
const udp = (source: number, destination: number, more: Ipv4Options = {}) =>
  view(ipv4(ports(source, destination), more));
const both = [ts('10.0.0.1/32')];

describe('selectors by address', () => {
  const selectors = compileSelectors(
    [ts('10.0.0.0/8'), ts('2001:db8::2/128')],
    [ts('192.0.2.7/32'), ts('2001:db8::1/128')],
  );
  const theirs = { source: [192, 0, 2, 7], destination: [10, 255, 255, 255] };

  it('know the way in from the way out', () => {
    expect(permits(selectors, udp(1, 2, theirs), 'in')).toBe(true);
    expect(permits(selectors, udp(1, 2, theirs), 'out')).toBe(false);
    const back = { source: theirs.destination, destination: theirs.source };
    expect(permits(selectors, udp(1, 2, back), 'out')).toBe(true);
    expect(permits(selectors, udp(1, 2, back), 'in')).toBe(false);
  });

  it('end at both ends of a range', () => {
    const at = (destination: number[]) => permits(selectors, udp(1, 2, { ...theirs, destination }), 'in');
    expect(at([10, 0, 0, 0])).toBe(true);
    expect(at([9, 255, 255, 255])).toBe(false);
    expect(at([11, 0, 0, 0])).toBe(false);
  });

  it('keep the families apart', () => {
    expect(permits(selectors, view(ipv6(17, ports(1, 2))), 'in')).toBe(true);
    const four = compileSelectors([ts('0.0.0.0/0')], [ts('0.0.0.0/0')]);
    expect(permits(four, view(ipv6(17, ports(1, 2))), 'in')).toBe(false);
    const six = compileSelectors([ts('::/0')], [ts('::/0')]);
    expect(permits(six, udp(1, 2), 'in')).toBe(false);
  });

  it('permit nothing when there are none', () => {
    expect(permits(compileSelectors([], []), udp(1, 2), 'in')).toBe(false);
  });

  it('may be ranges that are no prefix', () => {
    const range = { ...ts('10.0.0.2/32'), endAddress: parseAddress('10.0.0.5')! };
    const some = compileSelectors([range], both);
    expect(permits(some, udp(1, 2, { destination: [10, 0, 0, 5] }), 'in')).toBe(true);
    expect(permits(some, udp(1, 2, { destination: [10, 0, 0, 6] }), 'in')).toBe(false);
  });
});

describe('selectors by protocol and port', () => {
  const web = compileSelectors([ts('10.0.0.2/32', { protocol: IpProtocol.UDP, ports: [443, 445] })], both);

  it('match the port of their own side', () => {
    expect(permits(web, udp(9, 443), 'in')).toBe(true);
    expect(permits(web, udp(9, 445), 'in')).toBe(true);
    expect(permits(web, udp(9, 442), 'in')).toBe(false);
    expect(permits(web, udp(9, 446), 'in')).toBe(false);
    const out = (source: number) => udp(source, 9, { source: [10, 0, 0, 2], destination: [10, 0, 0, 1] });
    expect(permits(web, out(444), 'out')).toBe(true);
    expect(permits(web, out(9), 'out')).toBe(false);
  });

  it('match the protocol', () => {
    expect(permits(web, udp(9, 443, { protocol: IpProtocol.TCP }), 'in')).toBe(false);
  });

  it('refuse fragments that carry no ports', () => {
    expect(permits(web, udp(9, 443, { fragment: 0x2000 }), 'in')).toBe(true);
    expect(permits(web, udp(9, 443, { fragment: 0x2001 }), 'in')).toBe(false);
    expect(permits(web, view(ipv4(Uint8Array.of(0, 9), {})), 'in')).toBe(false);
  });

  it('let such fragments through where all ports of their protocol are allowed', () => {
    const all = compileSelectors(
      [
        ts('10.0.0.2/32', { protocol: IpProtocol.UDP, ports: [53, 53] }),
        ts('10.0.0.2/32', { protocol: IpProtocol.UDP }),
      ],
      both,
    );
    expect(permits(all, udp(0, 0, { fragment: 0x0001 }), 'in')).toBe(true);
    expect(permits(all, udp(0, 0, { fragment: 0x0001, protocol: IpProtocol.TCP }), 'in')).toBe(false);
  });

  it('OPAQUE means only what has no ports', () => {
    const opaque = compileSelectors([ts('10.0.0.2/32', { ports: OPAQUE })], both);
    expect(permits(opaque, udp(1, 2, { fragment: 0x0001 }), 'in')).toBe(true);
    expect(permits(opaque, view(ipv4(ports(1, 2), { protocol: IpProtocol.ESP })), 'in')).toBe(true);
    expect(permits(opaque, udp(1, 2), 'in')).toBe(false);
  });

  it('see through IPv6 extension headers', () => {
    const six = compileSelectors(
      [ts('::/0', { protocol: IpProtocol.UDP, ports: [53, 53] })],
      [ts('::/0', { protocol: IpProtocol.UDP })],
    );
    const options = Uint8Array.of(IpProtocol.UDP, 0, 1, 4, 0, 0, 0, 0, ...ports(9, 53));
    expect(permits(six, view(ipv6(IpProtocol.DESTINATION_OPTIONS, options)), 'in')).toBe(true);
    const later = Uint8Array.of(IpProtocol.UDP, 0, 0, 8, 0, 0, 0, 1, ...ports(9, 53));
    expect(permits(six, view(ipv6(IpProtocol.FRAGMENT, later)), 'in')).toBe(false);
  });
});

describe('selectors of ICMP (RFC 4301 section 4.4.1.3)', () => {
  const echo = (type: number, more: Ipv4Options = {}) =>
    view(ipv4(Uint8Array.of(type, 0, 0, 0, 0, 0, 0, 0), { ...more, protocol: 1 }));
  const type8: Limits = { protocol: 1, ports: [0x0800, 0x08ff] };

  it('let the peer send a type that we do not', () => {
    const selectors = compileSelectors([ts('10.0.0.2/32', { protocol: 1, ports: OPAQUE })], [ts('10.0.0.1/32', type8)]);
    expect(permits(selectors, echo(8), 'in')).toBe(true);
    expect(permits(selectors, echo(0), 'in')).toBe(false);
    const back = { source: [10, 0, 0, 2], destination: [10, 0, 0, 1] };
    expect(permits(selectors, echo(8, back), 'out')).toBe(false);
  });

  it('let both send it where both sides name it', () => {
    const selectors = compileSelectors([ts('10.0.0.2/32', type8)], [ts('10.0.0.1/32', type8)]);
    expect(permits(selectors, echo(8), 'in')).toBe(true);
    expect(permits(selectors, echo(8, { source: [10, 0, 0, 2], destination: [10, 0, 0, 1] }), 'out')).toBe(true);
    expect(permits(selectors, echo(9), 'in')).toBe(false);
  });

  it('do not let a fragment pass for a type', () => {
    const selectors = compileSelectors([ts('10.0.0.2/32', type8)], [ts('10.0.0.1/32', type8)]);
    expect(permits(selectors, echo(8, { fragment: 0x0001 }), 'in')).toBe(false);
  });
});

describe('admission', () => {
  const selectors = compileSelectors([ts('0.0.0.0/0'), ts('::/0')], [ts('0.0.0.0/0'), ts('::/0')]);
  const owner = { addresses: [parseAddress('10.0.0.1')!], prefixes: [parsePrefix('2001:db8::/127')!] };

  it('is for packets from the member', () => {
    expect(admit(owner, selectors, udp(1, 2))).toBeNull();
    expect(admit(owner, selectors, view(ipv6(17, ports(1, 2))))).toBeNull();
  });

  // Requirements: rfc3715-5-anti-spoofing
  it('refuses a source that is somebody else, whatever the selectors say', () => {
    expect(admit(owner, selectors, udp(1, 2, { source: [10, 0, 0, 3] }))).toBe('foreign-source');
    expect(admit({ addresses: [], prefixes: [] }, selectors, udp(1, 2))).toBe('foreign-source');
    expect(admit({ ...owner, prefixes: [] }, selectors, view(ipv6(17, ports(1, 2))))).toBe('foreign-source');
  });

  it('refuses what was not negotiated', () => {
    const narrow = compileSelectors([ts('10.9.0.0/16')], [ts('10.0.0.1/32')]);
    expect(admit(owner, narrow, udp(1, 2))).toBe('outside-selectors');
    expect(admit(owner, narrow, udp(1, 2, { destination: [10, 9, 1, 1] }))).toBeNull();
  });
});
