// What a shell stores of a peer: plain data that structured clone takes.

import type { PeerState } from '../ike/state.ts';
import type { Path } from '../wire/path.ts';

export interface PeerCheckpoint {
  readonly version: 1;
  readonly state: PeerState;
  /** Which mapping the relay has been asked to keep open. */
  readonly keepalive: Path | null;
}

/** @returns null when there is nothing to keep. */
export function emitCheckpoint(state: PeerState, keepalive: Path | null): PeerCheckpoint | null {
  return state.sas.length === 0 ? null : { version: 1, state, keepalive };
}

/** A checkpoint of another version is no use to this one: its peers connect anew. */
export function parseCheckpoint(checkpoint: PeerCheckpoint | null): PeerCheckpoint | null {
  return checkpoint?.version === 1 ? checkpoint : null;
}
