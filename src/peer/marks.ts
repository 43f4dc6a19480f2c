// Sequence numbers reserved ahead of use, so that an object that wakes, restarts or exists twice never repeats one.

import type { Path } from '../wire/path.ts';
import type { Mapping } from './mapping.ts';
import type { Tunnel } from './tunnel.ts';

/** Stored before it counts. Outbound: the last number that may be sent. Inbound: the last that may be accepted. */
export interface Mark {
  readonly outbound: number;
  readonly inbound: number;
}

export interface Reservation {
  /** By inbound SPI. Plain data. */
  readonly marks: ReadonlyMap<number, Mark>;
  /** Where ESP goes. */
  readonly path: Path | null;
  readonly mapping?: Mapping;
}

export const OUTBOUND_BLOCK = 65_536;

const LAST_SHORT = 2 ** 32 - 1;
/** Nine tenths of the 32-bit numbers: then the child SA is rekeyed. */
const REKEY_AT = 0.9 * 2 ** 32;

/** @returns true when a quarter of the block is all that is left, or less. */
export function outboundDue({ sequence, child }: Tunnel): boolean {
  return sequence.available < OUTBOUND_BLOCK / 4 && sequence.limit < lastSequence(child.suite.esn);
}

export function nextMark(tunnel: Tunnel): Mark {
  const { sequence, child, window, ahead } = tunnel;
  return {
    outbound: outboundDue(tunnel)
      ? Math.min(Math.max(sequence.limit, sequence.next - 1) + OUTBOUND_BLOCK, lastSequence(child.suite.esn))
      : sequence.limit,
    inbound: ahead.next(window.highest),
  };
}

export function nearsExhaustion({ sequence, window, child }: Tunnel): boolean {
  return !child.suite.esn && (sequence.next > REKEY_AT || window.highest > REKEY_AT);
}

function lastSequence(esn: boolean): number {
  return esn ? Number.MAX_SAFE_INTEGER : LAST_SHORT;
}
