// Round-trip time, smoothed: RFC 6298 section 2.

/** ms. */
export interface RoundTrip {
  readonly smoothed: number;
  readonly variation: number;
}

/** @param sample of an exchange whose request went out once, ms: of one that was repeated nobody knows which copy was answered (section 3). */
export function withSample(before: RoundTrip | null, sample: number): RoundTrip {
  if (before === null) return { smoothed: sample, variation: sample / 2 };
  // RTTVAR <- (1 - beta) * RTTVAR + beta * |SRTT - R'|, then SRTT <- (1 - alpha) * SRTT + alpha * R', alpha 1/8, beta 1/4
  const variation = (3 * before.variation + Math.abs(before.smoothed - sample)) / 4;
  return { smoothed: (7 * before.smoothed + sample) / 8, variation };
}
