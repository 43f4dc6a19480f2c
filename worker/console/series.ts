// Traffic as plots and tables show it: every bucket there, also where nothing was carried.

import type { TrafficPoint } from '../edge/rpc.ts';

export const SPANS = {
  hour: { label: '1 hour', ms: 3_600_000, step: 60_000, row: 300_000, from: 'minute' },
  day: { label: '24 hours', ms: 86_400_000, step: 300_000, row: 3_600_000, from: 'minute' },
  month: { label: '30 days', ms: 30 * 86_400_000, step: 3_600_000, row: 86_400_000, from: 'hour' },
} as const;

export type SpanName = keyof typeof SPANS;

export function spanNamed(name: string | null): SpanName {
  return name !== null && Object.hasOwn(SPANS, name) ? (name as SpanName) : 'hour';
}

/** Buckets of `step` ms up to now, the oldest first. */
export function filled(points: readonly TrafficPoint[], span: SpanName, step: number, now: number): TrafficPoint[] {
  const { ms } = SPANS[span];
  const last = Math.floor(now / step) * step;
  const buckets = Array.from({ length: Math.round(ms / step) }, (_, index, at = last - ms + (index + 1) * step) => ({
    at,
    octetsIn: 0,
    octetsOut: 0,
  }));
  for (const { at, octetsIn, octetsOut } of points) {
    const bucket = buckets[Math.floor((at - buckets[0]!.at) / step)];
    if (!bucket || at < buckets[0]!.at) continue;
    bucket.octetsIn += octetsIn;
    bucket.octetsOut += octetsOut;
  }
  return buckets;
}
