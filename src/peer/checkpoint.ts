// What a shell stores of a peer: plain data that structured clone takes.

import type { PeerState } from '../ike/state.ts';
import type { KeptOpen } from './keepalive.ts';

export interface PeerCheckpoint {
  readonly version: 2;
  readonly state: PeerState;
  /** What the relay has been asked to keep open. */
  readonly keepalive: KeptOpen | null;
}

/** @returns null when there is nothing to keep. */
export function emitCheckpoint(state: PeerState, keepalive: KeptOpen | null): PeerCheckpoint | null {
  return state.sas.length === 0 ? null : { version: 2, state, keepalive };
}

/** A checkpoint of another version is no use to this one: its peers connect anew. */
export function parseCheckpoint(checkpoint: PeerCheckpoint | null): PeerCheckpoint | null {
  return checkpoint?.version === 2 ? checkpoint : null;
}
