// A small network for tests of the policy, and packets between its members.

import { concat } from '../../../src/bytes/octets.ts';
import type { Party, Policy, Rule, Service, Subject } from '../../../src/policy/policy.ts';
import { compile } from '../../../src/policy/view.ts';
import { Gate } from '../../../src/policy/gate.ts';
import { type IpView, parseIp } from '../../../src/wire/ip.ts';
import { parseAddress, parsePrefix } from '../../../src/wire/prefix.ts';

export const address = (text: string) => parseAddress(text)!;
export const prefix = (text: string) => parsePrefix(text)!;

export const ALICE: Party = { member: 'alice', groups: ['eng'] };
export const BOB: Party = { member: 'bob', groups: ['sales'] };
export const OFFICE: Party = { member: 'office', groups: [] };

/** Addresses of each. */
export const AT = {
  alice: '10.7.0.2',
  bob: '10.7.0.3',
  office: '10.1.2.3',
  alice6: 'fd00::2',
  office6: 'fd01::3',
} as const;

export const everyone: Subject = { kind: 'everyone' };
export const group = (id: string): Subject => ({ kind: 'group', id });
export const member = (id: string): Subject => ({ kind: 'member', id });
export const site = (id: string, ...prefixes: string[]): Subject => ({
  kind: 'site',
  id,
  prefixes: prefixes.length > 0 ? prefixes.map(prefix) : null,
});

export const any: Service = { kind: 'any' };
export const icmp: Service = { kind: 'icmp' };

/** `tcp(22, [8000, 8080])`. */
export function tcp(...ports: (number | readonly [number, number])[]): Service {
  return { kind: 'tcp', ports: ranges(ports) };
}

export function udp(...ports: (number | readonly [number, number])[]): Service {
  return { kind: 'udp', ports: ranges(ports) };
}

function ranges(ports: readonly (number | readonly [number, number])[]) {
  return ports.map((port) =>
    typeof port === 'number' ? { first: port, last: port } : { first: port[0], last: port[1] },
  );
}

let drawn = 0;

export function allow(source: Subject, target: Subject, ...services: Service[]): Rule {
  return { id: `r${++drawn}`, source, target, services, allow: true };
}

export function deny(source: Subject, target: Subject, ...services: Service[]): Rule {
  return { ...allow(source, target, ...services), allow: false };
}

export function policy(standard: Policy['default'], ...rules: Rule[]): Policy {
  return { version: 1, default: standard, rules };
}

export function gateOf(rules: Policy, party: Party, epoch = 1): Gate {
  return new Gate(compile(rules, party, epoch));
}

const FLAGS = { syn: 0x02, 'syn-ack': 0x12, ack: 0x10, fin: 0x11, rst: 0x04 } as const;

export function tcpPacket(
  from: string,
  fromPort: number,
  to: string,
  toPort: number,
  flag: keyof typeof FLAGS = 'ack',
): IpView {
  const segment = new Uint8Array(20);
  segment.set([fromPort >> 8, fromPort, toPort >> 8, toPort]);
  segment[12] = 0x50;
  segment[13] = FLAGS[flag];
  return packet(from, to, 6, segment);
}

export function udpPacket(from: string, fromPort: number, to: string, toPort: number): IpView {
  return packet(from, to, 17, Uint8Array.of(fromPort >> 8, fromPort, toPort >> 8, toPort, 0, 8, 0, 0));
}

export function echo(from: string, to: string, identifier: number, answer = false): IpView {
  const isIpv6 = from.includes(':');
  const type = isIpv6 ? (answer ? 129 : 128) : answer ? 0 : 8;
  return packet(from, to, isIpv6 ? 58 : 1, Uint8Array.of(type, 0, 0, 0, identifier >> 8, identifier, 0, 1));
}

/** "Port unreachable" about a packet, from anybody. */
export function unreachable(from: string, to: string, about: IpView): IpView {
  const isIpv6 = from.includes(':');
  const header = isIpv6 ? Uint8Array.of(1, 4, 0, 0, 0, 0, 0, 0) : Uint8Array.of(3, 3, 0, 0, 0, 0, 0, 0);
  const quoted = about.octets.subarray(0, about.payloadOffset + 8);
  return packet(from, to, isIpv6 ? 58 : 1, concat(header, quoted));
}

/** `fragment`: offset in octets, and whether more follow. */
export function packet(
  from: string,
  to: string,
  protocol: number,
  payload: Uint8Array,
  fragment: { readonly id: number; readonly offset: number; readonly more: boolean } | null = null,
): IpView {
  return parseIp(
    from.includes(':') ? ipv6(from, to, protocol, payload, fragment) : ipv4(from, to, protocol, payload, fragment),
  )!;
}

type Fragment = Parameters<typeof packet>[4];

function ipv4(from: string, to: string, protocol: number, payload: Uint8Array, fragment: Fragment = null): Uint8Array {
  const octets = new Uint8Array(20 + payload.length);
  const flags = fragment === null ? 0 : (fragment.offset >> 3) | (fragment.more ? 0x2000 : 0);
  const id = fragment?.id ?? 0;
  octets.set([0x45, 0, octets.length >> 8, octets.length, id >> 8, id, flags >> 8, flags, 64, protocol]);
  octets.set(address(from), 12);
  octets.set(address(to), 16);
  octets.set(payload, 20);
  return octets;
}

function ipv6(from: string, to: string, protocol: number, payload: Uint8Array, fragment: Fragment = null): Uint8Array {
  const header =
    fragment &&
    Uint8Array.of(
      protocol,
      0,
      fragment.offset >> 8,
      fragment.offset | (fragment.more ? 1 : 0),
      0,
      0,
      fragment.id >> 8,
      fragment.id,
    );
  const body = header ? concat(header, payload) : payload;
  const octets = new Uint8Array(40 + body.length);
  octets.set([0x60, 0, 0, 0, body.length >> 8, body.length, header ? 44 : protocol, 64]);
  octets.set(address(from), 8);
  octets.set(address(to), 24);
  octets.set(body, 40);
  return octets;
}
