import { describe, expect, it } from 'vitest';
import { type RoundTrip, withSample } from '../../../src/ike/round-trip.ts';

describe('the round-trip time', () => {
  it('is the first sample, with half of it as its variation', () => {
    expect(withSample(null, 100)).toEqual({ smoothed: 100, variation: 50 });
  });

  it('is smoothed as RFC 6298 section 2.3 computes it', () => {
    // RTTVAR = 3/4 * 50 + 1/4 * |100 - 180|, SRTT = 7/8 * 100 + 1/8 * 180
    expect(withSample({ smoothed: 100, variation: 50 }, 180)).toEqual({ smoothed: 110, variation: 57.5 });
  });

  it('settles where the samples are', () => {
    let roundTrip: RoundTrip | null = withSample(null, 1_000);
    for (let i = 0; i < 100; i++) roundTrip = withSample(roundTrip, 40);
    expect(Math.round(roundTrip.smoothed)).toBe(40);
    expect(Math.round(roundTrip.variation)).toBe(0);
  });
});
