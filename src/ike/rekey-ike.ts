// Rekeying the IKE SA, begun by either side (RFC 7296 sections 1.3.2, 2.8, 2.18). Child SAs move to the new one.
//
//   HDR, SK {SA, Ni, KEi}  -->
//                          <--  HDR, SK {SA, Nr, KEr}

import { Reader } from '../bytes/reader.ts';
import { Writer } from '../bytes/writer.ts';
import { deriveRekeyedIkeKeys } from '../crypto/keymat.ts';
import type { IkeSuite } from '../crypto/suite.ts';
import { IntegId, Protocol, TransformType } from '../wire/ike-numbers.ts';
import type { NotifyPayload, Payload, Proposal } from '../wire/payload.ts';
import { makeIkeSpi } from '../wire/spi.ts';
import { isRedundant, lowerNonce } from './collision.ts';
import { find, findError, must } from './find.ts';
import { IKE_SAS, rekeyTime } from './limits.ts';
import type { Member } from './pad.ts';
import { acceptsKe, chooseIke, describeProposals, isChoiceOf, offerIke } from './proposal.ts';
import { type Refusal, refuse } from './refusal.ts';
import { retryTime, wantedKe } from './retry.ts';
import { checkRules, REKEY_IKE_RESPONSE } from './rules.ts';
import { invalidKe } from './sa-init.ts';
import { currentSa, memberOf, ownSpi, saByOwnSpi, withSa } from './sad.ts';
import type { IkeSa, PeerState, PendingRequest, Task } from './state.ts';
import { noteRival, retired, succeed, withoutRival } from './succession.ts';
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
  if (state.sas.length >= IKE_SAS) return refuse('temporary-failure', `${IKE_SAS} IKE SAs, most of them replaced`);
  const KEi = find(payloads, 'KE');
  if (KEi === null) return refuse('invalid-syntax', 'rekeying an IKE SA needs a KE payload');
  const { proposals } = must(payloads, 'SA');
  const chosen = chooseIke(proposals, member.legacy, KEi.method, sa.suite.prf);
  if (chosen === null) return refuse('no-proposal-chosen', `IKE, offered: ${describeProposals(proposals)}`);
  const SPIi = ikeSpi(chosen.peerSpi);
  if (SPIi === null) return refuse('invalid-syntax', 'the proposal carries no new IKE SPI');
  const wrongKe = invalidKe(chosen.suite.ke, KEi.method);
  if (wrongKe !== null) return wrongKe;
  const ke = await turn.primitives.keyExchange(chosen.suite.ke);
  const shared = (await ke?.agree(KEi.data)) ?? null;
  if (!ke || shared === null) return refuse('invalid-syntax', 'the KE payload holds no value of its group');
  const Ni = must(payloads, 'NONCE').data;
  const Nr = turn.primitives.random(NONCE_OCTETS);
  const SPIr = makeIkeSpi(turn.route, turn.primitives.random(5));
  const next = successor(turn, sa, member, 'responder', chosen.suite, {
    Ni,
    Nr,
    shared,
    SPIi,
    SPIr,
  });
  const proposal = {
    number: chosen.number,
    protocol: Protocol.IKE,
    spi: spiOctets(SPIr),
    transforms: chosen.transforms,
  };
  return {
    state: noteRival(succeed(turn, state, sa, next), sa, { spi: SPIr, lowerNonce: lowerNonce(Ni, Nr) }),
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
  const newSPI = makeIkeSpi(turn.route, turn.primitives.random(5));
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
      ke: { method: ke.method, privateValue: new Uint8Array(ke.privateValue) },
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
  const member = memberOf(sa);
  if (member === null) return { state, outputs: [] };
  const error = findError(payloads);
  if (error !== null) return { state: afterError(turn, state, sa, member, request, error), outputs: [] };
  const next = await agreedSuccessor(turn, sa, member, request, payloads);
  // The peer now holds an IKE SA that we cannot use, and has moved its child SAs there: begin anew.
  if (next === null) return { state: addTask(state, sa, { kind: 'delete-ike', reason: 'rekey-failed' }), outputs: [] };
  const { rival } = request;
  const loses = rival !== null && isRedundant(lowerNonce(request.Ni, must(payloads, 'NONCE').data), rival.lowerNonce);
  // Where nothing is in force any more, the peer has been told to go while this was under way.
  if (loses || currentSa(state) === null) {
    const redundant = retired(turn, next);
    return {
      state: addTask(withSa(state, redundant), redundant, { kind: 'delete-ike', reason: 'redundant' }),
      outputs: [],
    };
  }
  const alone = rival === null ? state : withoutRival(turn, state, sa, rival);
  return {
    state: addTask(succeed(turn, alone, sa, next), sa, { kind: 'delete-ike', reason: 'replaced' }),
    outputs: [],
  };
}

