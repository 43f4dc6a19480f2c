// What tests of moving peers have in common: where the gateway sends, and what goes there.

import { utf8 } from '../../src/bytes/octets.ts';
import type { PeerState } from '../../src/ike/state.ts';
import { currentSa } from '../../src/ike/sad.ts';
import type { NatReport } from '../../src/peer/nat-report.ts';
import { formatEndpoint, type Path } from '../../src/wire/path.ts';
import type { Payload } from '../../src/wire/payload.ts';
import { address } from '../sim/initiator/identities.ts';
import type { SeenMessage } from '../sim/initiator/journal.ts';
import { udpPacket } from '../sim/packets.ts';
import { CLIENT_ADDRESS, type Pair } from './pair.ts';

export const ELSEWHERE = '203.0.113.9';
export const HOME = `${CLIENT_ADDRESS}:4500`;
export const AWAY = `${ELSEWHERE}:4500`;

const SERVER = '100.64.0.20';

export function stateOf(pair: Pair): PeerState {
  return pair.peer.checkpoint()!.state;
}

export function remoteOf(path: Path): string {
  return formatEndpoint(path.remoteAddress, path.remotePort);
}

/** Where the gateway's own requests go. */
export function ikeEnd(pair: Pair): string {
  return remoteOf(currentSa(stateOf(pair))!.path);
}

/** Where its ESP goes: a packet is sealed to see, and carried nowhere. */
export async function espEnd(pair: Pair): Promise<string> {
  const own = pair.peer.member!.addresses[0]!;
  const before = pair.toClient.length;
  await pair.sealTo([udpPacket(address(SERVER), own, utf8('where are you'))]);
  const [datagram] = pair.toClient.splice(before);
  return datagram === undefined ? 'nowhere' : remoteOf(datagram.path);
}

export function reportOf(pair: Pair): NatReport {
  return pair.peer.status()!.report;
}

/** The client seals a packet and puts it in flight. */
export async function sendPacket(pair: Pair, text = 'packet'): Promise<void> {
  const own = pair.peer.member!.addresses[0]!;
  await pair.runClient(pair.client.sendPackets([udpPacket(own, address(SERVER), utf8(text))], pair.now));
}

/** The client's address changes and it does not say so, as when a NAT does it. */
export function slip(pair: Pair, to = ELSEWHERE): void {
  pair.client.session.localAddress = address(to);
}

/** The client asks with these payloads; everything is carried. @returns the gateway's answer. */
export async function ask(pair: Pair, payloads: readonly Payload[]): Promise<SeenMessage> {
  await pair.runClient(pair.client.inform(payloads, pair.now));
  await pair.drive();
  return pair.messages.findLast(({ direction, response }) => direction === 'received' && response)!;
}
