// Making a child SA as responder: its suite, its selectors, its keys (RFC 7296 sections 1.3, 2.9, 2.17).

import { Reader } from '../bytes/reader.ts';
import { Writer } from '../bytes/writer.ts';
import { deriveChildKeys } from '../crypto/keymat.ts';
import type { EspSuite } from '../crypto/suite.ts';
import { Protocol } from '../wire/ike-numbers.ts';
import type { Payload, TrafficSelector, Transform } from '../wire/payload.ts';
import { makeEspSpi } from '../wire/spi.ts';
import { CHILDREN, CHILDREN_REPLACED, rekeyTime, SELECTORS_HELD } from './limits.ts';
import { coversAll, narrow, selectorsOf } from './narrow.ts';
import type { Member } from './pad.ts';
import type { Chosen } from './proposal.ts';
import { type Refusal, refuse } from './refusal.ts';
import { ownSpi, withChild } from './sad.ts';
import type { ChildSa, IkeSa, PeerState } from './state.ts';
import type { Turn } from './turn.ts';

export const LAST_RESERVED_SPI = 255;

export interface ChildRequest {
  readonly chosen: Chosen<EspSuite>;
  readonly TSi: readonly TrafficSelector[];
  readonly TSr: readonly TrafficSelector[];
  readonly Ni: Uint8Array;
  readonly Nr: Uint8Array;
  /** g^ir with PFS, else null. */
  readonly shared: Uint8Array | null;
  /** The child that the peer rekeys. */
  readonly replaces: ChildSa | null;
}

export interface ChildMade {
  readonly state: PeerState;
  readonly child: ChildSa;
  /** SA, TSi, TSr. */
  readonly payloads: readonly Payload[];
}

export function respondChild(
  turn: Turn,
  state: PeerState,
  sa: IkeSa,
  member: Member,
  request: ChildRequest,
): ChildMade | Refusal {
  const most = request.replaces === null ? CHILDREN : CHILDREN_REPLACED;
  if (state.children.length >= most) return refuse('no-additional-sas', `more than ${most} child SAs`);
  const selectors = chooseSelectors(member, request);
  if ('refused' in selectors) return selectors;
  if (selectorsHeld(state.children) + selectors.TSi.length + selectors.TSr.length > SELECTORS_HELD)
    return refuse('no-additional-sas', `more than ${SELECTORS_HELD} traffic selectors`);
  const spiOut = new Reader(request.chosen.peerSpi).u32();
  if (spiOut <= LAST_RESERVED_SPI)
    return refuse('invalid-syntax', 'the proposed SPI is reserved (RFC 4303 section 2.1)');
  const { slot, nextSlot } = freeSlot(turn, state);
  const spiIn = makeEspSpi(turn.route, slot);
  const { suite } = request.chosen;
  const keys = deriveChildKeys(turn.primitives, sa.suite.prf, sa.keys.SK_d, suite, request);
  const child: ChildSa = {
    ike: ownSpi(sa),
    spiIn,
    spiOut,
    suite,
    keysIn: keys.initiator,
    keysOut: keys.responder,
    ours: selectors.TSr,
    theirs: selectors.TSi,
    ...childTimes(turn, member),
    sendAtOnce: request.replaces === null,
    deleting: false,
    replacedBy: null,
  };
  const replaced = request.replaces && { ...request.replaces, replacedBy: spiIn };
  const next = withChild({ ...(replaced ? withChild(state, replaced) : state), nextSlot }, child);
  return {
    state: next,
    child,
    payloads: [
      espProposal(request.chosen.number, spiIn, request.chosen.transforms),
      { type: 'TSi', selectors: selectors.TSi },
      { type: 'TSr', selectors: selectors.TSr },
    ],
  };
}

export function childTimes(turn: Turn, member: Member): Pick<ChildSa, 'createdAt' | 'rekeyAt' | 'expiresAt'> {
  return {
    createdAt: turn.now,
    rekeyAt: rekeyTime(turn.now, member.childLifetimeSeconds, turn.primitives.random(1)),
    expiresAt: turn.now + member.childLifetimeSeconds * 1000,
  };
}

/** The next of 256 slots that no child SA holds and none is being made for: there are fewer of both, so there is one. */
export function freeSlot(turn: Turn, state: PeerState): { slot: number; nextSlot: number } {
  const taken = new Set(state.children.map((child) => child.spiIn));
  for (const { outbound } of state.sas)
    if (outbound.pending?.request.kind === 'rekey-child') taken.add(outbound.pending.request.newSpiIn);
  let slot = state.nextSlot & 255;
  while (taken.has(makeEspSpi(turn.route, slot))) slot = (slot + 1) & 255;
  return { slot, nextSlot: (slot + 1) & 255 };
}

export function espProposal(number: number, spi: number, transforms: readonly Transform[]): Payload {
  return { type: 'SA', proposals: [{ number, protocol: Protocol.ESP, spi: spiOctets(spi), transforms }] };
}

export function spiOctets(spi: number): Uint8Array {
  const w = new Writer(4);
  w.u32(spi);
  return w.finish();
}

function selectorsHeld(children: readonly ChildSa[]): number {
  return children.reduce((sum, { ours, theirs }) => sum + ours.length + theirs.length, 0);
}

interface Selectors {
  readonly TSi: readonly TrafficSelector[];
  readonly TSr: readonly TrafficSelector[];
}

/** A rekey that asks for as much as before, or more, gets what was granted before (RFC 7296 section 2.9.2; quirk 4). */
function chooseSelectors(member: Member, request: ChildRequest): Selectors | Refusal {
  const { replaces: old } = request;
  if (old && coversAll(request.TSi, old.theirs) && coversAll(request.TSr, old.ours))
    return { TSi: old.theirs, TSr: old.ours };
  const TSi = narrow(request.TSi, selectorsOf(member.addresses, member.prefixes));
  const TSr = narrow(request.TSr, selectorsOf(member.gateway, member.reachable));
  if (TSi.length === 0) return refuse('ts-unacceptable', 'no address that the peer asked to speak from is its own');
  if (TSr.length === 0)
    return refuse('ts-unacceptable', 'no address that the peer asked to reach belongs to its network');
  return { TSi, TSr };
}
