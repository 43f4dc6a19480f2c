// How one IKE SA follows another: who inherits child SAs and tasks, also when both sides rekey at once (RFC 7296 sections 2.8, 2.8.2).

import { REPLACED_MS } from './limits.ts';
import { currentSa, ownSpi, saByOwnSpi, withSa } from './sad.ts';
import type { IkeSa, PeerState, Rival } from './state.ts';
import { samePath } from '../wire/path.ts';
import { addTask } from './task.ts';
import type { Turn } from './turn.ts';

/** The new SA inherits the children and all that waits in line. */
export function succeed(turn: Turn, state: PeerState, sa: IkeSa, next: IkeSa): PeerState {
  const old = saByOwnSpi(state, ownSpi(sa)) ?? sa;
  const heir: IkeSa = { ...next, outbound: { ...next.outbound, queue: old.outbound.queue } };
  return withSa(withSa(moveChildren(state, ownSpi(sa), ownSpi(next)), retired(turn, old)), heir);
}

/** Without a future: it waits for its deletion by the side that has replaced it, or asks for it itself after a while. */
export function retired(turn: Turn, sa: IkeSa): IkeSa {
  if (sa.phase.name !== 'established' && sa.phase.name !== 'replaced') return sa;
  const { member, identity, since } = sa.phase;
  return {
    ...sa,
    phase: { name: 'replaced', member, identity, since, until: turn.now + REPLACED_MS },
    outbound: { ...sa.outbound, queue: [] },
  };
}

/** Remembers what the peer has made of an SA that we are rekeying too, until our own request is answered. */
export function noteRival(state: PeerState, sa: IkeSa, rival: Rival): PeerState {
  const old = saByOwnSpi(state, ownSpi(sa));
  return old === null ? state : withSa(state, withRival(old, rival));
}

/** The peer's SA of a collision that is not decided: it may be deleted yet, so nothing is asked on it. */
export function isContested(state: PeerState, sa: IkeSa): boolean {
  return sa.phase.name === 'established' && challenged(state, sa) !== null;
}

/** Ours has won: the peer deletes the SA that it began, and what had moved there comes back. */
export function withoutRival(turn: Turn, state: PeerState, sa: IkeSa, rival: Rival): PeerState {
  const lost = saByOwnSpi(state, rival.spi);
  if (lost === null) return state;
  const own = saByOwnSpi(state, ownSpi(sa)) ?? sa;
  const moved = moveChildren(state, rival.spi, ownSpi(sa));
  const back: IkeSa = { ...own, outbound: { ...own.outbound, queue: lost.outbound.queue } };
  return withSa(withSa(moved, back), retired(turn, lost));
}

/** The peer deletes its SA of a collision before we have heard that ours has won: until then the old one serves again. */
export function reinstate(state: PeerState, lost: IkeSa): PeerState {
  const old = challenged(state, lost);
  if (old === null || lost.phase.name !== 'established') return state;
  const { outbound } = withRival(old, null);
  const again: IkeSa = { ...old, phase: lost.phase, outbound: { ...outbound, queue: lost.outbound.queue } };
  return withSa(moveChildren(state, ownSpi(lost), ownSpi(old)), again);
}

/**
 * An SA that ends while it waits for an answer leaves the question to its heir: a child that we mean to delete must not stay half deleted,
 * and a peer that cannot be reached must be found out however often it rekeys.
 */
export function bequeath(state: PeerState, sa: IkeSa): PeerState {
  const heir = currentSa(state);
  const { pending } = sa.outbound;
  if (heir === null || ownSpi(heir) === ownSpi(sa) || pending === null) return state;
  const { request, tries, resendAt } = pending;
  if (request.kind === 'liveness') {
    const asked = samePath(sa.path, heir.path) ? { asked: { tries, resendAt } } : {};
    return addTask(state, heir, { kind: 'liveness', ...asked });
  }
  if (request.kind !== 'delete-children') return state;
  const spisIn = request.spisIn.filter((spiIn) => state.children.some((child) => child.spiIn === spiIn));
  return spisIn.length === 0 ? state : addTask(state, heir, { kind: 'delete-children', spisIn });
}

/** The SA whose rekey by us the given one contests. */
function challenged(state: PeerState, rival: IkeSa): IkeSa | null {
  const contests = ({ outbound: { pending } }: IkeSa) =>
    pending?.request.kind === 'rekey-ike' && pending.request.rival?.spi === ownSpi(rival);
  return state.sas.find(contests) ?? null;
}

function withRival(sa: IkeSa, rival: Rival | null): IkeSa {
  const { pending } = sa.outbound;
  if (pending?.request.kind !== 'rekey-ike') return sa;
  const request = { ...pending.request, rival };
  return { ...sa, outbound: { ...sa.outbound, pending: { ...pending, request } } };
}

function moveChildren(state: PeerState, from: bigint, to: bigint): PeerState {
  return { ...state, children: state.children.map((child) => (child.ike === from ? { ...child, ike: to } : child)) };
}
