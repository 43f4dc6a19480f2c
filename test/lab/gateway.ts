// What a scenario needs of a gateway, whichever it is.

import type { NatReport } from '../../src/peer/nat-report.ts';

export type GatewayKind = 'culvert' | 'strongswan';

export const GATEWAY_KINDS: readonly GatewayKind[] = ['culvert', 'strongswan'];

/** Where everyone finds the gateway, and the name that its certificate carries. */
export const GATEWAY_ADDRESS = '203.0.113.1';
export const SECOND_ADDRESS = '203.0.113.2';
export const GATEWAY_ADDRESS_6 = '2001:db8:0:203::1';
export const GATEWAY_NAME = 'gateway.culvert.test';

/** The tenant's network: virtual addresses come from it. */
export const NETWORK_NAME = 'lab';
export const NETWORK_PREFIX = '100.64.0.0/16';

export interface Enrolment {
  readonly name: string;
  readonly auth: 'cert' | 'eap' | 'psk';
  /** The prefixes behind a site; a device has none. */
  readonly prefixes?: readonly string[];
  /** Unless it is NETWORK_NAME. */
  readonly network?: string;
}

export interface Gateway {
  readonly kind: GatewayKind;
  /** Its own address inside the network, which answers echo requests. */
  readonly virtualAddress: string;
  start(): Promise<void>;
  stop(): Promise<void>;
  /** Makes a member known, and writes what its strongSwan needs (swanctl.conf, x509/, ...) into a folder. */
  enrol(member: Enrolment, folder: string): Promise<void>;
  /** Ends the member's access: its SAs go, and it is refused from then on. */
  revoke(member: string): Promise<void>;
  rekey(kind: 'ike' | 'child', member: string): Promise<void>;
  /** The names of the members that are connected. */
  connected(): Promise<string[]>;
}

/** A connected member, as an operator sees it. */
export interface PeerRow {
  readonly name: string;
  readonly state: string;
  /** Outer address and port of the peer, and the relay's. */
  readonly path: string;
  readonly relay: string;
  readonly nat: string;
  readonly esp: readonly string[];
  readonly addresses: readonly string[];
  /** Prefixes of its network that it does not reach. */
  readonly unreached: readonly string[];
  readonly packetsIn: number;
  readonly packetsOut: number;
  readonly report: NatReport | null;
  /** Packets that were dropped, by reason. */
  readonly drops: Readonly<Record<string, number>>;
}

/** What only a gateway of separate parts can do. */
export interface SplitGateway extends Gateway {
  /** Ends the edge as a power cut does, and starts it again on its storage. */
  killEdge(): Promise<void>;
  killRelay(): Promise<void>;
  /** Starts another relay, at SECOND_ADDRESS. */
  startSecondRelay(): Promise<void>;
  /** Its own IPv6 address inside the network. */
  virtualAddress6(): Promise<string>;
  peers(): Promise<readonly PeerRow[]>;
  /** What the status shows of a connected member. */
  peer(member: string): Promise<PeerRow>;
  /** What `culvert` says to a command of the operator. */
  command(...words: string[]): Promise<string>;
  /** Changes the network, for members that connect from now on. */
  configure(settings: NetworkSettings): Promise<void>;
  /** Replaces the policy of the network. It is in force when this settles. */
  setPolicy(policy: AccessPolicy): Promise<void>;
  /** The link by which the first account of the console is made. */
  firstAccount(): Promise<string>;
  /** Its own addresses in a network, by the network's name. */
  addressesIn(network: string): Promise<readonly string[]>;
  /** Ctrl-C: SIGINT to all processes of its terminal. */
  interrupt(): Promise<Ending>;
  /** Starts it again on the same data folder, by `npm start`. */
  startAgain(): Promise<void>;
}

/** Rules in order, the first that matches decides; as the API takes them (docs/access.md). */
export interface AccessPolicy {
  readonly default: 'allow' | 'deny';
  readonly rules: readonly object[];
}

export interface NetworkSettings {
  /** Octets of the longest packet in a tunnel. */
  readonly mtu?: number;
  readonly nullEncryption?: boolean;
}

/** How a program ended. */
export interface Ending {
  readonly status: number | null;
  readonly signal: string | null;
  readonly milliseconds: number;
  /** What it wrote. */
  readonly output: string;
}

export function isSplit(gateway: Gateway): gateway is SplitGateway {
  return 'killEdge' in gateway;
}
