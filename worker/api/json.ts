// What the API's JSON holds. Addresses are text, times milliseconds since 1970.

import type { NatReport } from '../../src/peer/status.ts';
import type { Explanation } from '../explain/explanation.ts';

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
  /** Whether ESP may go without encryption. */
  readonly nullEncryption: boolean;
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
  /** Id of the user whose device it is. */
  readonly owner: string | null;
  readonly createdAt: number;
  /** Since when it may not connect; null while it may. */
  readonly suspendedAt: number | null;
  readonly revokedAt: number | null;
  /** EAP password or pre-shared key; in the answer to its enrolment only. */
  readonly secret?: string;
}

export interface ProfileView {
  readonly files: readonly ProfileFileView[];
  /** Folders that shall be there, also when nothing is in them. */
  readonly folders: readonly string[];
  /** What a person does on that system. */
  readonly steps: readonly string[];
  /** Of the certificate, where the system asks for it: shown this once. */
  readonly password: string | null;
}

export interface ProfileFileView {
  /** Below the profile's folder. */
  readonly path: string;
  readonly mode: number;
  readonly mime: string;
  /** Base64. */
  readonly content: string;
}

export interface PeerView {
  /** Its id. */
  readonly member: string;
  readonly name: string;
  readonly network: string;
  readonly kind: 'device' | 'site';
  /** When all below was so, ms: peers say how they are about once a minute while they have traffic; null when this one never has. */
  readonly asOf: number | null;
  /** `unknown` when its object was asked and did not answer, or nothing is known of it; all below is what it said last, or empty. */
  readonly state: 'connecting' | 'connected' | 'unknown';
  /** Outer address and port of the peer, as the relay sees them. */
  readonly path: string;
  /** The relay's socket. */
  readonly relay: string;
  readonly nat: 'none' | 'peer' | 'gateway' | 'both' | 'unknown';
  readonly suite: string;
  readonly esp: readonly string[];
  /** The longest packet inside its tunnel, octets: what the network says, or less where its suite and outer family leave less. */
  readonly mtu: number;
  /** Virtual addresses of a device, prefixes of a site. */
  readonly addresses: readonly string[];
  /** Prefixes of its network that it does not reach: it asked for less, or would not have more. */
  readonly unreached: readonly string[];
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

/** One for each network that was asked. */
export type NetworkStatusView =
  | { readonly network: string; readonly unavailable: false; readonly connected: number }
  /** Its peers are missing in the answer. */
  | { readonly network: string; readonly unavailable: true; readonly reason: string };

export interface StatusView {
  readonly peers: readonly PeerView[];
  readonly networks: readonly NetworkStatusView[];
  /** Where to go on. */
  readonly more: readonly { readonly network: string; readonly after: string }[];
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

export interface GroupView {
  readonly id: string;
  readonly name: string;
  /** How many devices and sites are in it. */
  readonly members: number;
  readonly createdAt: number;
}

export interface PolicyView {
  /** Send it back with a change. */
  readonly version: number;
  /** What holds where no rule matches. */
  readonly default: 'allow' | 'deny';
  /** The first that matches decides. */
  readonly rules: readonly RuleView[];
}

export interface RuleView {
  readonly id: string;
  readonly source: SubjectView;
  readonly target: SubjectView;
  /** `any`, `icmp`, `tcp/22,8000-8080`, `udp/53`. */
  readonly services: readonly string[];
  readonly action: 'allow' | 'deny';
}

export interface SubjectView {
  readonly kind: 'everyone' | 'group' | 'device' | 'site';
  readonly name?: string;
  /** Of a site: only so much of it. */
  readonly prefixes?: readonly string[];
}

export interface PolicyVersionView extends PolicyView {
  readonly who: string;
  readonly at: number;
}

/** Who loses or gains what by a change; `other` is what is neither TCP, UDP nor ICMP. */
export interface ChangeView {
  readonly from: CohortView;
  readonly to: CohortView;
  readonly lost: readonly string[];
  readonly gained: readonly string[];
}

export interface CohortView {
  readonly name: string;
  readonly members: number;
  /** The part of a site, without smaller parts of it that rules tell apart; null for all. */
  readonly prefix: string | null;
}

export interface ChangesView {
  readonly changes: readonly ChangeView[];
  /** Members that lose something, and those that gain something. */
  readonly losing: number;
  readonly gaining: number;
  /** False where the list is cut, or more had to be compared than is compared at once. */
  readonly complete: boolean;
}

export interface AccessAnswerView {
  readonly allowed: boolean;
  /** Of the rule that decides, from 1; null where none matches and the default holds. */
  readonly position: number | null;
  readonly rule: RuleView | null;
  readonly default: 'allow' | 'deny';
  readonly from: AskedView;
  readonly to: AskedView;
}

export interface AskedView {
  readonly name: string;
  readonly kind: 'device' | 'site';
  /** The one that the answer is about. */
  readonly address: string;
}

/** Why a member does not connect, or not well. */
export interface ExplanationView {
  readonly member: string;
  /** What stands in the way comes first; none: nothing is wrong that can be seen from the gateway. */
  readonly findings: readonly Explanation[];
  /** The same as a text to send to somebody. */
  readonly report: string;
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
