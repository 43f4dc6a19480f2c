import { describe, expect, it } from 'vitest';
import { FIRST_KEEPALIVE } from '../../../src/peer/keepalive.ts';
import { moved, NO_MOVES, stayed } from '../../../src/peer/mapping.ts';
import type { Path } from '../../../src/wire/path.ts';

function path(remotePort: number, host = 7): Path {
  const localAddress = Uint8Array.of(192, 0, 2, 1);
  return { localAddress, localPort: 4500, remoteAddress: Uint8Array.of(198, 51, 100, host), remotePort };
}

function move(from: number, to: number) {
  return { at: 1_000 * to, from: path(from), to: path(to), by: 'esp' } as const;
}

describe('a mapping', () => {
  it('that is the same after an idle time bears that', () => {
    const after = [20_000, 50_000, 30_000].reduce((mapping, idle) => stayed(mapping, idle, false), NO_MOVES);
    expect(after).toEqual({ ...NO_MOVES, survived: 50_000 });
  });

  it('that has another port after a silence bears less than that', () => {
    const first = moved(NO_MOVES, move(1, 2), 90_000, false);
    expect(first).toMatchObject({ moved: 1, expired: 90_000, keepalive: FIRST_KEEPALIVE });
    const second = moved(first, move(2, 3), 40_000, false);
    expect(second).toMatchObject({ moved: 2, expired: 40_000 });
    expect(moved(second, move(3, 4), 60_000, false).expired).toBe(40_000);
  });

  it('that changes in the middle of traffic has not expired', () => {
    expect(moved(NO_MOVES, move(1, 2), 4_999, true)).toMatchObject({
      moved: 1,
      expired: 0,
      keepalive: FIRST_KEEPALIVE,
    });
    expect(moved(NO_MOVES, move(1, 2), 5_000, true)).toMatchObject({ moved: 1, expired: 5_000 });
  });

  it('of another NAT is measured anew', () => {
    const before = {
      ...NO_MOVES,
      survived: 60_000,
      expired: 90_000,
      keepalive: { seconds: 10, borne: 1, tooLong: 20 },
    };
    const roamed = { at: 5, from: path(1), to: path(1, 8), by: 'update' } as const;
    const after = moved(before, roamed, 90_000, true);
    expect(after).toEqual({ ...NO_MOVES, moved: 1, moves: [roamed] });
  });

  it('at another relay is the same one', () => {
    const to = { ...path(1), localAddress: Uint8Array.of(192, 0, 2, 2) };
    const after = moved(NO_MOVES, { at: 5, from: path(1), to, by: 'esp' }, 90_000, true);
    expect(after).toMatchObject({ moved: 1, expired: 0, keepalive: FIRST_KEEPALIVE });
  });

  it('teaches the interval of keepalives only while they go out', () => {
    expect(moved(NO_MOVES, move(1, 2), 90_000, true).keepalive.seconds).toBe(10);
    expect(stayed(NO_MOVES, 90_000, true).keepalive.borne).toBe(1);
    expect(stayed(NO_MOVES, 90_000, false).keepalive.borne).toBe(0);
  });

  it('remembers sixteen moves', () => {
    const after = Array.from({ length: 20 }).reduce<typeof NO_MOVES>(
      (mapping, _, i) => moved(mapping, move(i, i + 1), 0, false),
      NO_MOVES,
    );
    expect(after.moved).toBe(20);
    expect(after.moves.map(({ at }) => at)).toEqual(Array.from({ length: 16 }, (_, i) => 1_000 * (i + 5)));
  });
});
