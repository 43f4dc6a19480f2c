// Rekeying the IKE SA, begun by either side (RFC 7296 sections 1.3.2, 2.8, 2.18). Child SAs move to the new one.
//
//   HDR, SK {SA, Ni, KEi}  -->
//                          <--  HDR, SK {SA, Nr, KEr}

import { Reader } from '../bytes/reader.ts';
import { Writer } from '../bytes/writer.ts';
import { deriveRekeyedIkeKeys } from '../crypto/keymat.ts';
import type { IkeSuite } from '../crypto/suite.ts';
import { IntegId, Notify, Protocol, TransformType } from '../wire/ike-numbers.ts';
import type { Payload, Proposal } from '../wire/payload.ts';
import { isRedundant, lowerNonce } from './collision.ts';
import { find, findError, must } from './find.ts';
import { REPLACED_MS, RETRY_MS, rekeyTime } from './limits.ts';
import type { Member } from './pad.ts';
import { acceptsKe, chooseIke, describeProposals, isChoiceOf, offerIke } from './proposal.ts';
import { type Refusal, refuse } from './refusal.ts';
import { checkRules, REKEY_IKE_RESPONSE } from './rules.ts';
import { invalidKe } from './sa-init.ts';
import { randomIkeSpi } from './send.ts';
import { type IkeSa, ownSpi, type PeerState, type PendingRequest, saByOwnSpi, type Task, withSa } from './state.ts';
import { addTask } from './task.ts';
import type { Conclusion, Reply, Turn } from './turn.ts';

type PendingRekey = Extract<PendingRequest, { kind: 'rekey-ike' }>;

const NONCE_OCTETS = 32;

export async function respondRekeyIke(
  turn: Turn,
  state: PeerState,
  sa: IkeSa,
  member: Member,
  payloads: readonly Payload[],
): Promise<Reply | Refusal> {
  const { pending } = sa.outbound;
  // A child exchange of ours is under way: its answer belongs to the old SA (RFC 7296 section 2.25.2).
  if (pending?.request.kind === 'rekey-child') return refuse('temporary-failure', 'a child SA is being rekeyed');
  const KEi = find(payloads, 'KE');
  if (KEi === null) return refuse('invalid-syntax', 'rekeying an IKE SA needs a KE payload');
  const { proposals } = must(payloads, 'SA');
  const chosen = chooseIke(proposals, member.legacy, KEi.method);
  if (chosen === null) return refuse('no-proposal-chosen', `IKE, offered: ${describeProposals(proposals)}`);
  if (chosen.peerSpi.length !== 8) return refuse('invalid-syntax', 'the proposal carries no new IKE SPI');
  const wrongKe = invalidKe(chosen.suite.ke, KEi.method);
  if (wrongKe !== null) return wrongKe;
  const ke = await turn.primitives.keyExchange(chosen.suite.ke);
  const shared = (await ke?.agree(KEi.data)) ?? null;
  if (!ke || shared === null) return refuse('invalid-syntax', 'the KE payload holds no value of its group');
  const Ni = must(payloads, 'NONCE').data;
  const Nr = turn.primitives.random(NONCE_OCTETS);
  const SPIr = randomIkeSpi(turn.primitives, turn.route);
  const next = successor(turn, sa, member, 'responder', chosen.suite, {
    Ni,
    Nr,
    shared,
    SPIi: new Reader(chosen.peerSpi).u64(),
    SPIr,
  });
  const proposal = {
    number: chosen.number,
    protocol: Protocol.IKE,
    spi: spiOctets(SPIr),
    transforms: chosen.transforms,
  };
  return {
    state: noteRival(replace(turn, state, sa, next, member), sa, SPIr, lowerNonce(Ni, Nr)),
    payloads: [
      { type: 'SA', proposals: [proposal] },
      { type: 'NONCE', data: Nr },
      { type: 'KE', method: ke.method, data: ke.publicValue },
    ],
    outputs: [],
  };
}

