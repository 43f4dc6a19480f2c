// What is known of the way to a peer: NATs, mapping, round-trip time, loss, fragments. Plain data for status screens.

import type { IkeSa, NatVerdict } from '../ike/state.ts';
import { formatPath } from '../wire/path.ts';
import { formatAddress } from '../wire/prefix.ts';
import type { DataPlane } from './data-plane.ts';
import type { KeptOpen } from './keepalive.ts';
import type { Mover } from './mapping.ts';

/** Times in ms. */
export interface NatReport {
  /** Which side is behind a NAT. */
  readonly behind: NatVerdict;
  readonly mobike: boolean;
  /** Where else the peer says that it can be reached (RFC 4555 section 3.4). */
  readonly additional: readonly string[];
  /** How often the peer's mapped address or port has changed, and the last 16 times, the newest last. */
  readonly moved: number;
  readonly moves: readonly { readonly at: number; readonly from: string; readonly to: string; readonly by: Mover }[];
  /**
   * Bounds of the mapping's lifetime, as traffic shows it: the longest time without any after which it was the same, and the shortest silence
   * of the peer after which it had another port. Null: not seen yet. Keepalives of the peer's own end at the relay and do not count.
   */
  readonly lifetime: { readonly survived: number | null; readonly expired: number | null };
  /** Seconds between the gateway's own keepalives; null: none are sent. */
  readonly keepalive: number | null;
  /** Of the gateway's own IKE exchanges (RFC 6298); null before the first. */
  readonly roundTrip: { readonly smoothed: number; readonly variation: number } | null;
  /** Part of the peer's ESP packets that has not come, 0 to 1, within the replay windows; null without any. */
  readonly loss: number | null;
  readonly fragments: {
    /** Both sides can cut IKE messages into fragments (RFC 7383). */
    readonly supported: boolean;
    /** Octets of the largest IKE fragment that came; null: none did. */
    readonly largest: number | null;
  };
}

export function natReport(sa: IkeSa, plane: DataPlane, kept: KeptOpen | null): NatReport {
  const { mapping } = plane.endpoint;
  const { roundTrip, largestFragment, traits, mobility } = sa;
  return {
    behind: traits.nat,
    mobike: mobility !== null,
    additional: mobility?.additional.map(formatAddress) ?? [],
    moved: mapping.moved,
    moves: mapping.moves.map((move) => ({ ...move, from: formatPath(move.from), to: formatPath(move.to) })),
    lifetime: { survived: mapping.survived || null, expired: mapping.expired || null },
    keepalive: kept?.seconds ?? null,
    roundTrip: roundTrip && { smoothed: Math.round(roundTrip.smoothed), variation: Math.round(roundTrip.variation) },
    loss: lossOf(plane),
    fragments: { supported: traits.fragmentation, largest: largestFragment || null },
  };
}

/** 1 - received / (highest - first), over all child SAs. */
function lossOf(plane: DataPlane): number | null {
  const tallies = [...plane.tunnels].map(({ window }) => window.tally());
  const span = tallies.reduce((sum, tally) => sum + tally.span, 0);
  const marked = tallies.reduce((sum, tally) => sum + tally.marked, 0);
  return span === 0 ? null : Math.round((1 - marked / span) * 10_000) / 10_000;
}
