// MOBIKE, the responder's side: the addresses of an SA change, and the peer says so (RFC 4555).
//
//   HDR, SK {..., N(MOBIKE_SUPPORTED), [N(ADDITIONAL_*_ADDRESS)+,] [N(NO_NATS_ALLOWED)]}  -->            IKE_AUTH
//                                                              <--  HDR, SK {..., N(MOBIKE_SUPPORTED)}
//   HDR, SK {[N(UPDATE_SA_ADDRESSES),] [N(ADDITIONAL_*_ADDRESS)+,] [N(NO_ADDITIONAL_ADDRESSES),]
//            [N(NAT_DETECTION_*_IP),] [N(NO_NATS_ALLOWED),] [N(COOKIE2)]}  -->                          INFORMATIONAL
//                                                              <--  HDR, SK {[N(NAT_DETECTION_*_IP),] [N(COOKIE2)]}
//                                                              <--  HDR, SK {N(COOKIE2), N(NAT_DETECTION_*_IP)}
//   HDR, SK {N(COOKIE2), [N(NAT_DETECTION_*_IP)]}  -->

import { concat, equal } from '../bytes/octets.ts';
import { Notify, PORT } from '../wire/ike-numbers.ts';
import { type Path, samePath } from '../wire/path.ts';
import type { NotifyPayload, Payload } from '../wire/payload.ts';
import type { Address } from '../wire/prefix.ts';
import { all, findNotify } from './find.ts';
import { movedTo } from './follow.ts';
import { MOBILE_ADDRESSES } from './limits.ts';
import { natNotifies, natVerdict, speaksNat } from './nat-detection.ts';
import { notify, type Refusal, refuse } from './refusal.ts';
import { currentSa, memberOf, withSa } from './sad.ts';
import type { IkeSa, Mobility, PeerState, PendingRequest } from './state.ts';
import { addTask } from './task.ts';
import { terminate } from './terminate.ts';
import type { Conclusion, Turn } from './turn.ts';

type PendingProof = Extract<PendingRequest, { kind: 'return-routability' }>;

const COOKIE_OCTETS = 32;
const COOKIE_LEAST = 8;
const COOKIE_MOST = 64;

/** @param payloads of the first IKE_AUTH request. @returns null when the peer does not speak MOBIKE. */
export function mobilityOf(payloads: readonly Payload[]): Mobility | null {
  if (findNotify(payloads, Notify.MOBIKE_SUPPORTED) === null) return null;
  return { additional: additionalIn(payloads) ?? [], proven: [], seen: null };
}

/** Whether the peer forbids NATs and one stands on the path (section 3.9). */
export function forbidsPath(payloads: readonly Payload[], path: Path): boolean {
  const forbidden = findNotify(payloads, Notify.NO_NATS_ALLOWED);
  return forbidden !== null && !equal(forbidden.data, addressPair(path));
}

export interface Mobile {
  readonly state: PeerState;
  readonly payloads: readonly Payload[];
  readonly endpoint?: Path;
}

/** What MOBIKE makes of an INFORMATIONAL request. @param path where it came from: unless it updates the addresses, nothing moves. */
export function respondMobile(
  turn: Turn,
  state: PeerState,
  sa: IkeSa,
  payloads: readonly Payload[],
  path: Path,
): Mobile | Refusal {
  const cookie = findNotify(payloads, Notify.COOKIE2);
  if (cookie !== null && (cookie.data.length < COOKIE_LEAST || cookie.data.length > COOKIE_MOST))
    return refuse('invalid-syntax', `COOKIE2 of ${cookie.data.length} octets`);
  // "If the INFORMATIONAL request includes COOKIE2, the exchange responder MUST copy the notification to the response message."
  const copy = cookie === null ? [] : [cookie];
  const updates = findNotify(payloads, Notify.UPDATE_SA_ADDRESSES) !== null;
  const additional = additionalIn(payloads);
  if ((updates || additional !== null) && forbidsPath(payloads, path))
    return { state, payloads: [notify(Notify.UNEXPECTED_NAT_DETECTED), ...copy] };
  if (updates && !isAcceptable(path)) return { state, payloads: [notify(Notify.UNACCEPTABLE_ADDRESSES), ...copy] };
  const detection = speaksNat(payloads) ? natNotifies(turn.primitives, sa.SPIi, sa.SPIr, path) : [];
  const known = additional === null ? state : withMobility(state, (mobility) => ({ ...mobility, additional }));
  const moved = updates ? update(turn, known, sa, payloads, path) : { state: known };
  return { ...moved, payloads: [...detection, ...copy] };
}

/** NAT detection goes along, so that either side learns of a changed mapping (section 3.8). */
export function livenessPayloads(turn: Turn, sa: IkeSa): Payload[] {
  const both = sa.mobility !== null && sa.traits.nat !== 'unknown';
  return both ? natNotifies(turn.primitives, sa.SPIi, sa.SPIr, sa.path) : [];
}

export function requestReturnRoutability(
  turn: Turn,
  sa: IkeSa,
  esp: Path | null,
): { payloads: Payload[]; request: PendingProof } {
  const cookie = turn.primitives.random(COOKIE_OCTETS);
  return {
    payloads: [notify(Notify.COOKIE2, cookie), ...livenessPayloads(turn, sa)],
    request: { kind: 'return-routability', path: sa.path, esp, cookie, stale: false },
  };
}

