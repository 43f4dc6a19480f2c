import { describe, expect, it } from 'vitest';
import { ALWAYS_CHALLENGE, Admission, RATES } from '../../../relay/admission.ts';
import { SourceBudget, sourceOf } from '../../../relay/budget.ts';

function takes(take: () => boolean, times: number): number {
  let taken = 0;
  for (let i = 0; i < times; i++) if (take()) taken += 1;
  return taken;
}

describe('SourceBudget', () => {
  it('gives each source its own burst and refills it with time', () => {
    const budget = new SourceBudget({ burst: 3, perSecond: 2 }, 10);
    expect(takes(() => budget.take('a', 0), 5)).toBe(3);
    expect(takes(() => budget.take('b', 0), 5)).toBe(3);
    expect(takes(() => budget.take('a', 499), 5)).toBe(0);
    expect(takes(() => budget.take('a', 1000), 5)).toBe(2);
    expect(takes(() => budget.take('a', 3_600_000), 5)).toBe(3);
  });

  it('remembers no more sources than its limit, and forgets the one unheard of for longest', () => {
    const budget = new SourceBudget({ burst: 1, perSecond: 0 }, 2);
    budget.take('a', 0);
    budget.take('b', 0);
    expect(budget.take('a', 0)).toBe(false);
    budget.take('c', 0);
    expect(budget.size).toBe(2);
    expect(budget.take('a', 0)).toBe(false);
    expect(budget.take('b', 0)).toBe(true);
  });

  it('counts an IPv4 host by its address and an IPv6 one by its /64', () => {
    const six = (last: number) => Uint8Array.of(0x20, 1, 0xd, 0xb8, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, last);
    expect(sourceOf(six(1))).toBe(sourceOf(six(2)));
    expect(sourceOf(six(1).with(7, 2))).not.toBe(sourceOf(six(1)));
    expect(sourceOf(Uint8Array.of(192, 0, 2, 1))).not.toBe(sourceOf(Uint8Array.of(192, 0, 2, 2)));
  });
});

describe('Admission', () => {
  it('asks one source that begins too much for a cookie, and lets others in', () => {
    const admission = new Admission({ ...RATES, unprovenPerSource: { burst: 2, perSecond: 1 } });
    expect([1, 2, 3].map(() => admission.newcomer('a', 0))).toEqual(['admit', 'admit', 'challenge']);
    expect(admission.newcomer('b', 0)).toBe('admit');
    expect(admission.newcomer('a', 1000)).toBe('admit');
  });

  it('asks everybody for a cookie when all together begin too much', () => {
    const admission = new Admission({ ...RATES, unproven: { burst: 10, perSecond: 0 } });
    const verdicts = Array.from({ length: 50 }, (_, i) => admission.newcomer(String(i), 0));
    expect(verdicts.filter((verdict) => verdict === 'admit').length).toBe(10);
    expect(verdicts.slice(10).every((verdict) => verdict === 'challenge')).toBe(true);
    expect(admission.proven('50', 0)).toBe('admit');
  });

  it('bounds the cookies that it sends to one source', () => {
    const admission = new Admission({ ...ALWAYS_CHALLENGE, challengePerSource: { burst: 2, perSecond: 1 } });
    expect([1, 2, 3].map(() => admission.newcomer('a', 0))).toEqual(['challenge', 'challenge', 'refuse-source']);
  });

  it('a flood in the name of a source does not use up what its own cookies open', () => {
    const admission = new Admission(RATES);
    for (let i = 0; i < 1000; i++) admission.newcomer('victim', 0);
    expect(admission.newcomer('victim', 0)).toBe('refuse-source');
    expect(admission.proven('victim', 0)).toBe('admit');
  });

  it('bounds what those with cookies begin, each and all', () => {
    const admission = new Admission({
      ...RATES,
      proven: { burst: 3, perSecond: 0 },
      provenPerSource: { burst: 2, perSecond: 0 },
    });
    expect([1, 2, 3].map(() => admission.proven('a', 0))).toEqual(['admit', 'admit', 'refuse-source']);
    expect([1, 2].map(() => admission.proven('b', 0))).toEqual(['admit', 'refuse-all']);
  });

  it('bounds what forged SPIs wake: by source, and ESP apart from IKE', () => {
    const admission = new Admission({
      ...RATES,
      wakeByEsp: { burst: 5, perSecond: 1 },
      wakeByIke: { burst: 1, perSecond: 1 },
      wakePerSource: { burst: 2, perSecond: 1 },
    });
    expect([1, 2, 3].map(() => admission.wake('esp', 'a', 0))).toEqual(['admit', 'admit', 'refuse-source']);
    const others = Array.from({ length: 10 }, (_, i) => admission.wake('esp', `b${i}`, 0));
    expect(others.filter((verdict) => verdict === 'admit').length).toBe(3);
    expect(admission.wake('ike', 'c', 0)).toBe('admit');
    expect(admission.wake('ike', 'd', 0)).toBe('refuse-all');
  });
});
