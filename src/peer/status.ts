// What status screens show of a peer: plain data, no keys.

import { encrAlgorithm } from '../crypto/algorithms.ts';
import type { EspSuite, IkeSuite } from '../crypto/suite.ts';
import type { Member } from '../ike/pad.ts';
import { unreached } from '../ike/reach.ts';
import { currentSa } from '../ike/sad.ts';
import type { NatVerdict, PeerState } from '../ike/state.ts';
import { EncrId, IntegId, KeId, nameOf, PrfId } from '../wire/ike-numbers.ts';
import { formatAddress } from '../wire/prefix.ts';
import type { DataPlane } from './data-plane.ts';
import type { KeptOpen } from './keepalive.ts';
import { type NatReport, natReport } from './nat-report.ts';

export type { NatReport } from './nat-report.ts';

export interface PeerStatus {
  readonly member: string;
  readonly name: string;
  readonly kind: Member['kind'];
  readonly route: number;
  readonly state: 'connecting' | 'connected';
  readonly identity: string;
  readonly software: string;
  readonly nat: NatVerdict;
  /** Outer address and port of the peer, and the relay's socket. */
  readonly remote: { readonly address: string; readonly port: number } | null;
  readonly local: { readonly address: string; readonly port: number } | null;
  readonly suite: string;
  readonly esp: readonly string[];
  readonly addresses: readonly string[];
  readonly children: number;
  /** Prefixes of its network that none of its child SAs carries: it asked for less, or would not have more. */
  readonly unreached: readonly string[];
  /** The longest inner packet that every child SA takes, octets. */
  readonly mtu: number;
  readonly since: number;
  readonly lastIn: number;
  readonly lastOut: number;
  readonly packetsIn: number;
  readonly octetsIn: number;
  readonly packetsOut: number;
  readonly octetsOut: number;
  /** Packets to DNS servers that the peer was given and to others, and answers of the former. */
  readonly dns: { readonly asked: number; readonly elsewhere: number; readonly answered: number };
  readonly drops: Readonly<Record<string, number>>;
  readonly report: NatReport;
}

export function peerStatus(
  route: number,
  state: PeerState,
  plane: DataPlane,
  kept: KeptOpen | null,
): PeerStatus | null {
  const sa = currentSa(state);
  if (sa === null || sa.phase.name !== 'established') return null;
  const { member } = sa.phase;
  const path = plane.endpoint.path ?? sa.path;
  const { packetsIn, octetsIn, packetsOut, octetsOut, lastIn, lastOut, drops } = plane.traffic;
  const { dnsAsked, dnsElsewhere, dnsAnswered } = plane.traffic;
  return {
    member: member.member,
    name: member.name,
    kind: member.kind,
    route,
    state: state.children.length > 0 ? 'connected' : 'connecting',
    identity: sa.phase.identity,
    software: sa.traits.software,
    nat: sa.traits.nat,
    remote: { address: formatAddress(path.remoteAddress), port: path.remotePort },
    local: { address: formatAddress(path.localAddress), port: path.localPort },
    suite: describeIkeSuite(sa.suite),
    esp: [...new Set(state.children.map((child) => describeEspSuite(child.suite)))],
    addresses: member.addresses.map(formatAddress),
    children: state.children.length,
    unreached: unreached(state.children, member),
    mtu: Math.min(member.mtu, ...Array.from(plane.tunnels, (tunnel) => plane.mtu(member, tunnel))),
    since: sa.phase.since,
    lastIn,
    lastOut,
    packetsIn,
    octetsIn,
    packetsOut,
    octetsOut,
    dns: { asked: dnsAsked, elsewhere: dnsElsewhere, answered: dnsAnswered },
    drops: Object.fromEntries(drops),
    report: natReport(sa, plane, kept),
  };
}

export function describeIkeSuite(suite: IkeSuite): string {
  const integ = suite.integ === IntegId.NONE ? [] : [nameOf(IntegId, suite.integ)];
  return [describeEncr(suite), ...integ, `PRF_${nameOf(PrfId, suite.prf)}`, nameOf(KeId, suite.ke)].join('/');
}

export function describeEspSuite(suite: EspSuite): string {
  const integ = suite.integ === IntegId.NONE ? [] : [nameOf(IntegId, suite.integ)];
  const ke = suite.ke === KeId.NONE ? [] : [nameOf(KeId, suite.ke)];
  return [describeEncr(suite), ...integ, ...ke, ...(suite.esn ? ['ESN'] : [])].join('/');
}

function describeEncr(suite: { encr: number; encrKeyBits: number }): string {
  const name = nameOf(EncrId, suite.encr);
  return encrAlgorithm(suite.encr).keyBits.length === 0 ? name : `${name}_${suite.encrKeyBits}`;
}
