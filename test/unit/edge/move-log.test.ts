// Every move of an endpoint is told of once.

import { describe, expect, it } from 'vitest';
import { type Mapping, moved, NO_MOVES } from '../../../src/peer/mapping.ts';
import type { Path } from '../../../src/wire/path.ts';
import { MoveLog } from '../../../worker/edge/move-log.ts';

const at = (remotePort: number): Path => ({
  localAddress: Uint8Array.of(203, 0, 113, 1),
  localPort: 4500,
  remoteAddress: Uint8Array.of(198, 51, 100, 11),
  remotePort,
});

/** A mapping that has gone from port to port. */
function through(mapping: Mapping, ...ports: number[]): Mapping {
  return ports.slice(1).reduce((next, port, i) => {
    return moved(next, { at: port, from: at(ports[i]!), to: at(port), by: 'esp' }, 0, false);
  }, mapping);
}

const ports = (moves: readonly { to: Path }[]) => moves.map(({ to }) => to.remotePort);

describe('moves that are fresh', () => {
  it('are those since the last time, the oldest first', () => {
    const log = new MoveLog(undefined);
    expect(log.fresh(NO_MOVES)).toEqual([]);
    const first = through(NO_MOVES, 1, 2, 3);
    expect(ports(log.fresh(first))).toEqual([2, 3]);
    expect(log.fresh(first)).toEqual([]);
    expect(ports(log.fresh(through(first, 3, 4)))).toEqual([4]);
  });

  it('are not those that were stored', () => {
    const stored = through(NO_MOVES, 1, 2);
    const log = new MoveLog(stored);
    expect(log.fresh(stored)).toEqual([]);
    expect(ports(log.fresh(through(stored, 2, 3)))).toEqual([3]);
  });

  it('are as many as are remembered', () => {
    const many = Array.from({ length: 30 }, (_, i) => i + 1);
    expect(ports(new MoveLog(undefined).fresh(through(NO_MOVES, ...many)))).toEqual(many.slice(-16));
  });
});
