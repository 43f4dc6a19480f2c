// What the gateway knows of a device that does not connect, or not well: all that an explanation may be made of.

import type { AttemptEvidence, DepartureEvidence } from '../edge/rpc.ts';

export interface Facts {
  /** Milliseconds, as all times here. */
  readonly now: number;
  /** The name that devices dial. */
  readonly gateway: string;
  /** Null when nothing but an address is asked about. */
  readonly network: NetworkFacts | null;
  readonly member: MemberFacts | null;
  /** Handshakes of that member or address, the youngest first. */
  readonly attempts: readonly AttemptEvidence[];
  readonly departures: readonly Departed[];
  /** Null while it is not connected. */
  readonly connection: ConnectionFacts | null;
  /** Since when somebody waits for the device to be heard; null when nobody does. */
  readonly waitingSince: number | null;
}

export interface Departed extends DepartureEvidence {
  /** Carried both ways while it was there. */
  readonly octets: number;
}

export interface NetworkFacts {
  readonly name: string;
  /** Pools, and what stands behind sites. */
  readonly prefixes: readonly string[];
  readonly domains: readonly string[];
  readonly dns: readonly string[];
  /** Sites that are not connected. */
  readonly sitesDown: readonly string[];
}

export interface MemberFacts {
  readonly name: string;
  readonly kind: 'device' | 'site';
  readonly auth: 'cert' | 'eap' | 'psk';
  readonly identity: string;
  readonly revokedAt: number | null;
  readonly suspendedAt: number | null;
  readonly certificateNotAfter: number | null;
}

export interface ConnectionFacts {
  readonly since: number;
  /** It has a child SA: something can be carried. */
  readonly carries: boolean;
  readonly packetsIn: number;
  readonly packetsOut: number;
  /** As PeerStatus counts it. */
  readonly dns: { readonly asked: number; readonly elsewhere: number; readonly answered: number };
  readonly drops: Readonly<Record<string, number>>;
  readonly software: string;
  readonly windows: boolean;
}
