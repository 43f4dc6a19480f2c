// The line of requests that wait for the window of one to open (RFC 7296 section 2.3).

import { ownSpi, saByOwnSpi, withSa } from './sad.ts';
import type { IkeSa, PeerState, Task } from './state.ts';

/** Adds a task once: the same wish twice is one wish, so the line is no longer than there are SAs to ask about. */
export function addTask(state: PeerState, sa: IkeSa, task: Task): PeerState {
  const current = saByOwnSpi(state, ownSpi(sa));
  if (current === null || hasTask(current, task)) return state;
  const { queue } = current.outbound;
  // Deleting the IKE SA makes everything before it pointless.
  const next = task.kind === 'delete-ike' ? [task] : [...queue, task];
  return withQueue(state, current, next);
}

/** The same, and also where it is under way: what was sent before may have come too early. */
export function addAnew(state: PeerState, sa: IkeSa, task: Task): PeerState {
  const { queue } = sa.outbound;
  return queue.some((other) => sameTask(other, task)) ? state : withQueue(state, sa, [...queue, task]);
}

/** Whether this is asked for already, in line or under way. */
export function hasTask(sa: IkeSa, task: Task): boolean {
  const { pending, queue } = sa.outbound;
  return queue.some((other) => sameTask(other, task)) || (pending !== null && sameTask(pending.request, task));
}

/** The peer has deleted these itself: nothing that waits in line names them any more. */
export function withoutDeletes(state: PeerState, gone: readonly number[]): PeerState {
  if (gone.length === 0) return state;
  return state.sas.reduce((next, sa) => {
    const queue = sa.outbound.queue.flatMap((task): Task[] => {
      if (task.kind !== 'delete-children') return [task];
      const spisIn = task.spisIn.filter((spiIn) => !gone.includes(spiIn));
      return spisIn.length === 0 ? [] : [{ ...task, spisIn }];
    });
    return withQueue(next, sa, queue);
  }, state);
}

function withQueue(state: PeerState, sa: IkeSa, queue: readonly Task[]): PeerState {
  return withSa(state, { ...sa, outbound: { ...sa.outbound, queue } });
}

function sameTask(a: Task | { kind: string; spiIn?: number; spisIn?: readonly number[] }, b: Task): boolean {
  if (a.kind !== b.kind) return false;
  if (b.kind === 'rekey-child') return (a as { spiIn?: number }).spiIn === b.spiIn;
  if (b.kind === 'delete-children') return String((a as { spisIn?: readonly number[] }).spisIn) === String(b.spisIn);
  return true;
}