interface Seed {
  readonly Ni: Uint8Array;
  readonly Nr: Uint8Array;
  readonly shared: Uint8Array;
  readonly SPIi: bigint;
  readonly SPIr: bigint;
}

function successor(turn: Turn, sa: IkeSa, member: Member, role: IkeSa['role'], suite: IkeSuite, seed: Seed): IkeSa {
  const { identity, since } =
    sa.phase.name === 'established' || sa.phase.name === 'replaced' ? sa.phase : { identity: '', since: turn.now };
  return {
    SPIi: seed.SPIi,
    SPIr: seed.SPIr,
    role,
    suite,
    keys: deriveRekeyedIkeKeys(turn.primitives, sa.suite.prf, sa.keys.SK_d, suite, seed),
    traits: sa.traits,
    path: sa.path,
    mobility: sa.mobility,
    inbound: { nextId: 0, response: null, reassembly: null, responseReassembly: null },
    outbound: { nextId: 0, pending: null, queue: [], refusedSince: null },
    phase: {
      name: 'established',
      member,
      identity,
      since,
      rekeyAt: rekeyTime(turn.now, member.ikeLifetimeSeconds, turn.primitives.random(1)),
      expiresAt: turn.now + member.ikeLifetimeSeconds * 1000,
    },
    createdAt: turn.now,
    roundTrip: sa.roundTrip,
    largestFragment: sa.largestFragment,
  };
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
  const SPIr = answer ? ikeSpi(answer.spi) : null;
  if (!answer || SPIr === null || !isChoiceOf(request.proposals, answer)) return null;
  const suite = suiteOf(sa.suite, answer);
  if (KEr.method !== suite.ke || request.ke.method !== suite.ke) return null;
  const ke = await turn.primitives.keyExchange(suite.ke, request.ke.privateValue);
  const shared = (await ke?.agree(KEr.data)) ?? null;
  if (shared === null) return null;
  const Nr = must(payloads, 'NONCE').data;
  const seed = { Ni: request.Ni, Nr, shared, SPIi: request.newSPI, SPIr };
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
  error: NotifyPayload,
): PeerState {
  const wanted = wantedKe(error);
  if (wanted !== null && request.ke.method !== wanted && acceptsKe(wanted, member.legacy))
    return addTask(state, sa, { kind: 'rekey-ike', ke: wanted });
  const current = saByOwnSpi(state, ownSpi(sa));
  if (current?.phase.name !== 'established') return state;
  return withSa(state, { ...current, phase: { ...current.phase, rekeyAt: retryTime(turn, error.notify) } });
}

/** @returns null for what is none: it has 8 octets, and they are not all zero. */
function ikeSpi(octets: Uint8Array): bigint | null {
  return octets.length === 8 ? new Reader(octets).u64() || null : null;
}

function spiOctets(spi: bigint): Uint8Array {
  const w = new Writer(8);
  w.u64(spi);
  return w.finish();
}
