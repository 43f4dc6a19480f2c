// The end of a peer, asked for by us.

import { memberOf, withSa } from './sad.ts';
import type { IkeSa, PeerState } from './state.ts';
import { retired } from './succession.ts';
import { addTask } from './task.ts';
import type { Conclusion, Turn } from './turn.ts';

/** Traffic ends now; the peer is told, and given a while to answer. */
export function terminate(turn: Turn, state: PeerState, sa: IkeSa, reason: string): Conclusion {
  const member = memberOf(sa);
  const ending = retired(turn, sa);
  const silent = withSa({ ...state, children: [] }, ending);
  return {
    state: addTask(silent, ending, { kind: 'delete-ike', reason }),
    outputs: member === null ? [] : [{ kind: 'left', member, reason }],
  };
}
