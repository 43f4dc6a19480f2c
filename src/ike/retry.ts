// What a refusal of a request of ours leads to (RFC 7296 sections 1.3, 2.25).

import { Notify } from '../wire/ike-numbers.ts';
import type { NotifyPayload, Payload } from '../wire/payload.ts';
import { findError } from './find.ts';
import { OUT_OF_STEP_MS, REFUSED_MS, RETRY_MS } from './limits.ts';
import { ownSpi, saByOwnSpi, withSa } from './sad.ts';
import type { IkeSa, PeerState } from './state.ts';
import { addTask } from './task.ts';
import type { Turn } from './turn.ts';

/** When to ask again, ms. What is temporary passes soon; by chance, so that two that refuse each other do not meet again. */
export function retryTime(turn: Turn, error: number): number {
  const least = error === Notify.TEMPORARY_FAILURE ? RETRY_MS : REFUSED_MS;
  return turn.now + least + Math.floor(((turn.primitives.random(1)[0] ?? 0) / 255) * RETRY_MS);
}

/** The method that INVALID_KE_PAYLOAD asks for; null for any other error. */
export function wantedKe({ notify, data }: NotifyPayload): number | null {
  return notify === Notify.INVALID_KE_PAYLOAD && data.length === 2 ? (data[0]! << 8) | data[1]! : null;
}

/**
 * "If an endpoint continues to receive TEMPORARY_FAILURE responses on the same IKE SA after several minutes, it MUST conclude that the
 * state information is out of sync and close the IKE SA."
 */
export function noteAnswer(turn: Turn, state: PeerState, sa: IkeSa, payloads: readonly Payload[]): PeerState {
  const current = saByOwnSpi(state, ownSpi(sa));
  if (current?.phase.name !== 'established') return state;
  const refused = findError(payloads)?.notify === Notify.TEMPORARY_FAILURE;
  const refusedSince = refused ? (current.outbound.refusedSince ?? turn.now) : null;
  const noted: IkeSa = { ...current, outbound: { ...current.outbound, refusedSince } };
  const next = withSa(state, noted);
  if (refusedSince === null || turn.now - refusedSince < OUT_OF_STEP_MS) return next;
  return addTask(next, noted, { kind: 'delete-ike', reason: 'out of step' });
}
