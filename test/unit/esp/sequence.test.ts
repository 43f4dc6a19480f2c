import { describe, expect, it } from 'vitest';
import { SequenceBlock } from '../../../src/esp/sequence.ts';

describe('a block of sequence numbers', () => {
  it('gives out runs in order and never beyond the limit', () => {
    const block = new SequenceBlock(1, 10);
    expect(block.take(4)).toBe(1);
    expect(block.take(6)).toBe(5);
    expect(block.take(1)).toBeNull();
    expect(block.next).toBe(11);
  });

  it('gives nothing of a run that it does not hold whole', () => {
    const block = new SequenceBlock(1, 10);
    expect(block.take(11)).toBeNull();
    expect(block.take(10)).toBe(1);
  });

  it('is empty when nothing has been stored yet', () => {
    const block = new SequenceBlock(1, 0);
    expect(block.available).toBe(0);
    expect(block.take(1)).toBeNull();
    expect(block.exhausted(0.5)).toBe(true);
    block.extend(65_536);
    expect(block.take(1)).toBe(1);
    expect(block.limit).toBe(65_536);
  });

  it('tells when its share is used up, counted from the last extension', () => {
    const block = new SequenceBlock(1, 100);
    block.take(49);
    expect(block.exhausted(0.5)).toBe(false);
    block.take(1);
    expect(block.exhausted(0.5)).toBe(true);
    block.extend(200);
    expect(block.exhausted(0.5)).toBe(false);
    block.take(75);
    expect(block.exhausted(0.5)).toBe(true);
  });

  it('goes on behind a stored mark, whatever of it was used', () => {
    const block = new SequenceBlock(1, 0);
    block.resume(65_536);
    expect(block.take(1)).toBeNull();
    block.extend(131_072);
    expect(block.take(1)).toBe(65_537);
    block.resume(100);
    expect(block.take(1)).toBe(65_538);
  });

  it('is never shortened', () => {
    const block = new SequenceBlock(1, 100);
    block.extend(50);
    expect(block.limit).toBe(100);
  });
});
