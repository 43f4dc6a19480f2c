import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ReplayWindow } from '../../src/esp/replay-window.ts';

/** RFC 4303 section 3.4.3 in its own words, with a Set that forgets nothing. */
class SetModel {
  highest = 0;
  floor = 0;
  readonly seen = new Set<number>();

  readonly size: number;

  constructor(size: number) {
    this.size = size;
  }

  check(sequence: number): string {
    if (sequence <= this.floor || sequence < this.highest - this.size + 1) return 'too-old';
    return this.seen.has(sequence) ? 'replayed' : 'fresh';
  }

  mark(sequence: number): void {
    if (this.check(sequence) !== 'fresh') return;
    this.seen.add(sequence);
    this.highest = Math.max(this.highest, sequence);
  }

  raise(floor: number): void {
    this.floor = Math.max(this.floor, floor);
    this.highest = Math.max(this.highest, floor);
  }
}

const W = 2048;
const JUMPS = [1, 31, 32, 33, W - 1, W, W + 1, 2 ** 31, 2 ** 32];

const step = (size: number) =>
  fc.record({
    kind: fc.constantFrom('mark', 'mark', 'mark', 'mark', 'mark', 'raise', 'restore'),
    by: fc.oneof(
      fc.constantFrom(...JUMPS, ...JUMPS.map((jump) => -jump), 0, size - 1, size, size + 1, 1 - size, -size),
      fc.integer({ min: -size - 40, max: size + 40 }),
    ),
  });

const scenario = fc
  .constantFrom(32, 33, 64, 100, 1024, W)
  .chain((size) =>
    fc.record({ size: fc.constant(size), steps: fc.array(step(size), { minLength: 1, maxLength: 120 }) }),
  );

function expectAgreement(window: ReplayWindow, model: SetModel): void {
  expect(window.highest).toBe(model.highest);
  const { highest, floor, size } = model;
  const edges = [highest, highest - size, highest - size + 1, floor, floor + 1];
  for (const at of [...edges, highest - 31, highest - 32, highest - 33, ...[...model.seen].slice(-50)]) {
    for (const probe of [at - 1, at, at + 1]) if (probe >= 0) expect(window.check(probe)).toBe(model.check(probe));
  }
  const from = Math.max(floor, highest - size);
  const marked = [...model.seen].filter((sequence) => sequence > from).length;
  expect(window.tally()).toEqual({ marked, span: highest - from });
}

describe('the replay window, against a Set', () => {
  it('agrees whatever the jumps, without extended sequence numbers', () => {
    fc.assert(
      fc.property(scenario, ({ size, steps }) => {
        let window = new ReplayWindow(size);
        const model = new SetModel(size);
        for (const { kind, by } of steps) {
          const sequence = Math.min(2 ** 32 - 1, Math.max(0, model.highest + by));
          window = apply(window, model, kind, sequence);
          expectAgreement(window, model);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('agrees whatever the jumps, when only the low 32 bits arrive', () => {
    fc.assert(
      fc.property(scenario, fc.constantFrom(0, 5, 2 ** 32 - 40, 2 ** 32 + W - 2, 2 ** 40), ({ size, steps }, start) => {
        let window = new ReplayWindow(size);
        const model = new SetModel(size);
        if (start > 0) {
          window.mark(start);
          model.mark(start);
        }
        for (const { kind, by } of steps) {
          const sequence = Math.max(0, model.highest + by);
          // Beyond 2^32 lost in a row, and below the window, the low bits mean another number (appendix A3).
          const reach = sequence > model.highest - size && sequence <= model.highest - size + 2 ** 32;
          if (reach) expect(window.infer(sequence % 2 ** 32)).toBe(sequence);
          window = apply(window, model, kind, sequence);
          expectAgreement(window, model);
        }
      }),
      { numRuns: 300 },
    );
  });
});

function apply(window: ReplayWindow, model: SetModel, kind: string, sequence: number): ReplayWindow {
  if (kind === 'raise') {
    window.raise(sequence);
    model.raise(sequence);
    return window;
  }
  if (kind === 'restore') {
    const copy = new ReplayWindow(window.size);
    expect(copy.restore(window.snapshot())).toBe(true);
    return copy;
  }
  expect(window.check(sequence)).toBe(model.check(sequence));
  window.mark(sequence);
  model.mark(sequence);
  return window;
}
