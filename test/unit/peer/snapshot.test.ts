// What survives hibernation: counters and replay windows, as octets.

import { describe, expect, it } from 'vitest';
import { DataPlane } from '../../../src/peer/data-plane.ts';
import { emitSnapshot, restoreSnapshot } from '../../../src/peer/snapshot.ts';
import { childOf, primitives } from './far-end.ts';

function planeOf(): DataPlane {
  const plane = new DataPlane(primitives);
  plane.reconcile([childOf({ spiIn: 0xa01 }), childOf({ spiIn: 0xa02 })]);
  return plane;
}

describe('a snapshot', () => {
  it('brings windows and counters back, those beyond 32 bits too', () => {
    const before = planeOf();
    before.traffic.octetsIn = 2 ** 40 + 5;
    before.traffic.packetsOut = 7;
    for (const sequence of [1, 2, 5]) before.tunnel(0xa01)!.window.mark(sequence);
    const after = planeOf();
    expect(restoreSnapshot(after, emitSnapshot(before))).toEqual(new Set([0xa01, 0xa02]));
    expect(after.traffic).toMatchObject({ octetsIn: 2 ** 40 + 5, packetsOut: 7 });
    const { window } = after.tunnel(0xa01)!;
    expect([1, 2, 3, 4, 5, 6].map((sequence) => window.check(sequence))).toEqual([
      ...['replayed', 'replayed', 'fresh', 'fresh', 'replayed', 'fresh'],
    ]);
  });

  it('takes times with a fraction of a millisecond, and cuts it', () => {
    const before = planeOf();
    before.traffic.lastIn = 1_800_000_000_123.75;
    before.endpoint.mapping = { ...before.endpoint.mapping, survived: 20_000.5, expired: 90_000.25 };
    const after = planeOf();
    restoreSnapshot(after, emitSnapshot(before));
    expect(after.traffic.lastIn).toBe(1_800_000_000_123);
    expect(after.endpoint.mapping).toMatchObject({ survived: 20_000, expired: 90_000 });
  });
});
