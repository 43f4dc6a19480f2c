import { describe, expect, it } from 'vitest';
import { inferSequence, ReplayWindow } from '../../../src/esp/replay-window.ts';

describe('the replay window', () => {
  it('takes each number once', () => {
    const window = new ReplayWindow(64);
    for (const sequence of [1, 2, 5, 3, 64]) {
      expect(window.check(sequence)).toBe('fresh');
      window.mark(sequence);
      expect(window.check(sequence)).toBe('replayed');
    }
    expect(window.check(4)).toBe('fresh');
    expect(window.highest).toBe(64);
  });

  it('counts what has come of what it spans', () => {
    const window = new ReplayWindow(64);
    expect(window.tally()).toEqual({ marked: 0, span: 0 });
    for (const sequence of [1, 2, 5]) window.mark(sequence);
    expect(window.tally()).toEqual({ marked: 3, span: 5 });
    for (let sequence = 6; sequence <= 1000; sequence += 2) window.mark(sequence);
    expect(window.tally()).toEqual({ marked: 32, span: 64 });
    window.raise(990);
    expect(window.tally()).toEqual({ marked: 5, span: 10 });
    window.raise(2000);
    expect(window.tally()).toEqual({ marked: 0, span: 0 });
  });

  it('never takes number 0, which no sender uses', () => {
    expect(new ReplayWindow(64).check(0)).toBe('too-old');
  });

  it('ends exactly W numbers below the highest', () => {
    const window = new ReplayWindow(64);
    window.mark(1000);
    expect(window.check(1000 - 63)).toBe('fresh');
    expect(window.check(1000 - 64)).toBe('too-old');
  });

  it('does not take a number for seen that shares its place in the ring', () => {
    const window = new ReplayWindow(64);
    for (let sequence = 1; sequence <= 96; sequence++) window.mark(sequence);
    for (let sequence = 97; sequence <= 400; sequence++) {
      expect(window.check(sequence)).toBe('fresh');
      window.mark(sequence);
    }
    window.mark(400 + 50);
    for (let sequence = 401; sequence < 450; sequence++) expect(window.check(sequence)).toBe('fresh');
  });

  it('checks without changing', () => {
    const window = new ReplayWindow(64);
    const before = window.snapshot();
    expect(window.check(77)).toBe('fresh');
    expect(window.snapshot()).toEqual(before);
  });

  it('leaves the window alone when a number that is too old is marked', () => {
    const window = new ReplayWindow(64);
    window.mark(1000);
    const before = window.snapshot();
    window.mark(936);
    expect(window.snapshot()).toEqual(before);
  });

  it('spans what it was asked to, also beyond a multiple of 32', () => {
    const window = new ReplayWindow(100);
    window.mark(500);
    expect(window.check(401)).toBe('fresh');
    expect(window.check(400)).toBe('too-old');
  });
});

describe('raise', () => {
  it('makes everything up to the floor too old, above what was seen', () => {
    const window = new ReplayWindow(64);
    window.mark(10);
    window.raise(65_536);
    expect(window.check(65_536)).toBe('too-old');
    expect(window.check(65_500)).toBe('too-old');
    expect(window.check(65_537)).toBe('fresh');
    expect(window.highest).toBe(65_536);
    window.mark(65_600);
    expect(window.check(65_536)).toBe('too-old');
    expect(window.check(65_537)).toBe('fresh');
  });

  it('keeps what was seen above a floor inside the window', () => {
    const window = new ReplayWindow(64);
    window.mark(100);
    window.mark(98);
    window.raise(97);
    expect(window.check(97)).toBe('too-old');
    expect(window.check(98)).toBe('replayed');
    expect(window.check(99)).toBe('fresh');
  });

  it('never lowers a floor', () => {
    const window = new ReplayWindow(64);
    window.raise(50);
    window.raise(20);
    expect(window.check(40)).toBe('too-old');
  });
});

describe('the snapshot', () => {
  it('brings the window back as it was', () => {
    const window = new ReplayWindow(2048);
    for (const sequence of [3, 2 ** 33 + 7, 2 ** 33 + 1, 2 ** 33 - 5]) window.mark(sequence);
    window.raise(2 ** 33 - 100);
    const back = new ReplayWindow(2048);
    expect(back.restore(window.snapshot())).toBe(true);
    expect(back.snapshot()).toEqual(window.snapshot());
    expect(back.highest).toBe(2 ** 33 + 7);
    expect(back.check(2 ** 33 + 1)).toBe('replayed');
    expect(back.check(2 ** 33 + 2)).toBe('fresh');
    expect(back.check(2 ** 33 - 100)).toBe('too-old');
  });

  it('is small enough to travel in a socket attachment', () => {
    expect(new ReplayWindow(2048).snapshot().length).toBe(20 + 65 * 4);
  });

  it('is refused by a window of another size, which stays as it was', () => {
    const window = new ReplayWindow(64);
    window.mark(9);
    const before = window.snapshot();
    expect(window.restore(new ReplayWindow(128).snapshot())).toBe(false);
    expect(window.restore(new ReplayWindow(65).snapshot())).toBe(false);
    expect(window.restore(new Uint8Array())).toBe(false);
    expect(window.snapshot()).toEqual(before);
  });
});

describe('extended sequence numbers (RFC 4303 appendix A2.2)', () => {
  const W = 64;
  const T32 = 2 ** 32;

  it('takes any first number as of the first subspace', () => {
    for (const low of [0, 1, 2, 63, 64, 65, 2 ** 31, T32 - W, T32 - 2, T32 - 1])
      expect(inferSequence(low, 0, W)).toBe(low);
    for (const low of [1, T32 - W + 10, T32 - 1]) expect(inferSequence(low, 5, W)).toBe(low);
  });

  it('case A: the window lies in one subspace', () => {
    const T = T32 + 1000;
    expect(inferSequence(1000 - W + 1, T, W)).toBe(T - W + 1);
    expect(inferSequence(T32 - 1, T, W)).toBe(2 * T32 - 1);
    expect(inferSequence(1000 - W, T, W)).toBe(2 * T32 + 1000 - W);
    expect(inferSequence(0, T, W)).toBe(2 * T32);
  });

  it('case A begins at Tl = W-1', () => {
    const T = 3 * T32 + W - 1;
    expect(inferSequence(0, T, W)).toBe(3 * T32);
    expect(inferSequence(T32 - 1, T, W)).toBe(4 * T32 - 1);
  });

  it('case B: the window spans two subspaces', () => {
    const T = 3 * T32 + W - 2;
    expect(inferSequence(T32 - 1, T, W)).toBe(3 * T32 - 1);
    expect(inferSequence(T32 - 2, T, W)).toBe(4 * T32 - 2);
    expect(inferSequence(0, T, W)).toBe(3 * T32);
    expect(inferSequence(W, T, W)).toBe(3 * T32 + W);
  });

  it('follows the window over the end of a subspace', () => {
    const window = new ReplayWindow(W);
    window.mark(T32 - 3);
    for (const low of [T32 - 2, 2, T32 - 1, 0, 1]) {
      const sequence = window.infer(low);
      expect(sequence).toBe(low < 10 ? T32 + low : low);
      expect(window.check(sequence)).toBe('fresh');
      window.mark(sequence);
      expect(window.check(sequence)).toBe('replayed');
    }
    expect(window.highest).toBe(T32 + 2);
  });
});
