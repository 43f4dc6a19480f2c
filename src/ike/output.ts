// What a committed step asks of the shell, and what the shell may ask of a peer.

import type { Member, NotAdmitted } from './pad.ts';
import type { NatVerdict } from './state.ts';
import type { Datagram, Path } from '../wire/path.ts';
import type { Prefix } from '../wire/prefix.ts';

/** Evidence of one handshake, kept for the tenant: the peer is told nothing but AUTHENTICATION_FAILED. */
export interface Attempt {
  readonly at: number;
  readonly path: Path;
  /** `begun`: IKE_SA_INIT was answered, and nobody has said yet who it is. */
  readonly outcome: 'begun' | 'connected' | 'failed';
  /** One word of a closed list for failures (a NotAdmitted reason, a Refusal); `invalid-ke` where another group was asked for; else null. */
  readonly reason: NotAdmitted['reason'] | string | null;
  readonly detail: string;
  /** Text of the identity that was claimed, or empty when none was. */
  readonly identity: string;
  readonly organisation: string | null;
  readonly network: string | null;
  readonly member: string | null;
  readonly seen: Seen;
}

/** What was seen of the device itself, whatever came of its handshake. */
export interface Seen {
  /** The port of ours that it sent to last: 500, or 4500 once it has floated (RFC 7296 section 2.23). */
  readonly port: number;
  readonly nat: NatVerdict;
  readonly windows: boolean;
  readonly software: string;
  /** None of its proposals could be taken, and one of them could if what is weak were allowed. */
  readonly weak: boolean;
  /** Its IKE_SA_INIT brought a cookie: a relay under load had asked for one (RFC 7296 section 2.6). */
  readonly cookie: boolean;
  /** Of a message that came in fragments, and not whole (RFC 7383). */
  readonly fragments: { readonly got: readonly number[]; readonly total: number } | null;
}

export type Output =
  | { readonly kind: 'send'; readonly datagrams: readonly Datagram[] }
  | { readonly kind: 'joined'; readonly member: Member }
  | { readonly kind: 'left'; readonly member: Member; readonly reason: string }
  | { readonly kind: 'attempt'; readonly attempt: Attempt }
  /** The gateway is behind a NAT: the relay keeps the mapping open. 0 seconds stops it. */
  | { readonly kind: 'keepalive'; readonly path: Path; readonly seconds: number }
  /** Nothing is left of this peer: forget the route, delete what is stored. */
  | { readonly kind: 'gone' };

export type Command =
  | { readonly kind: 'rekey-ike' }
  | { readonly kind: 'rekey-child' }
  /** Ask whether the peer still lives, because something is to be sent and nothing has come for long. */
  | { readonly kind: 'liveness' }
  /** The member's network reaches other prefixes than before, all of which are given: child SAs are to carry what has come. */
  | { readonly kind: 'reach'; readonly reachable: readonly Prefix[] }
  /** Delete the IKE SA and tell the peer. */
  | { readonly kind: 'terminate'; readonly reason: string };
