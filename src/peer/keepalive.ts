// How often the gateway keeps a mapping open when a NAT stands before it (RFC 3948 section 4), learned from what the mapping bears.

import type { NatVerdict } from '../ike/state.ts';
import type { Path } from '../wire/path.ts';

/** What the relay is asked to do. */
export interface KeptOpen {
  readonly path: Path;
  readonly seconds: number;
}

export interface Keepalive {
  /** In force while the gateway is behind a NAT. */
  readonly seconds: number;
  /** How often in a row nothing but this interval has held the mapping. */
  readonly borne: number;
  /** The shortest interval at which a mapping was lost; 0: none was. */
  readonly tooLong: number;
}

/** "M is a locally configurable parameter with a default value of 20 seconds." */
export const FIRST_KEEPALIVE: Keepalive = { seconds: 20, borne: 0, tooLong: 0 };

const LEAST_SECONDS = 5;
const MOST_SECONDS = 120;
/** So often an interval must have held before a longer one is tried. */
const TRUST = 3;

/** "A need for it is detected": this side is behind a NAT. */
export function owesKeepalive(nat: NatVerdict | undefined): boolean {
  return nat === 'gateway' || nat === 'both';
}

/**
 * A longer interval is an attempt, and what shows that it was too long is the peer's mapping alone: when the NAT of this side has forgotten,
 * nothing of ours arrives, and nothing tells. A peer behind a NAT of its own opens the way again with its next keepalive.
 */
export function mayLengthen(nat: NatVerdict | undefined): boolean {
  return nat === 'both';
}

/** The mapping is the same after an idle time: evidence when keepalives alone have held it. @param idle ms. */
export function held(keepalive: Keepalive, idle: number): Keepalive {
  const { seconds, borne, tooLong } = keepalive;
  if (idle < 2_000 * seconds) return keepalive;
  if (borne + 1 < TRUST) return { ...keepalive, borne: borne + 1 };
  const longer = Math.min(Math.ceil(seconds * 1.25), MOST_SECONDS);
  return tooLong > 0 && longer >= tooLong ? keepalive : { ...keepalive, seconds: longer, borne: 0 };
}

/** The mapping has changed after an idle time, in spite of keepalives: it bears less than either. @param idle ms. */
export function lost(keepalive: Keepalive, idle: number): Keepalive {
  const tooLong = Math.min(keepalive.seconds, Math.ceil(idle / 1_000));
  return { seconds: Math.max(LEAST_SECONDS, Math.floor(tooLong / 2)), borne: 0, tooLong };
}