export async function requestRekeyIke(
  turn: Turn,
  sa: IkeSa,
  task: Extract<Task, { kind: 'rekey-ike' }>,
): Promise<{ payloads: Payload[]; request: PendingRekey } | null> {
  if (sa.phase.name !== 'established') return null;
  const ke = await turn.primitives.keyExchange(task.ke ?? sa.suite.ke);
  if (ke === null) return null;
  const newSPI = randomIkeSpi(turn.primitives, turn.route);
  const proposals = offerIke(sa.suite, spiOctets(newSPI), ke.method);
  const Ni = turn.primitives.random(NONCE_OCTETS);
  return {
    payloads: [
      { type: 'SA', proposals },
      { type: 'NONCE', data: Ni },
      { type: 'KE', method: ke.method, data: ke.publicValue },
    ],
    request: {
      kind: 'rekey-ike',
      newSPI,
      Ni,
      proposals,
      ke: { method: ke.method, privateValue: ke.privateValue },
      rival: null,
    },
  };
}

export async function concludeRekeyIke(
  turn: Turn,
  state: PeerState,
  sa: IkeSa,
  request: PendingRekey,
  payloads: readonly Payload[],
): Promise<Conclusion> {
  if (sa.phase.name !== 'established' && sa.phase.name !== 'replaced') return { state, outputs: [] };
  const { member } = sa.phase;
  const error = findError(payloads);
  if (error !== null)
    return { state: afterError(turn, state, sa, member, request, error.notify, error.data), outputs: [] };
  const next = await agreedSuccessor(turn, sa, member, request, payloads);
  // The peer now holds an IKE SA that we cannot use, and has moved its child SAs there: begin anew.
  if (next === null) return { state: addTask(state, sa, { kind: 'delete-ike', reason: 'rekey-failed' }), outputs: [] };
  const { rival } = request;
  if (rival !== null && isRedundant(lowerNonce(request.Ni, must(payloads, 'NONCE').data), rival.lowerNonce)) {
    const redundant: IkeSa = { ...next, phase: { name: 'replaced', member, until: turn.now + REPLACED_MS } };
    return {
      state: addTask(withSa(state, redundant), redundant, { kind: 'delete-ike', reason: 'redundant' }),
      outputs: [],
    };
  }
  const replaced = replace(
    turn,
    rival === null ? state : withoutRival(turn, state, sa, rival.spi, member),
    sa,
    next,
    member,
  );
  return { state: addTask(replaced, sa, { kind: 'delete-ike', reason: 'replaced' }), outputs: [] };
}

interface Seed {
  readonly Ni: Uint8Array;
  readonly Nr: Uint8Array;
  readonly shared: Uint8Array;
  readonly SPIi: bigint;
  readonly SPIr: bigint;
}

function successor(turn: Turn, sa: IkeSa, member: Member, role: IkeSa['role'], suite: IkeSuite, seed: Seed): IkeSa {
  const identity = sa.phase.name === 'established' ? sa.phase.identity : '';
  return {
    SPIi: seed.SPIi,
    SPIr: seed.SPIr,
    role,
    suite,
    keys: deriveRekeyedIkeKeys(turn.primitives, sa.suite.prf, sa.keys.SK_d, suite, seed),
    traits: sa.traits,
    path: sa.path,
    inbound: { nextId: 0, response: null, reassembly: null, responseReassembly: null },
    outbound: { nextId: 0, pending: null, queue: [] },
    phase: {
      name: 'established',
      member,
      identity,
      since: sa.phase.name === 'established' ? sa.phase.since : turn.now,
      rekeyAt: rekeyTime(turn.now, member.ikeLifetimeSeconds, turn.primitives.random(1)),
      expiresAt: turn.now + member.ikeLifetimeSeconds * 1000,
    },
    createdAt: turn.now,
  };
}

