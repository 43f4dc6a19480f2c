// What is remembered of a peer: its IKE SAs and child SAs as plain values (RFC 7296 section 2, RFC 4301 section 4.4.2).
// A step makes the next value from the last one; nothing here is changed in place, and no ESP counter is part of it.

import type { IkeKeys } from '../crypto/keymat.ts';
import type { EspKeys, EspSuite, IkeSuite } from '../crypto/suite.ts';
import type { CfgAttributeValue, Identity, Proposal, TrafficSelector } from '../wire/payload.ts';
import type { Path } from '../wire/path.ts';
import type { Address } from '../wire/prefix.ts';
import type { Member } from './pad.ts';
import type { RoundTrip } from './round-trip.ts';

export interface PeerState {
  readonly sas: readonly IkeSa[];
  readonly children: readonly ChildSa[];
  /** The next of the 256 ESP slots to try. */
  readonly nextSlot: number;
}

export const noPeer: PeerState = { sas: [], children: [], nextSlot: 0 };

export interface IkeSa {
  readonly SPIi: bigint;
  readonly SPIr: bigint;
  /** Our part in the exchange that made this SA: it decides the I flag and which keys are ours (RFC 7296 section 2.2). */
  readonly role: 'initiator' | 'responder';
  readonly suite: IkeSuite;
  readonly keys: IkeKeys;
  readonly traits: PeerTraits;
  /** Where our own requests go: how it moves stands in follow.ts. */
  readonly path: Path;
  /** Null for a peer that does not speak MOBIKE. */
  readonly mobility: Mobility | null;
  readonly inbound: InboundWindow;
  readonly outbound: OutboundWindow;
  readonly phase: Phase;
  readonly createdAt: number;
  /** Of our own exchanges; null before the first. */
  readonly roundTrip: RoundTrip | null;
  /** The largest message of the peer's that was a fragment, octets; 0 when there was none. */
  readonly largestFragment: number;
}

/** What MOBIKE remembers of the peer (RFC 4555). Lists are bounded, the newest last. */
export interface Mobility {
  /** Where else it says that it can be reached (section 3.4): kept for people, we never dial. */
  readonly additional: readonly Address[];
  /** Where it has been shown to receive (section 3.7). */
  readonly proven: readonly Address[];
  /** Where its last message came from: a path that it tests, or the mapping that it does not know of yet. */
  readonly seen: Path | null;
}

/** What the peer said of itself in IKE_SA_INIT and IKE_AUTH. */
export interface PeerTraits {
  readonly fragmentation: boolean;
  /** SignatureHash numbers (RFC 7427), null when the peer named none. */
  readonly signatureHashes: readonly number[] | null;
  readonly nat: NatVerdict;
  /** Windows refuses rekeys that the gateway begins (it is told by its vendor IDs or its configuration attributes). */
  readonly windows: boolean;
  /** It came back with a cookie. */
  readonly cookie: boolean;
  /** APPLICATION_VERSION and vendor IDs, as text for status screens. */
  readonly software: string;
}

/** Which side sits behind a NAT (RFC 7296 section 2.23); unknown when the peer sent no NAT_DETECTION. */
export type NatVerdict = 'none' | 'peer' | 'gateway' | 'both' | 'unknown';

/** Requests of the peer: one at a time, the last response kept octet for octet (RFC 7296 sections 2.1, 2.3). */
export interface InboundWindow {
  readonly nextId: number;
  readonly response: StoredResponse | null;
  readonly reassembly: Reassembly | null;
  /** Reassembly of a response to our own request. */
  readonly responseReassembly: Reassembly | null;
}

export interface StoredResponse {
  readonly id: number;
  /** SHA-256 of the request, or of its first fragment: only the same octets bring the response again. */
  readonly digest: Uint8Array;
  readonly messages: readonly Uint8Array[];
  /** How often it has gone, longer than the request, where the peer is not known to be. */
  readonly strayed: number;
  /** The child that this response made: until the next request the peer may not have seen it. */
  readonly made: FreshChild | null;
}

export interface FreshChild {
  readonly spiIn: number;
  /** The peer has said once that it does not know it. */
  readonly missed: boolean;
}

/** Fragments of one message whose ICVs have been verified (RFC 7383 section 2.6). */
export interface Reassembly {
  readonly id: number;
  readonly total: number;
  readonly first: number;
  /** SHA-256 of the first fragment: a repetition is known by it (RFC 7383 section 2.6.1). */
  readonly digest: Uint8Array | null;
  readonly parts: readonly (Uint8Array | null)[];
}

/** Requests of ours: one at a time, the rest waits in line. */
export interface OutboundWindow {
  readonly nextId: number;
  readonly pending: Pending | null;
  readonly queue: readonly Task[];
  /** Since when the peer has answered nothing but TEMPORARY_FAILURE to what it was asked, ms (RFC 7296 section 2.25). */
  readonly refusedSince: number | null;
}

/** Something that we mean to ask of the peer. */
export type Task =
  /** `asked` is what the SA before this one has tried in vain on the same path. */
  | { readonly kind: 'liveness'; readonly asked?: Asked }
  /** Whether a MOBIKE peer receives where it says that it is (RFC 4555 section 3.7). `esp` is where ESP went when it said so. */
  | { readonly kind: 'return-routability'; readonly esp: Path | null }
  /** `ke` is the method to try, after the peer has refused another one; `asBefore` offers no more selectors than before. */
  | { readonly kind: 'rekey-child'; readonly spiIn: number; readonly ke?: number; readonly asBefore?: boolean }
  | { readonly kind: 'rekey-ike'; readonly ke?: number }
  | { readonly kind: 'delete-children'; readonly spisIn: readonly number[] }
  | { readonly kind: 'delete-ike'; readonly reason: string };

