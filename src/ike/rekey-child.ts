// Rekeying a child SA, begun by the gateway (RFC 7296 sections 1.3.3, 2.8).
//
//   HDR, SK {N(REKEY_SA), SA, Ni, [KEi,] TSi, TSr}  -->
//                                <--  HDR, SK {SA, Nr, [KEr,] TSi, TSr}

import { Reader } from '../bytes/reader.ts';
import { deriveChildKeys } from '../crypto/keymat.ts';
import { Esn, IntegId, KeId, Notify, Protocol, TransformType } from '../wire/ike-numbers.ts';
import type { NotifyPayload, Payload, Proposal } from '../wire/payload.ts';
import { makeEspSpi } from '../wire/spi.ts';
import { childTimes, freeSlot, LAST_RESERVED_SPI, spiOctets } from './child.ts';
import { isRedundant, lowerNonce } from './collision.ts';
import { find, findError, must } from './find.ts';
import { coversAll, ownCopy } from './narrow.ts';
import type { Member } from './pad.ts';
import { acceptsKe, isChoiceOf, offerEsp } from './proposal.ts';
import { notify } from './refusal.ts';
import { widened } from './reach.ts';
import { retryTime, wantedKe } from './retry.ts';
import { checkRules, REKEY_CHILD_RESPONSE } from './rules.ts';
import { memberOf, ownSpi, withChild, withoutChildren, withSa } from './sad.ts';
import type { ChildSa, IkeSa, PeerState, PendingRequest, Task } from './state.ts';
import { addTask } from './task.ts';
import type { Conclusion, Turn } from './turn.ts';

type PendingRekey = Extract<PendingRequest, { kind: 'rekey-child' }>;

const NONCE_OCTETS = 32;

/** @returns null when there is nothing left to rekey. */
export async function requestRekeyChild(
  turn: Turn,
  state: PeerState,
  sa: IkeSa,
  task: Extract<Task, { kind: 'rekey-child' }>,
): Promise<{ state: PeerState; payloads: Payload[]; request: PendingRekey } | null> {
  const child = state.children.find((c) => c.spiIn === task.spiIn && c.ike === ownSpi(sa));
  if (!child || child.deleting || child.replacedBy !== null) return null;
  const member = memberOf(sa);
  const ours = task.asBefore || member === null ? child.ours : widened(child, member);
  const ke = await turn.primitives.keyExchange(task.ke ?? (child.suite.ke || sa.suite.ke));
  if (ke === null) return null;
  const { slot, nextSlot } = freeSlot(turn, state);
  const newSpiIn = makeEspSpi(turn.route, slot);
  const proposals = offerEsp(child.suite, spiOctets(newSpiIn), ke.method);
  const Ni = turn.primitives.random(NONCE_OCTETS);
  return {
    state: { ...state, nextSlot },
    payloads: [
      notify(Notify.REKEY_SA, undefined, Protocol.ESP, spiOctets(child.spiIn)),
      { type: 'SA', proposals },
      { type: 'NONCE', data: Ni },
      { type: 'KE', method: ke.method, data: ke.publicValue },
      { type: 'TSi', selectors: ours },
      { type: 'TSr', selectors: child.theirs },
    ],
    request: {
      kind: 'rekey-child',
      spiIn: child.spiIn,
      newSpiIn,
      old: { suite: child.suite, ours, theirs: child.theirs },
      widens: ours !== child.ours,
      Ni,
      proposals,
      ke: { method: ke.method, privateValue: new Uint8Array(ke.privateValue) },
      rival: null,
    },
  };
}

export async function concludeRekeyChild(
  turn: Turn,
  state: PeerState,
  sa: IkeSa,
  request: PendingRekey,
  payloads: readonly Payload[],
): Promise<Conclusion> {
  // Told to end, or over: the child SAs go with it.
  if (sa.phase.name !== 'established') return { state, outputs: [] };
  const error = findError(payloads);
  if (error !== null) return { state: afterError(turn, state, sa, request, error), outputs: [] };
  const made = await newChild(turn, sa, sa.phase.member, request, payloads);
  // An answer that does not fit: the peer may hold an SA that we cannot use. Take it back, and try again later.
  if (made === null) {
    const tried = addTask(state, sa, deleteOf(request.newSpiIn));
    return { state: later(tried, request.spiIn, retryTime(turn, 0)), outputs: [] };
  }
  return { state: settle(state, sa, request, made, must(payloads, 'NONCE').data), outputs: [] };
}

/** Of two that came of one, the redundant goes; else the old one does, if the peer has not deleted it yet. */
function settle(state: PeerState, sa: IkeSa, request: PendingRekey, made: ChildSa, Nr: Uint8Array): PeerState {
  const { rival } = request;
  const theirs = rival && state.children.find((c) => BigInt(c.spiIn) === rival.spi);
  if (rival && theirs && isRedundant(lowerNonce(request.Ni, Nr), rival.lowerNonce))
    return addTask(withChild(state, { ...made, deleting: true }), sa, deleteOf(made.spiIn));
  let next = withChild(state, made);
  if (theirs) next = withChild(next, { ...theirs, replacedBy: made.spiIn });
  const old = state.children.find((c) => c.spiIn === request.spiIn);
  if (!old) return next;
  return addTask(withChild(next, { ...old, replacedBy: made.spiIn, deleting: true }), sa, deleteOf(old.spiIn));
}

