// What an uplink is told at its birth, and what it asks of those around it.

import type { Path } from '../src/wire/path.ts';
import type { Edge } from './edge.ts';
import type { FramePool } from './frame-pool.ts';
import type { KnownPath } from './known-paths.ts';
import type { CLOSED, Counts } from './metrics.ts';
import type { PathTable } from './paths.ts';
import type { Uplink } from './uplink.ts';

export type State = 'dialling' | 'open' | 'waiting' | 'ended';
export type End = (typeof CLOSED)[number] | 'no-such-sa' | 'taken';

/** The handshake that an uplink was dialled for. */
export interface Origin {
  /** In the table of half-open handshakes. */
  readonly key: string;
  /** Routes tried before this one, which were in use. */
  readonly tries: number;
}

/** What an uplink asks of the table that holds it. */
export interface UplinkPorts {
  readonly edge: Pick<Edge, 'peer' | 'reached' | 'peerFailed'>;
  readonly frames: FramePool;
  readonly paths: PathTable;
  readonly counts: Counts;
  readonly now: () => number;
  readonly random: () => number;
  /** Something is to be sent soon. */
  readonly due: (uplink: Uplink) => void;
  /** To be sent by UDP. */
  readonly down: (uplink: Uplink, path: Path, octets: Uint8Array, now: number) => void;
  readonly keepalive: (uplink: Uplink, path: Path, seconds: number) => void;
  readonly forgotten: (known: KnownPath) => void;
  /** It is over; `leftovers` says what was still queued. */
  readonly ended: (uplink: Uplink, why: End) => void;
}