/** How often a request has gone out, and when it is due again or given up, ms. */
export interface Asked {
  readonly tries: number;
  readonly resendAt: number;
}

export interface Pending extends Asked {
  readonly id: number;
  readonly messages: readonly Uint8Array[];
  /** When it went out first, ms. */
  readonly sentAt: number;
  readonly request: PendingRequest;
}

export type PendingRequest =
  | { readonly kind: 'liveness' }
  | {
      readonly kind: 'return-routability';
      readonly path: Path;
      readonly esp: Path | null;
      readonly cookie: Uint8Array;
      /** The peer has moved on since: the answer does not tell which path it received on. */
      readonly stale: boolean;
    }
  | {
      readonly kind: 'rekey-child';
      readonly spiIn: number;
      readonly newSpiIn: number;
      /** What the old child carries, and what was offered beyond that: it may be gone when the answer comes. */
      readonly old: Pick<ChildSa, 'suite' | 'ours' | 'theirs'>;
      /** More selectors were offered than the old child has. */
      readonly widens: boolean;
      readonly Ni: Uint8Array;
      readonly proposals: readonly Proposal[];
      readonly ke: PendingKe | null;
      /** The child that the peer made of the same old one meanwhile, and the lower nonce of that exchange (section 2.8.1). */
      readonly rival: Rival | null;
    }
  | {
      readonly kind: 'rekey-ike';
      readonly newSPI: bigint;
      readonly Ni: Uint8Array;
      readonly proposals: readonly Proposal[];
      readonly ke: PendingKe;
      readonly rival: Rival | null;
    }
  | { readonly kind: 'delete-children'; readonly spisIn: readonly number[] }
  | { readonly kind: 'delete-ike'; readonly reason: string };

export interface PendingKe {
  readonly method: number;
  readonly privateValue: Uint8Array;
}

export interface Rival {
  /** Our SPI of the rival SA: ESP as a number within a bigint. */
  readonly spi: bigint;
  readonly lowerNonce: Uint8Array;
}

/** A state holds what exists in it, and nothing else. */
export type Phase =
  | HalfOpen
  | EapRunning
  | Established
  | Replaced
  /** Over, and kept for a moment only to repeat the last response. */
  | { readonly name: 'closed'; readonly until: number };

export interface Established {
  readonly name: 'established';
  readonly member: Member;
  /** As it was claimed, for people. */
  readonly identity: string;
  /** When the peer was authenticated, ms. */
  readonly since: number;
  readonly rekeyAt: number;
  readonly expiresAt: number;
}

/** Replaced by another IKE SA, or told to end: only its deletion is to come. The side that began a rekey deletes what it replaced. */
export interface Replaced extends Pick<Established, 'member' | 'identity' | 'since'> {
  readonly name: 'replaced';
  readonly until: number;
}

/** The two messages of IKE_SA_INIT, which AUTH covers (RFC 7296 section 2.15). */
export interface InitExchange {
  readonly request: Uint8Array;
  readonly response: Uint8Array;
  readonly Ni: Uint8Array;
  readonly Nr: Uint8Array;
}

export interface HalfOpen {
  readonly name: 'half-open';
  readonly init: InitExchange;
  readonly until: number;
  /** What has come from another address than the first one, and was too little to answer there. */
  readonly unproved?: { readonly address: Address; readonly octets: number };
}

/** What the first IKE_AUTH request asked for, kept until EAP has ended. */
export interface ChildWish {
  readonly IDi: Identity;
  readonly IDr: Identity | null;
  readonly proposals: readonly Proposal[];
  readonly TSi: readonly TrafficSelector[];
  readonly TSr: readonly TrafficSelector[];
  readonly cfg: readonly CfgAttributeValue[] | null;
}

export interface EapRunning {
  readonly name: 'eap';
  readonly init: InitExchange;
  readonly wish: ChildWish;
  readonly eap: EapState;
  readonly until: number;
}

export type EapState =
  | { readonly at: 'identity'; readonly identifier: number }
  | {
      readonly at: 'challenge';
      readonly identifier: number;
      readonly userName: string;
      readonly challenge: Uint8Array;
      /** Null for a name that nobody has: the exchange goes on as if, so that names cannot be probed. */
      readonly member: Member | null;
      readonly refusal: string | null;
      readonly password: string;
    }
  | {
      readonly at: 'success';
      readonly identifier: number;
      readonly userName: string;
      readonly member: Member;
      readonly MSK: Uint8Array;
    }
  | { readonly at: 'done'; readonly userName: string; readonly member: Member; readonly MSK: Uint8Array };

export interface ChildSa {
  /** Our SPI of the IKE SA that it belongs to. */
  readonly ike: bigint;
  readonly spiIn: number;
  readonly spiOut: number;
  readonly suite: EspSuite;
  readonly keysIn: EspKeys;
  readonly keysOut: EspKeys;
  /** Traffic selectors of the gateway's side and of the peer's side. */
  readonly ours: readonly TrafficSelector[];
  readonly theirs: readonly TrafficSelector[];
  readonly createdAt: number;
  readonly rekeyAt: number;
  readonly expiresAt: number;
  /** False for the answer to a rekey: we send on it when we have heard it, or when the old one is deleted (section 2.8). */
  readonly sendAtOnce: boolean;
  /** Being deleted by us: it still receives, and sends nothing. */
  readonly deleting: boolean;
  /** Replaced by this one, and kept until the side that began the rekey deletes it. */
  readonly replacedBy: number | null;
}
