import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FIRST_KEEPALIVE, held, type Keepalive, lost, owesKeepalive } from '../../../src/peer/keepalive.ts';

const LONG = 600_000;

function holding(keepalive: Keepalive, times: number, idle = LONG): Keepalive {
  return Array.from({ length: times }).reduce<Keepalive>((k) => held(k, idle), keepalive);
}

describe('keepalives', () => {
  it('are owed by a gateway behind a NAT, and by no other', () => {
    const owing = (['none', 'peer', 'gateway', 'both', 'unknown', undefined] as const).filter(owesKeepalive);
    expect(owing).toEqual(['gateway', 'both']);
  });

  it('begin at 20 s', () => {
    expect(FIRST_KEEPALIVE.seconds).toBe(20);
  });
});

describe('a mapping that holds', () => {
  it('earns a longer interval with every third proof, to two minutes', () => {
    const intervals = Array.from({ length: 10 }, (_, i) => holding(FIRST_KEEPALIVE, 3 * i).seconds);
    expect(intervals).toEqual([20, 25, 32, 40, 50, 63, 79, 99, 120, 120]);
  });

  it('proves nothing in less than two intervals', () => {
    expect(holding(FIRST_KEEPALIVE, 100, 39_999)).toEqual(FIRST_KEEPALIVE);
    expect(holding(FIRST_KEEPALIVE, 3, 40_000).seconds).toBe(25);
  });
});

describe('a mapping that is lost', () => {
  it('halves the interval, to five seconds', () => {
    let keepalive = FIRST_KEEPALIVE;
    const intervals = Array.from({ length: 4 }, () => (keepalive = lost(keepalive, LONG)).seconds);
    expect(intervals).toEqual([10, 5, 5, 5]);
  });

  it('after an idle time shorter than the interval bears less than that', () => {
    expect(lost({ ...FIRST_KEEPALIVE, seconds: 120 }, 30_000)).toEqual({ seconds: 15, borne: 0, tooLong: 30 });
  });

  it('is not tried again with the interval that lost it', () => {
    expect(holding(lost(FIRST_KEEPALIVE, LONG), 100).seconds).toBe(17);
  });

  it('must prove anew what comes after', () => {
    const nearly = holding(FIRST_KEEPALIVE, 2);
    expect(held(lost(nearly, LONG), LONG).seconds).toBe(10);
  });
});

it('whatever happens, the interval is between 5 and 120 s, and below what was too long', () => {
  const events = fc.array(fc.record({ holds: fc.boolean(), idle: fc.integer({ min: 5_000, max: 10_000_000 }) }));
  fc.assert(
    fc.property(events, (all) => {
      let keepalive = FIRST_KEEPALIVE;
      for (const { holds, idle } of all) {
        keepalive = holds ? held(keepalive, idle) : lost(keepalive, idle);
        expect(keepalive.seconds).toBeGreaterThanOrEqual(5);
        expect(keepalive.seconds).toBeLessThanOrEqual(120);
        if (keepalive.tooLong > 5) expect(keepalive.seconds).toBeLessThan(keepalive.tooLong);
        expect(Object.values(keepalive).every((value) => Number.isInteger(value) && value < 256)).toBe(true);
      }
    }),
  );
});
