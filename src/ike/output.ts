// What a committed step asks of the shell, and what the shell may ask of a peer.

import type { Member, NotAdmitted } from './pad.ts';
import type { Datagram, Path } from '../wire/path.ts';

/** Evidence of one handshake, kept for the tenant: the peer is told nothing but AUTHENTICATION_FAILED. */
export interface Attempt {
  readonly at: number;
  readonly path: Path;
  readonly outcome: 'connected' | 'failed';
  /** One word of a closed list for failures (a NotAdmitted reason, a Refusal), null when connected. */
  readonly reason: NotAdmitted['reason'] | string | null;
  readonly detail: string;
  /** Text of the identity that was claimed, or empty when none was. */
  readonly identity: string;
  readonly organisation: string | null;
  readonly network: string | null;
  readonly member: string | null;
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
  /** Delete the IKE SA and tell the peer. */
  | { readonly kind: 'terminate'; readonly reason: string };
