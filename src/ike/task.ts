// The line of requests that wait for the window of one to open (RFC 7296 section 2.3).

import { TASKS } from './limits.ts';
import { type IkeSa, ownSpi, type PeerState, saByOwnSpi, type Task, withSa } from './state.ts';

/** Adds a task once; the same wish twice in line is one wish. */
export function addTask(state: PeerState, sa: IkeSa, task: Task): PeerState {
  const current = saByOwnSpi(state, ownSpi(sa));
  if (current === null) return state;
  const { queue } = current.outbound;
  if (queue.length >= TASKS || queue.some((other) => sameTask(other, task))) return state;
  // Deleting the IKE SA makes everything before it pointless.
  const next = task.kind === 'delete-ike' ? [task] : [...queue, task];
  return withSa(state, { ...current, outbound: { ...current.outbound, queue: next } });
}

/** Whether this is asked for already, in line or under way. */
export function hasTask(sa: IkeSa, task: Task): boolean {
  const { pending, queue } = sa.outbound;
  return queue.some((other) => sameTask(other, task)) || (pending !== null && sameTask(pending.request, task));
}

function sameTask(a: Task | { kind: string; spiIn?: number; spisIn?: readonly number[] }, b: Task): boolean {
  if (a.kind !== b.kind) return false;
  if (b.kind === 'rekey-child') return (a as { spiIn?: number }).spiIn === b.spiIn;
  if (b.kind === 'delete-children') return String((a as { spisIn?: readonly number[] }).spisIn) === String(b.spisIn);
  return true;
}
