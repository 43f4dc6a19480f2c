import { describe, expect, it } from 'vitest';
import { TokenBucket } from '../../../src/route/token-bucket.ts';

describe('the token bucket', () => {
  it('lets a burst through, then the average rate', () => {
    const bucket = new TokenBucket(10, 3);
    const at = (now: number) => bucket.take(now);
    expect([at(0), at(0), at(0), at(0)]).toEqual([true, true, true, false]);
    expect(at(99)).toBe(false);
    expect(at(100)).toBe(true);
    expect(at(100)).toBe(false);
  });

  it('holds no more than its burst after a long rest', () => {
    const bucket = new TokenBucket(10, 2);
    expect(bucket.take(0)).toBe(true);
    const taken = [1, 2, 3, 4].filter(() => bucket.take(1_000_000));
    expect(taken.length).toBe(2);
  });

  it('gains nothing from a clock that steps back', () => {
    const bucket = new TokenBucket(1000, 1);
    expect(bucket.take(5000)).toBe(true);
    expect(bucket.take(1000)).toBe(false);
    expect(bucket.take(5000)).toBe(false);
    expect(bucket.take(5001)).toBe(true);
  });
});