function deleteOf(spiIn: number): Task {
  return { kind: 'delete-children', spisIn: [spiIn] };
}

async function newChild(
  turn: Turn,
  sa: IkeSa,
  member: Member,
  request: PendingRekey,
  payloads: readonly Payload[],
): Promise<ChildSa | null> {
  const { old } = request;
  if (checkRules(REKEY_CHILD_RESPONSE, payloads) !== null) return null;
  const answer = must(payloads, 'SA').proposals[0];
  if (answer?.spi.length !== 4 || !isChoiceOf(request.proposals, answer)) return null;
  const spiOut = new Reader(answer.spi).u32();
  if (spiOut <= LAST_RESERVED_SPI) return null;
  const ours = must(payloads, 'TSi').selectors;
  const theirs = must(payloads, 'TSr').selectors;
  if (ours.length === 0 || theirs.length === 0 || !coversAll(old.ours, ours) || !coversAll(old.theirs, theirs))
    return null;
  const method = answer.transforms.find((t) => t.type === TransformType.KE)?.id ?? KeId.NONE;
  const shared = await agreed(turn, request, method, find(payloads, 'KE')?.data ?? null);
  if (shared === undefined) return null;
  const suite = { ...old.suite, ...suiteOf(answer), ke: method };
  const seed = { Ni: request.Ni, Nr: must(payloads, 'NONCE').data, shared };
  const keys = deriveChildKeys(turn.primitives, sa.suite.prf, sa.keys.SK_d, suite, seed);
  return {
    ike: ownSpi(sa),
    spiIn: request.newSpiIn,
    spiOut,
    suite,
    keysIn: keys.responder,
    keysOut: keys.initiator,
    ours: ours.map(ownCopy),
    theirs: theirs.map(ownCopy),
    ...childTimes(turn, member),
    sendAtOnce: true,
    deleting: false,
    replacedBy: null,
  };
}

/** @returns null without PFS, undefined when the peer's value does not fit. */
async function agreed(
  turn: Turn,
  request: PendingRekey,
  method: number,
  value: Uint8Array | null,
): Promise<Uint8Array | null | undefined> {
  if (method === KeId.NONE) return null;
  if (request.ke === null || request.ke.method !== method || value === null) return undefined;
  const ke = await turn.primitives.keyExchange(method, request.ke.privateValue);
  return (await ke?.agree(value)) ?? undefined;
}

function suiteOf(proposal: Proposal): { integ: number; esn: boolean } {
  const id = (type: number) => proposal.transforms.find((t) => t.type === type)?.id;
  return { integ: id(TransformType.INTEG) ?? IntegId.NONE, esn: id(TransformType.ESN) === Esn.YES };
}

function afterError(turn: Turn, state: PeerState, sa: IkeSa, request: PendingRekey, error: NotifyPayload): PeerState {
  const wanted = wantedKe(error);
  if (wanted !== null && request.ke?.method !== wanted && acceptsKe(wanted, memberOf(sa)?.legacy ?? false))
    return addTask(state, sa, { kind: 'rekey-child', spiIn: request.spiIn, ke: wanted, asBefore: !request.widens });
  // Who will not have more keeps what it has.
  if (error.notify === Notify.TS_UNACCEPTABLE && request.widens)
    return addTask(state, sa, { kind: 'rekey-child', spiIn: request.spiIn, asBefore: true });
  if (error.notify === Notify.CHILD_SA_NOT_FOUND)
    return request.rival === null ? unknownToPeer(turn, state, sa, request.spiIn) : state;
  return later(state, request.spiIn, retryTime(turn, error.notify));
}

/**
 * A child that the peer has forgotten goes without a word (RFC 7296 section 2.25). But the answer that makes it may still be on its way: then
 * the peer is asked once more, and told of the deletion if it does not know it even then.
 */
function unknownToPeer(turn: Turn, state: PeerState, sa: IkeSa, spiIn: number): PeerState {
  const maker = state.sas.find(({ inbound }) => inbound.response?.made?.spiIn === spiIn);
  const response = maker?.inbound.response;
  const child = state.children.find((c) => c.spiIn === spiIn);
  if (!maker || !response || !child) return withoutChildren(state, [spiIn]);
  if (response.made?.missed) return addTask(withChild(state, { ...child, deleting: true }), sa, deleteOf(spiIn));
  const inbound = { ...maker.inbound, response: { ...response, made: { spiIn, missed: true } } };
  return later(withSa(state, { ...maker, inbound }), spiIn, retryTime(turn, Notify.TEMPORARY_FAILURE));
}

/** Tries again in a while; the hard lifetime ends what never succeeds. */
function later(state: PeerState, spiIn: number, rekeyAt: number): PeerState {
  const child = state.children.find((c) => c.spiIn === spiIn);
  return child ? withChild(state, { ...child, rekeyAt }) : state;
}
