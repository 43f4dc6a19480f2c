import { describe, expect, it } from 'vitest';
import type { RouteEntry } from '../../../src/route/network.ts';
import { parseAddress, parsePrefix } from '../../../src/wire/prefix.ts';
import { Router } from '../../../worker/edge/router.ts';

const address = (text: string) => parseAddress(text)!;
const prefix = (text: string) => parsePrefix(text)!;
const member = (name: string, route: number | null = 7): RouteEntry => ({ kind: 'member', member: name, route });
const at = 1_000_000;

describe('the router', () => {
  it('knows nothing before it is told', () => {
    expect(new Router().lookup(address('10.0.0.1'), at)).toBeNull();
  });

  it('keeps an answer for a minute and an absence for a second', () => {
    const router = new Router();
    router.learn({ prefix: prefix('10.0.0.0/24'), entry: member('a'), standing: null }, at);
    router.learn({ prefix: prefix('10.0.1.0/24'), entry: null, standing: null }, at);
    router.learn({ prefix: prefix('10.0.2.0/24'), entry: member('c', null), standing: null }, at);
    expect(router.lookup(address('10.0.0.9'), at + 59_999)?.entry).toEqual(member('a'));
    expect(router.lookup(address('10.0.0.9'), at + 60_000)).toBeNull();
    for (const absent of ['10.0.1.9', '10.0.2.9']) {
      expect(router.lookup(address(absent), at + 999)).not.toBeNull();
      expect(router.lookup(address(absent), at + 1_000)).toBeNull();
    }
  });

  it('takes the longest prefix, and the next one when that has ended', () => {
    const router = new Router();
    router.learn({ prefix: prefix('10.0.0.0/8'), entry: member('site'), standing: null }, at + 30_000);
    router.learn({ prefix: prefix('10.1.2.3/32'), entry: member('device'), standing: null }, at);
    expect(router.lookup(address('10.1.2.3'), at + 1)?.entry).toEqual(member('device'));
    expect(router.lookup(address('10.1.2.3'), at + 60_001)?.entry).toEqual(member('site'));
  });

  it('says when an answer in use should be asked for anew', () => {
    const router = new Router();
    const known = router.learn({ prefix: prefix('fd00::/64'), entry: member('a'), standing: null }, at);
    expect(router.isDue(known, at + 54_999)).toBe(false);
    expect(router.isDue(known, at + 55_001)).toBe(true);
    expect(router.isDue(router.learn({ prefix: prefix('fd01::/64'), entry: null, standing: null }, at), at + 999)).toBe(
      false,
    );
  });

  it('forgets an answer that was wrong, but not the one that has taken its place', () => {
    const router = new Router();
    const known = router.learn({ prefix: prefix('10.0.0.0/24'), entry: member('a'), standing: null }, at);
    router.forget(known);
    expect(router.lookup(address('10.0.0.1'), at + 5)).toBeNull();
    router.learn({ prefix: prefix('10.0.0.0/24'), entry: member('a', 8), standing: null }, at + 6);
    router.forget(known);
    expect(router.lookup(address('10.0.0.1'), at + 7)?.entry).toEqual(member('a', 8));
  });

  it('stays small whatever is asked', () => {
    const router = new Router();
    for (let i = 0; i < 20_000; i++) {
      router.learn(
        {
          prefix: { address: Uint8Array.of(10, i >> 16, (i >> 8) & 255, i & 255), length: 32 },
          entry: null,
          standing: null,
        },
        at,
      );
    }
    expect(router.size).toBeLessThanOrEqual(4_096);
    expect(router.lookup(address('10.0.78.31'), at)).not.toBeNull();
  });
});
