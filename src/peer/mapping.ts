// How the peer's mapping behaves: where it has moved, and how long it lives without traffic (RFC 4787 section 4.3). A value; each event makes the next.

import { equal } from '../bytes/octets.ts';
import type { Path } from '../wire/path.ts';
import { FIRST_KEEPALIVE, held, type Keepalive, lost } from './keepalive.ts';

export interface Move {
  /** ms. */
  readonly at: number;
  readonly from: Path;
  readonly to: Path;
  readonly by: Mover;
}

/** An ESP packet, an IKE message, or UPDATE_SA_ADDRESSES. */
export type Mover = 'esp' | 'message' | 'update';

export interface Mapping {
  readonly moved: number;
  /** The last of them, the newest last. */
  readonly moves: readonly Move[];
  /** Longest time without any packet either way after which the peer was where it had been, ms; 0: none was measured. */
  readonly survived: number;
  /** Shortest time without a packet from the peer after which it came from another port, ms; 0: none was. */
  readonly expired: number;
  readonly keepalive: Keepalive;
}

export const NO_MOVES: Mapping = { moved: 0, moves: [], survived: 0, expired: 0, keepalive: FIRST_KEEPALIVE };

const MOVES = 16;
/** RFC 4787 REQ-5 asks for two minutes, and no NAT in use forgets sooner than this: what changes in less was no expiry. */
const LEAST_LIFETIME_MS = 5_000;

/** @param idle since anything went either way, ms. @param tested whether keepalives of ours, and how often they must go out, were tested by that. */
export function stayed(mapping: Mapping, idle: number, tested: boolean): Mapping {
  const keepalive = tested ? held(mapping.keepalive, idle) : mapping.keepalive;
  if (idle <= mapping.survived && keepalive === mapping.keepalive) return mapping;
  return { ...mapping, keepalive, survived: Math.max(mapping.survived, idle) };
}

/**
 * What was measured belongs to one NAT: at another address it begins anew.
 * @param silent since the peer was last heard, ms: a NAT need not count what it lets in.
 * @param kept whether keepalives of ours went out meanwhile.
 */
export function moved(mapping: Mapping, move: Move, silent: number, kept: boolean): Mapping {
  const next = { ...mapping, moved: mapping.moved + 1, moves: [...mapping.moves, move].slice(-MOVES) };
  if (!equal(move.from.remoteAddress, move.to.remoteAddress))
    return { ...next, survived: 0, expired: 0, keepalive: FIRST_KEEPALIVE };
  if (move.from.remotePort === move.to.remotePort || silent < LEAST_LIFETIME_MS) return next;
  const expired = mapping.expired === 0 ? silent : Math.min(mapping.expired, silent);
  return { ...next, expired, keepalive: kept ? lost(mapping.keepalive, silent) : mapping.keepalive };
}
