// What the control plane asks of the objects of the data plane.

import type { Command } from '../../src/peer/output.ts';
import type { PeerStatus } from '../../src/peer/status.ts';

/** A Durable Object namespace, as far as names go. */
export interface Objects<T> {
  getByName(name: string): T;
}

export interface NetworkRpc {
  /** Ends a member's connection and lets it not come back. */
  revoke(member: string): Promise<void>;
  /** Members, prefixes or policy on record have changed. */
  changed(): Promise<void>;
  /** @returns false when the member is not connected. */
  command(member: string, command: Command): Promise<boolean>;
  /** Who is connected, by member id; at most 100 at a time. */
  status(page?: { readonly after?: string; readonly limit?: number }): Promise<NetworkPage>;
  /** The last handshakes, the youngest first; at most 100 at a time. */
  attempts(page?: { readonly before?: number | null; readonly limit?: number }): Promise<AttemptsPage>;
  /** The route of a member's connection; null when it is not connected. */
  routeOf(member: string): Promise<number | null>;
  /** When these members were there last; nothing of those that never were. At most 100. */
  presence(members: readonly string[]): Promise<readonly Presence[]>;
  /** What a member, or all of them, have carried: the buckets in which there was something, the oldest first. */
  traffic(series: {
    readonly member: string | null;
    readonly span: 'minute' | 'hour';
    readonly since: number;
  }): Promise<readonly TrafficPoint[]>;
  /** Opens the live feed; whoever calls has found that the visitor may read it. */
  fetch(request: Request): Promise<Response>;
}

/** What a connection has carried so far, and when last. */
export interface Carried {
  /** Milliseconds; 0 for never. */
  readonly at: number;
  readonly octetsIn: number;
  readonly octetsOut: number;
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
}

export interface AttemptsPage {
  readonly attempts: readonly AttemptEvidence[];
  readonly next: number | null;
  readonly dropped: number;
}

export interface AttemptEvidence {
  readonly id: number;
  /** Milliseconds. */
  readonly at: number;
  readonly path: string;
  readonly outcome: 'connected' | 'failed';
  readonly reason: string | null;
  readonly detail: string;
  readonly identity: string;
  readonly organisation: string | null;
  readonly network: string | null;
  readonly member: string | null;
}

/** The network object that keeps handshake attempts of which nobody knows the network. */
export const NO_NETWORK = 'none';