export function concludeReturnRoutability(
  turn: Turn,
  state: PeerState,
  sa: IkeSa,
  request: PendingProof,
  payloads: readonly Payload[],
): Conclusion {
  const copy = findNotify(payloads, Notify.COOKIE2);
  // "If the values do not match, the IKE_SA MUST be closed." Where there is none, nothing is proved.
  if (copy !== null && !equal(copy.data, request.cookie))
    return terminate(turn, state, currentSa(state) ?? sa, 'return routability failed');
  if (copy === null) return { state, outputs: [] };
  if (request.stale) return { state: askForProof(turn, state), outputs: [] };
  const proved = { state: withProof(state, request.path.remoteAddress), outputs: [] };
  // A packet that came from elsewhere since then is newer than what the peer had said.
  return sameEnd(turn.espPath, request.esp) ? { ...proved, endpoint: request.path } : proved;
}

function sameEnd(a: Path | null, b: Path | null): boolean {
  return a && b ? samePath(a, b) : a === b;
}

/** The peer has been heard and answered there. */
export function withProof(state: PeerState, address: Address): PeerState {
  return withMobility(state, (mobility) => ({ ...mobility, proven: remember(mobility.proven, address) }));
}

/** The verdict as the answer to a request of ours tells it, which holds for the path that we use. */
export function withVerdict(
  turn: Turn,
  state: PeerState,
  sa: IkeSa,
  payloads: readonly Payload[],
  path: Path,
): PeerState {
  if (sa.mobility === null || !speaksNat(payloads) || !samePath(path, sa.path)) return state;
  return judged(turn, state, sa, payloads, path);
}

/**
 * "Updates the IP addresses in the IKE_SA with the values from the IP header", of all its heirs and forebears too. ESP follows at once where
 * the peer has been shown to receive; at an address that is new it waits for the proof, or for a packet of the peer's (section 3.8).
 */
function update(
  turn: Turn,
  state: PeerState,
  sa: IkeSa,
  payloads: readonly Payload[],
  path: Path,
): { state: PeerState; endpoint?: Path } {
  const there = ours(state).reduce((next, other) => withSa(next, movedTo(other, path, turn.now)), state);
  const next = speaksNat(payloads) ? judged(turn, there, sa, payloads, path) : there;
  const proven = sa.mobility?.proven.some((address) => equal(address, path.remoteAddress)) ?? false;
  return proven ? { state: next, endpoint: path } : { state: askForProof(turn, next) };
}

function askForProof({ espPath }: Turn, state: PeerState): PeerState {
  const sa = currentSa(state);
  const pending = sa?.outbound.pending?.request;
  const asked = pending?.kind === 'return-routability' && !pending.stale;
  return sa === null || asked ? state : addTask(state, sa, { kind: 'return-routability', esp: espPath });
}

function judged(turn: Turn, state: PeerState, sa: IkeSa, payloads: readonly Payload[], path: Path): PeerState {
  const nat = natVerdict(turn.primitives, payloads, sa.SPIi, sa.SPIr, path);
  return ours(state).reduce((next, other) => withSa(next, { ...other, traits: { ...other.traits, nat } }), state);
}

function withMobility(state: PeerState, change: (mobility: Mobility) => Mobility): PeerState {
  const mobile = ours(state).filter((sa) => sa.mobility !== null);
  return mobile.reduce((next, sa) => withSa(next, { ...sa, mobility: sa.mobility && change(sa.mobility) }), state);
}

/** All IKE SAs of the peer that has been authenticated: of several, one is a rekey of the other. */
function ours(state: PeerState): readonly IkeSa[] {
  return state.sas.filter((sa) => memberOf(sa) !== null);
}

/** ESP of ours is always in UDP, which port 500 does not carry (RFC 7296 section 2.23). */
function isAcceptable(path: Path): boolean {
  return path.localPort !== PORT.IKE && path.remotePort !== 0;
}

/** "The new list of addresses replaces the old information" (section 3.6). @returns null when the message holds no list. */
function additionalIn(payloads: readonly Payload[]): Address[] | null {
  const named = all(payloads, 'N')
    .filter(isAdditional)
    .map(({ data }) => data.slice());
  if (named.length > 0) return named.slice(0, MOBILE_ADDRESSES);
  return findNotify(payloads, Notify.NO_ADDITIONAL_ADDRESSES) === null ? null : [];
}

function isAdditional({ notify: type, data }: NotifyPayload): boolean {
  return (
    (type === Notify.ADDITIONAL_IP4_ADDRESS && data.length === 4) ||
    (type === Notify.ADDITIONAL_IP6_ADDRESS && data.length === 16)
  );
}

function remember(addresses: readonly Address[], address: Address): Address[] {
  return [...addresses.filter((other) => !equal(other, address)), address].slice(-MOBILE_ADDRESSES);
}

/** Source and destination address, source and destination port, as the peer should have sent it (section 4.2.6). */
function addressPair({ remoteAddress, localAddress, remotePort, localPort }: Path): Uint8Array {
  const ports = Uint8Array.of(remotePort >> 8, remotePort & 255, localPort >> 8, localPort & 255);
  return concat(remoteAddress, localAddress, ports);
}
