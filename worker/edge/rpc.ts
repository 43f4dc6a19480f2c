// What the control plane asks of the objects of the data plane.

import type { Attempt, Command } from '../../src/peer/output.ts';
import type { PeerStatus } from '../../src/peer/status.ts';

/** A Durable Object namespace, as far as names go. */
export interface Objects<T> {
  getByName(name: string): T;
}

export interface NetworkRpc {
  /** Ends a member's connection and lets it not come back. */
  revoke(member: string): Promise<void>;
  /** The same, until it is resumed. */
  suspend(member: string): Promise<void>;
  resume(member: string): Promise<void>;
  /** Members, prefixes or policy on record have changed. */
  changed(): Promise<void>;
  /** All prefixes that the network reaches from now on: connected members are told. */
  reach(prefixes: readonly string[]): Promise<void>;
  /** @returns false when the member is not connected. */
  command(member: string, command: Command): Promise<boolean>;
  /** Who is connected, by member id; at most 100 at a time. */
  status(page?: NetworkQuery): Promise<NetworkPage>;
  /** null while it is not connected. */
  find(member: string): Promise<ConnectedMember | null>;
  /** The last handshakes, the youngest first; at most 100 at a time. */
  attempts(page?: { readonly before?: number | null; readonly limit?: number }): Promise<AttemptsPage>;
  /** All that is remembered of one member, the youngest first. */
  history(member: string): Promise<History>;
  /** The last handshakes from one address, the youngest first. */
  knocks(address: string): Promise<readonly AttemptEvidence[]>;
  /** When these members were there last; nothing of those that never were. At most 100. */
  presence(members: readonly string[]): Promise<readonly Presence[]>;
  /** What a member, or all of them, have carried: the buckets in which there was something, the oldest first. */
  traffic(member: string | null, span: 'minute' | 'hour', since: number): Promise<readonly TrafficPoint[]>;
  /** The same, added up. */
  figures(): Promise<Figures>;
  /** Opens the live feed; whoever calls has found that the visitor may read it. */
  fetch(request: Request): Promise<Response>;
}

/** What a connection has carried so far, and when last. */
export interface Carried {
  /** Milliseconds; 0 for never. */
  readonly at: number;
  readonly octetsIn: number;
  readonly octetsOut: number;
  readonly packetsIn: number;
  readonly packetsOut: number;
}

/** What all members together have carried since the network object counts; only grows. */
export interface Totals {
  readonly octetsIn: number;
  readonly octetsOut: number;
  readonly packetsIn: number;
  readonly packetsOut: number;
}

/** A network in numbers. */
export interface Figures extends Totals {
  /** Members. */
  readonly connected: number;
}

/** A member has come or gone. */
export interface ConnectionEvent {
  /** Of this event alone. */
  readonly id: string;
  /** Milliseconds. */
  readonly at: number;
  readonly event: 'connected' | 'disconnected';
  readonly member: string;
  readonly name: string;
  readonly kind: 'device' | 'site';
  /** Its own, or the prefixes behind a site. */
  readonly addresses: readonly string[];
  /** The outer address and port that it was heard from last; null when that is not known any more. */
  readonly path: string | null;
  /** Since when it was there, milliseconds. */
  readonly since: number;
  /** Why it has gone; null for one that has come. */
  readonly reason: string | null;
}

export interface Presence {
  readonly member: string;
  /** Milliseconds: the first time ever, the last time, and when that ended; null while it lasts. */
  readonly first: number;
  readonly joined: number;
  readonly left: number | null;
  /** Why it ended. */
  readonly reason: string;
  readonly times: number;
}

export interface TrafficPoint {
  /** When the bucket begins. */
  readonly at: number;
  /** From the member, and to it. */
  readonly octetsIn: number;
  readonly octetsOut: number;
}

export interface PeerRpc {
  /** null when the object holds no established peer. */
  status(): Promise<PeerReport | null>;
}

export interface PeerReport extends PeerStatus {
  /** Id of the relay that the peer was last heard through. */
  readonly relay: string;
}

export interface NetworkQuery {
  readonly after?: string;
  readonly limit?: number;
  /** Only of this kind. */
  readonly kind?: 'device' | 'site';
}

export interface NetworkPage {
  readonly connected: number;
  readonly members: readonly ConnectedMember[];
  /** Give it as `after` to go on; null at the end. */
  readonly next: string | null;
}

export interface ConnectedMember {
  readonly member: string;
  readonly name: string;
  readonly kind: 'device' | 'site';
  readonly route: number;
  /** Milliseconds. */
  readonly since: number;
  readonly prefixes: readonly string[];
  /** What its object said last, unasked; null when it never has. */
  readonly told: { readonly at: number; readonly report: PeerReport } | null;
}

export interface AttemptsPage {
  readonly attempts: readonly AttemptEvidence[];
  readonly next: number | null;
  readonly dropped: number;
}

export interface AttemptEvidence extends Omit<Attempt, 'path'> {
  readonly id: number;
  /** As formatPath has it: the relay's side, then the device's. */
  readonly path: string;
  /** The device's outer address. */
  readonly from: string;
}

/** A connection that has ended. */
export interface DepartureEvidence {
  readonly id: number;
  readonly member: string;
  readonly reason: string;
  /** From and until when it was there, milliseconds. */
  readonly since: number;
  readonly at: number;
}

export interface History {
  readonly attempts: readonly AttemptEvidence[];
  readonly departures: readonly DepartureEvidence[];
}
