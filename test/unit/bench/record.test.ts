// What the bench writes into the documentation, and how it keeps its time.

import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type Options, parseOptions } from '../../../bench/options.ts';
import { rounds } from '../../../bench/plan.ts';
import { recorded } from '../../../bench/record.ts';

const PAGE = readFileSync(new URL('../../../docs/benchmarks.md', import.meta.url), 'utf8');

describe('the record', () => {
  it('takes the place of the one before, and of nothing else', () => {
    const once = recorded(PAGE, 'one fact\n');
    const twice = recorded(once, 'another fact\n');
    expect(twice).toContain('```\nanother fact\n```');
    expect(twice).not.toContain('one fact');
    expect(recorded(twice, 'one fact\n')).toBe(once);
    expect(once.split('<!-- written')[0]).toBe(PAGE.split('<!-- written')[0]);
  });

  it('is refused by a page without a place for it', () => {
    expect(() => recorded('nothing', 'facts')).toThrow('lacks the mark');
  });
});

describe('rounds', () => {
  const optionsOf = (...argv: string[]): Options => {
    const parsed = parseOptions(argv);
    if (parsed.kind !== 'bench') throw new Error(parsed.kind);
    return parsed.options;
  };

  it('are as many as were asked for, and at least one when the time is over', () => {
    let now = 0;
    const more = rounds(optionsOf('--rounds', '3', '--minutes', '1'), () => now);
    expect([0, 1, 2, 3].map(more)).toEqual([true, true, true, false]);
    now = 60_000;
    expect([0, 1, 2].map(more)).toEqual([true, false, false]);
  });

  it('have twelve minutes, or three', () => {
    expect(optionsOf().budgetMs).toBe(12 * 60_000);
    expect(optionsOf('--quick').budgetMs).toBe(3 * 60_000);
    expect(optionsOf().peers).toEqual([1, 10, 100, 1000]);
  });
});
