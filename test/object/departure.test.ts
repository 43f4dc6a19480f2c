// Batches on their way out share buffers one after the other, never at the same time.

import { describe, expect, it } from 'vitest';
import { Departure } from '../../worker/edge/departure.ts';
import type { HeldPeer } from '../../worker/edge/held-peer.ts';
import type { Links } from '../../worker/edge/links.ts';
import { RoomPool } from '../../worker/edge/room-pool.ts';

function departure() {
  const rooms: Uint8Array[] = [];
  const ends: ((error?: Error) => void)[] = [];
  const core = {
    sealEsp: (_packets: unknown, _now: number, room: Uint8Array) => {
      rooms.push(room);
      return new Promise((resolve, reject) => {
        ends.push((error) => (error ? reject(error) : resolve({ datagrams: [], replies: [] })));
      });
    },
  };
  const held = { core, reserve: () => {}, saveWindows: () => {} };
  const links = { newest: { admits: (packets: readonly unknown[]) => packets.length } };
  const subject = new Departure(held as unknown as HeldPeer, links as unknown as Links, {
    dial: async () => {},
    drop: () => {},
  });
  return { seal: () => subject.seal([new Uint8Array(40)], 0), rooms, ends };
}

describe('the buffer of a batch', () => {
  it('belongs to no other batch until the batch has been sent', async () => {
    const { seal, rooms, ends } = departure();
    const first = seal();
    const second = seal();
    expect(new Set(rooms).size).toBe(2);
    ends[0]!();
    await first;
    const third = seal();
    expect(rooms[2] === rooms[0]).toBe(true);
    ends[1]!();
    ends[2]!();
    await Promise.all([second, third]);
  });

  it('is not used again when sealing has failed', async () => {
    const { seal, rooms, ends } = departure();
    const failed = seal();
    ends[0]!(new Error('no'));
    await expect(failed).rejects.toThrow('no');
    const next = seal();
    expect(new Set(rooms).size).toBe(2);
    ends[1]!();
    await next;
  });
});

describe('RoomPool', () => {
  it('keeps few', () => {
    const pool = new RoomPool();
    const taken = Array.from({ length: 20 }, () => pool.take());
    expect(new Set(taken).size).toBe(20);
    for (const room of taken) pool.give(room);
    const again = Array.from({ length: 20 }, () => pool.take());
    expect(again.filter((room) => taken.includes(room))).toHaveLength(8);
  });
});
