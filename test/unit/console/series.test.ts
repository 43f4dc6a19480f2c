import { describe, expect, it } from 'vitest';
import { filled, SPANS } from '../../../worker/console/series.ts';
import { bitRate, listed, octets, relative } from '../../../worker/console/words.ts';

const NOW = Date.UTC(2026, 10, 23, 12, 30, 20);

describe('a series', () => {
  it('has a bucket for each step up to now, and keeps what is older or younger out', () => {
    const { step } = SPANS.hour;
    const minute = Math.floor(NOW / step) * step;
    const point = (at: number) => ({ at, octetsIn: 1, octetsOut: 2 });
    const series = filled(
      [point(minute - 3_600_000), point(minute - 3_540_000), point(minute), point(minute), point(minute + step)],
      'hour',
      step,
      NOW,
    );
    expect(series).toHaveLength(60);
    expect(series[0]).toEqual({ at: minute - 3_540_000, octetsIn: 1, octetsOut: 2 });
    expect(series.at(-1)).toEqual({ at: minute, octetsIn: 2, octetsOut: 4 });
    expect(series.reduce((sum, { octetsIn }) => sum + octetsIn, 0)).toBe(3);
  });
});

describe('words', () => {
  it('have three digits and a unit', () => {
    expect([0, 999, 1000, 999_499, 999_500, 1.2345e9].map(octets)).toEqual([
      '0 B',
      '999 B',
      '1 kB',
      '999 kB',
      '1 MB',
      '1.23 GB',
    ]);
    expect(bitRate(125_000, 1)).toBe('1 Mbit/s');
  });

  it('tell the distance of a moment, and a date where that is long', () => {
    expect(relative(NOW - 5000, NOW)).toBe('just now');
    expect(relative(NOW - 90_000, NOW)).toBe('2 minutes ago');
    expect(relative(NOW + 12 * 86_400_000, NOW)).toBe('in 12 days');
    expect(relative(NOW - 100 * 86_400_000, NOW)).toBe('2026-08-15');
  });

  it('join a list', () => {
    expect([[], ['a'], ['a', 'b'], ['a', 'b', 'c']].map(listed)).toEqual(['', 'a', 'a and b', 'a, b and c']);
  });
});
