// What the API's JSON holds. Addresses are text, times milliseconds since 1970.

import type { NatReport } from '../../src/peer/status.ts';

export interface NetworkView {
  readonly id: string;
  /** Unique in the organisation. */
  readonly name: string;
  /** Unique in the deployment: what follows the device's name in identities. */
  readonly label: string;
  readonly organisation: string;
  readonly ipv4: string | null;
  readonly ipv6: string | null;
  /** The gateway's own virtual addresses. */
  readonly gateway: readonly string[];
  readonly mtu: number;
  readonly dns: readonly string[];
  readonly domains: readonly string[];
  readonly legacy: boolean;
  readonly ikeLifetimeSeconds: number;
  readonly childLifetimeSeconds: number;
  readonly devices: number;
  readonly sites: number;
  readonly createdAt: number;
}

export interface MemberView {
  readonly id: string;
  readonly name: string;
  readonly network: string;
  readonly kind: 'device' | 'site';
  readonly auth: 'cert' | 'eap' | 'psk';
  /** What it calls itself in IKE. */
  readonly identity: string;
  readonly addresses: readonly string[];
  readonly prefixes: readonly string[];
  readonly certificate: { readonly fingerprint: string; readonly notAfter: number } | null;
  readonly createdAt: number;
  readonly revokedAt: number | null;
  /** EAP password or pre-shared key; in the answer to its enrolment only. */
  readonly secret?: string;
}

export interface ProfileView {
  readonly files: readonly ProfileFileView[];
  /** Folders that shall be there, also when nothing is in them. */
  readonly folders: readonly string[];
}

export interface ProfileFileView {
  /** Below the profile's folder. */
  readonly path: string;
  readonly mode: number;
  /** Base64. */
  readonly content: string;
}

export interface PeerView {
  /** Its id. */
  readonly member: string;
  readonly name: string;
  readonly network: string;
  readonly kind: 'device' | 'site';
  /** `unknown` while its object does not answer; all below is empty then. */
  readonly state: 'connecting' | 'connected' | 'unknown';
  /** Outer address and port of the peer, as the relay sees them. */
  readonly path: string;
  /** The relay's socket. */
  readonly relay: string;
  readonly nat: 'none' | 'peer' | 'gateway' | 'both' | 'unknown';
  readonly suite: string;
  readonly esp: readonly string[];
  /** Virtual addresses of a device, prefixes of a site. */
  readonly addresses: readonly string[];
  readonly octetsIn: number;
  readonly octetsOut: number;
  readonly packetsIn: number;
  readonly packetsOut: number;
  /** Milliseconds. */
  readonly since: number;
  readonly lastIn: number;
  /** Packets that were dropped, by reason. */
  readonly drops: Readonly<Record<string, number>>;
  /** The way to the peer, and the id of the relay that it leads through; null while nothing is known. */
  readonly report: NatReportView | null;
}

export interface NatReportView extends NatReport {
  readonly relay: string;
}

export interface AttemptView {
  /** Milliseconds. */
  readonly at: number;
  readonly path: string;
  readonly outcome: 'connected' | 'failed';
  readonly reason: string | null;
  readonly detail: string;
  /** What the peer called itself, or empty. */
  readonly identity: string;
  readonly network: string | null;
  readonly member: string | null;
}

export interface ErrorView {
  readonly code: string;
  /** What happened and why. */
  readonly message: string;
  /** What to do next. */
  readonly next: string;
  /** The field of the request that is wrong, where it is one. */
  readonly field?: string;
}
