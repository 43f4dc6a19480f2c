// What time does to a peer: retransmission, rekeys, expiry (RFC 7296 sections 2.4, 2.8).

import { failedAttempt } from './attempt.ts';
import { resend } from './request.ts';
import { ownSpi, saByOwnSpi, withChild, withoutSa } from './sad.ts';
import type { ChildSa, IkeSa, PeerState } from './state.ts';
import { addTask, hasTask } from './task.ts';
import type { Conclusion, Turn } from './turn.ts';

/** @returns when something is due next, ms, or null. */
export function nextDeadline(state: PeerState): number | null {
  const times = [
    ...state.sas.map((sa) => saEvent(sa)?.at),
    ...state.children.map((child) => childEvent(state, child)?.at),
  ];
  return times.reduce<number | null>(
    (next, at) => (at !== undefined && (next === null || at < next) ? at : next),
    null,
  );
}

/** Does all that is due at `turn.now`; requests that come of it wait in line for pump(). */
export function elapse(turn: Turn, state: PeerState): Conclusion {
  let result: Conclusion = { state, outputs: [] };
  for (const { SPIi, SPIr, role } of state.sas) {
    const sa = saByOwnSpi(result.state, role === 'initiator' ? SPIi : SPIr);
    const event = sa && saEvent(sa);
    if (!sa || !event || event.at > turn.now) continue;
    const next = event.act(turn, result.state, sa);
    result = { state: next.state, outputs: [...result.outputs, ...next.outputs] };
  }
  for (const { spiIn } of result.state.children) {
    const child = result.state.children.find((c) => c.spiIn === spiIn);
    const event = child && childEvent(result.state, child);
    if (event && event.at <= turn.now) result = { ...result, state: event.act(result.state) };
  }
  return result;
}

/**
 * Has a child SA that cannot go on as it is replaced before its time. Windows refuses a rekey that it has not begun; it makes a new child
 * itself when the old one is deleted (quirk 5).
 * @returns the same state when nothing is to be asked, or all is asked already.
 */
export function renew(state: PeerState, spiIn: number): PeerState {
  const child = state.children.find((c) => c.spiIn === spiIn);
  const sa = child ? saByOwnSpi(state, child.ike) : null;
  if (!child || !sa || child.deleting || child.replacedBy !== null) return state;
  if (sa.traits.windows) return remove(state, sa, child);
  const task = { kind: 'rekey-child', spiIn } as const;
  return hasTask(sa, task) ? state : addTask(state, sa, task);
}

interface SaEvent {
  readonly at: number;
  readonly act: (turn: Turn, state: PeerState, sa: IkeSa) => Conclusion;
}

function saEvent(sa: IkeSa): SaEvent | null {
  const events: SaEvent[] = [];
  const { phase } = sa;
  if (sa.outbound.pending !== null) events.push({ at: sa.outbound.pending.resendAt, act: resend });
  const deleting = hasTask(sa, EXPIRE);
  if (phase.name === 'established' && !deleting) {
    events.push({ at: phase.expiresAt, act: (_, state) => ask(state, sa, EXPIRE) });
    // Windows refuses what it has not begun itself (quirk 5).
    if (!sa.traits.windows && !hasTask(sa, REKEY))
      events.push({ at: phase.rekeyAt, act: (_, state) => ask(state, sa, REKEY) });
  } else if (phase.name === 'replaced') {
    // The other side has not deleted what it replaced: we do.
    if (!deleting)
      events.push({ at: phase.until, act: (_, state) => ask(state, sa, { kind: 'delete-ike', reason: 'replaced' }) });
  } else if (phase.name !== 'established') {
    events.push({ at: phase.until, act: forget });
  }
  return events.reduce<SaEvent | null>((first, event) => (first === null || event.at < first.at ? event : first), null);
}

interface ChildEvent {
  readonly at: number;
  readonly act: (state: PeerState) => PeerState;
}

function childEvent(state: PeerState, child: ChildSa): ChildEvent | null {
  const sa = saByOwnSpi(state, child.ike);
  if (sa === null || child.deleting) return null;
  const rekey = { kind: 'rekey-child', spiIn: child.spiIn } as const;
  const rekeyable = child.replacedBy === null && !sa.traits.windows && !hasTask(sa, rekey);
  if (rekeyable && child.rekeyAt < child.expiresAt) return { at: child.rekeyAt, act: (s) => addTask(s, sa, rekey) };
  return { at: child.expiresAt, act: (s) => remove(s, sa, child) };
}

function remove(state: PeerState, sa: IkeSa, child: ChildSa): PeerState {
  const deleting = withChild(state, { ...child, deleting: true });
  return addTask(deleting, sa, { kind: 'delete-children', spisIn: [child.spiIn] });
}

const REKEY = { kind: 'rekey-ike' } as const;
const EXPIRE = { kind: 'delete-ike', reason: 'lifetime ended' } as const;

function ask(state: PeerState, sa: IkeSa, task: Parameters<typeof addTask>[2]): Conclusion {
  return { state: addTask(state, sa, task), outputs: [] };
}

function forget(turn: Turn, state: PeerState, sa: IkeSa): Conclusion {
  const { phase } = sa;
  const next = withoutSa(state, ownSpi(sa));
  if (phase.name === 'half-open') {
    const detail = 'IKE_SA_INIT was answered, and no IKE_AUTH came that could be read';
    return { state: next, outputs: [failedAttempt(turn, sa, null, 'no-auth', detail)] };
  }
  if (phase.name === 'eap') {
    const detail = 'the device stopped in the middle of EAP: it may not trust the gateway, or its user gave up';
    return { state: next, outputs: [failedAttempt(turn, sa, phase.wish.IDi, 'eap-abandoned', detail)] };
  }
  return { state: next, outputs: [] };
}
