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