/** The new SA inherits the children and all that waits in line. */
function replace(turn: Turn, state: PeerState, sa: IkeSa, next: IkeSa, member: Member): PeerState {
  const old = saByOwnSpi(state, ownSpi(sa)) ?? sa;
  const heir: IkeSa = { ...next, outbound: { ...next.outbound, queue: old.outbound.queue } };
  const replaced: IkeSa = {
    ...old,
    phase: { name: 'replaced', member, until: turn.now + REPLACED_MS },
    outbound: { ...old.outbound, queue: [] },
  };
  const children = state.children.map((child) => (child.ike === ownSpi(sa) ? { ...child, ike: ownSpi(next) } : child));
  return withSa(withSa({ ...state, children }, replaced), heir);
}

/** Ours has won: the peer deletes the SA that it began; what moved there moves on. */
function withoutRival(turn: Turn, state: PeerState, sa: IkeSa, rival: bigint, member: Member): PeerState {
  const lost = saByOwnSpi(state, rival);
  if (lost === null) return state;
  const children = state.children.map((child) => (child.ike === rival ? { ...child, ike: ownSpi(sa) } : child));
  return withSa(
    { ...state, children },
    { ...lost, phase: { name: 'replaced', member, until: turn.now + REPLACED_MS } },
  );
}

async function agreedSuccessor(
  turn: Turn,
  sa: IkeSa,
  member: Member,
  request: PendingRekey,
  payloads: readonly Payload[],
): Promise<IkeSa | null> {
  if (checkRules(REKEY_IKE_RESPONSE, payloads) !== null) return null;
  const answer = must(payloads, 'SA').proposals[0];
  const KEr = must(payloads, 'KE');
  if (answer?.spi.length !== 8 || !isChoiceOf(request.proposals, answer)) return null;
  const suite = suiteOf(sa.suite, answer);
  if (KEr.method !== suite.ke || request.ke.method !== suite.ke) return null;
  const ke = await turn.primitives.keyExchange(suite.ke, request.ke.privateValue);
  const shared = (await ke?.agree(KEr.data)) ?? null;
  if (shared === null) return null;
  const Nr = must(payloads, 'NONCE').data;
  const seed = { Ni: request.Ni, Nr, shared, SPIi: request.newSPI, SPIr: new Reader(answer.spi).u64() };
  return successor(turn, sa, member, 'initiator', suite, seed);
}

function suiteOf(old: IkeSuite, proposal: Proposal): IkeSuite {
  const id = (type: number) => proposal.transforms.find((t) => t.type === type)?.id;
  return { ...old, integ: id(TransformType.INTEG) ?? IntegId.NONE, ke: id(TransformType.KE) ?? old.ke };
}

function afterError(
  turn: Turn,
  state: PeerState,
  sa: IkeSa,
  member: Member,
  request: PendingRekey,
  error: number,
  data: Uint8Array,
): PeerState {
  const wanted = data.length === 2 ? (data[0]! << 8) | data[1]! : -1;
  if (error === Notify.INVALID_KE_PAYLOAD && request.ke.method !== wanted && acceptsKe(wanted, member.legacy)) {
    return addTask(state, sa, { kind: 'rekey-ike', ke: wanted });
  }
  const current = saByOwnSpi(state, ownSpi(sa));
  if (current?.phase.name !== 'established') return state;
  return withSa(state, { ...current, phase: { ...current.phase, rekeyAt: turn.now + RETRY_MS } });
}

function noteRival(state: PeerState, sa: IkeSa, spi: bigint, nonce: Uint8Array): PeerState {
  const old = saByOwnSpi(state, ownSpi(sa));
  const pending = old?.outbound.pending;
  if (!old || pending?.request.kind !== 'rekey-ike') return state;
  const request = { ...pending.request, rival: { spi, lowerNonce: nonce } };
  return withSa(state, { ...old, outbound: { ...old.outbound, pending: { ...pending, request } } });
}

function spiOctets(spi: bigint): Uint8Array {
  const w = new Writer(8);
  w.u64(spi);
  return w.finish();
}
