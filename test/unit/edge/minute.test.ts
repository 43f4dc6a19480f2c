import { describe, expect, it } from 'vitest';
import { Minute } from '../../../worker/edge/minute.ts';

const MINUTE = 60_000;

function peer(octetsIn: number) {
  return { carried: { at: 1, octetsIn, octetsOut: 0, packetsIn: 0, packetsOut: 0 } };
}

describe('what the network object is told', () => {
  it('is what was carried before the first traffic of a minute, once', () => {
    const minute = new Minute();
    minute.begin(peer(5), 10 * MINUTE + 17);
    minute.begin(peer(9), 10 * MINUTE + 20);
    expect(minute.take()).toEqual(peer(5).carried);
    expect(minute.take()).toBeNull();
    minute.begin(peer(20), 11 * MINUTE - 1);
    expect(minute.take()).toBeNull();
    minute.begin(peer(30), 11 * MINUTE);
    expect(minute.take()).toEqual(peer(30).carried);
  });

  it('goes on after a sleep where it was', () => {
    const minute = new Minute();
    minute.wake(10 * MINUTE + 1);
    minute.begin(peer(5), 10 * MINUTE + 59_000);
    expect(minute.take()).toBeNull();
    minute.begin(peer(5), 12 * MINUTE + 5);
    expect(minute.take()).toEqual(peer(5).carried);
  });

  it('does not go back with the clock', () => {
    const minute = new Minute();
    minute.wake(10 * MINUTE);
    minute.begin(peer(5), 9 * MINUTE);
    expect(minute.take()).toBeNull();
  });
});
