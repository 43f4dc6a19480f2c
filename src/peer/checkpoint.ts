// What a shell stores of a peer: plain data that structured clone takes.

import type { PeerState } from '../ike/state.ts';

export interface PeerCheckpoint {
  readonly version: 1;
  readonly state: PeerState;
}

/** @returns null when there is nothing to keep. */
export function emitCheckpoint(state: PeerState): PeerCheckpoint | null {
  return state.sas.length === 0 ? null : { version: 1, state };
}

/** A checkpoint of another version is no use to this one: its peers connect anew. */
export function parseCheckpoint(checkpoint: PeerCheckpoint | null): PeerState | null {
  return checkpoint?.version === 1 ? checkpoint.state : null;
}
