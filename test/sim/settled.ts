// Whether a client and the gateway are of one mind: the same IKE SA, the same child SA, and packets both ways.

import { utf8 } from '../../src/bytes/octets.ts';
import type { Pair } from '../exchange/pair.ts';
import { address } from './initiator/identities.ts';
import { udpPacket } from './packets.ts';

export interface Mind {
  readonly phase: string;
  readonly complaints: readonly string[];
  /** Own SPIs of both sides, as text. */
  readonly ikeSas: { readonly client: readonly string[]; readonly gateway: readonly string[] };
  readonly children: { readonly client: readonly string[]; readonly gateway: readonly string[] };
  readonly queued: number;
}

const SERVER = '100.64.0.20';
let marks = 0;

/** Both sides' view, written alike: equal lists mean that both hold the same SAs. */
export function mindOf(pair: Pair): Mind {
  const { session } = pair.client;
  const state = pair.peer.checkpoint()?.state;
  const gatewaySas = state?.sas.filter((sa) => sa.phase.name === 'established' || sa.phase.name === 'replaced') ?? [];
  const ike = ({ SPIi, SPIr }: { SPIi: bigint; SPIr: bigint }) => `${SPIi.toString(16)}/${SPIr.toString(16)}`;
  const child = (client: number, gateway: number) => `${client.toString(16)}/${gateway.toString(16)}`;
  return {
    phase: session.phase,
    complaints: session.journal.complaints,
    ikeSas: { client: session.sas.map(ike), gateway: gatewaySas.map(ike) },
    children: {
      client: [...session.children.values()].map(({ terms }) => child(terms.ownSpi, terms.peerSpi)).sort(),
      gateway: (state?.children ?? []).map(({ spiIn, spiOut }) => child(spiOut, spiIn)).sort(),
    },
    queued: (state?.sas ?? []).reduce(
      (sum, { outbound }) => sum + outbound.queue.length + (outbound.pending ? 1 : 0),
      0,
    ),
  };
}

/** @returns what is wrong, or null: one IKE SA, one child SA, held by both, and a packet each way arrives once. */
export async function faultOf(pair: Pair): Promise<string | null> {
  const mind = mindOf(pair);
  if (mind.complaints.length > 0) return `complaints: ${mind.complaints.join('; ')}`;
  if (mind.phase !== 'established') return `the client is ${mind.phase} (${pair.client.session.ended})`;
  const same = String(mind.ikeSas.client) === String(mind.ikeSas.gateway);
  if (!same || mind.ikeSas.client.length !== 1) return `IKE SAs ${JSON.stringify(mind.ikeSas)}`;
  const sameChildren = String(mind.children.client) === String(mind.children.gateway);
  if (!sameChildren || mind.children.client.length !== 1) return `children ${JSON.stringify(mind.children)}`;
  if (mind.queued > 0) return `${mind.queued} requests of the gateway wait`;
  return faultOfTraffic(pair);
}

export async function faultOfTraffic(pair: Pair): Promise<string | null> {
  const own = pair.peer.member?.addresses[0];
  if (own === undefined) return 'the gateway knows no member';
  const out = udpPacket(own, address(SERVER), utf8(`out ${marks++}`));
  const back = udpPacket(address(SERVER), own, utf8(`back ${marks++}`));
  const [delivered, received] = [pair.delivered.length, pair.received.length];
  await pair.runClient(pair.client.sendPackets([out], pair.now));
  await pair.drive();
  await pair.sealTo([back]);
  await pair.drive();
  if (pair.delivered.length !== delivered + 1 || String(pair.delivered.at(-1)) !== String(out))
    return 'a packet from the client did not pass the gateway';
  if (pair.received.length !== received + 1 || String(pair.received.at(-1)) !== String(back))
    return 'a packet for the client did not reach it';
  return null;
}
