import { describe, expect, it } from 'vitest';
import { INBOUND_BLOCK, InboundReserve } from '../../../src/peer/inbound-reserve.ts';

/** A peer that sends so many packets a second, for so long. @returns the marks that were stored. */
function marksOf(reserve: InboundReserve, perSecond: number, seconds: number, from = 0): number[] {
  const marks: number[] = [];
  for (let ms = 0; ms < seconds * 1_000; ms++) {
    const highest = from + Math.floor((ms * perSecond) / 1_000);
    if (!reserve.isDue(highest)) continue;
    const mark = reserve.next(highest);
    marks.push(mark);
    reserve.grant(mark, ms);
    expect(reserve.isOverdrawn(highest)).toBe(false);
  }
  return marks;
}

describe('InboundReserve', () => {
  it('begins small', () => {
    const reserve = new InboundReserve();
    expect(reserve.isDue(0)).toBe(true);
    expect(reserve.next(0)).toBe(INBOUND_BLOCK.least);
  });

  it('stays small for a slow peer', () => {
    const marks = marksOf(new InboundReserve(), 50, 120);
    expect(marks).toHaveLength(1 + Math.floor(6_000 / (INBOUND_BLOCK.least / 2 + 1)));
    expect(marks.at(-1)! - marks.at(-2)!).toBe(INBOUND_BLOCK.least / 2 + 1);
  });

  it('comes to a mark every ten seconds or so for a faster one', () => {
    const reserve = new InboundReserve();
    marksOf(reserve, 3_000, 60);
    expect(marksOf(reserve, 3_000, 100, 180_000).length).toBeLessThan(13);
  });

  it('reserves no more than a bound', () => {
    const marks = marksOf(new InboundReserve(), 1_000_000, 10);
    for (const [i, mark] of marks.entries()) expect(mark - (marks[i - 1] ?? 0)).toBeLessThanOrEqual(INBOUND_BLOCK.most);
  });

  it('becomes small again when the peer slows down', () => {
    const reserve = new InboundReserve();
    marksOf(reserve, 30_000, 10);
    let highest = 300_000;
    let now = 10_000;
    for (let n = 0; n < 10; n++) {
      while (!reserve.isDue(highest)) highest += 1;
      now += 61_000;
      reserve.grant(reserve.next(highest), now);
    }
    while (!reserve.isDue(highest)) highest += 1;
    expect(reserve.next(highest) - highest).toBe(INBOUND_BLOCK.least);
  });

  it('is overdrawn by a number beyond the mark', () => {
    const reserve = new InboundReserve();
    reserve.grant(100, 0);
    expect(reserve.isOverdrawn(100)).toBe(false);
    expect(reserve.isOverdrawn(101)).toBe(true);
  });

  it('lets a stale grant take nothing back', () => {
    const reserve = new InboundReserve();
    reserve.grant(2_000, 0);
    reserve.grant(1_000, 1);
    expect(reserve.isOverdrawn(2_000)).toBe(false);
  });
});
