// What a shell asks of a peer: rekeys, liveness, the end.

import { renew } from './lifetime.ts';
import { reach } from './reach.ts';
import type { Command } from './output.ts';
import { currentSa, ownSpi } from './sad.ts';
import type { PeerState } from './state.ts';
import { addTask } from './task.ts';
import { terminate } from './terminate.ts';
import type { Conclusion, Turn } from './turn.ts';

/** Nothing comes of it where nobody is authenticated. */
export function obey(turn: Turn, state: PeerState, command: Command): Conclusion {
  const sa = currentSa(state);
  if (sa?.phase.name !== 'established') return { state, outputs: [] };
  switch (command.kind) {
    case 'liveness':
    case 'rekey-ike':
      return { state: addTask(state, sa, command), outputs: [] };
    case 'rekey-child': {
      const children = state.children.filter((child) => child.ike === ownSpi(sa));
      return { state: children.reduce((next, { spiIn }) => renew(next, spiIn), state), outputs: [] };
    }
    case 'reach':
      return { state: reach(state, sa, sa.phase, command.reachable), outputs: [] };
    case 'terminate':
      return terminate(turn, state, sa, command.reason);
  }
}
