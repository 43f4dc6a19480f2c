import { describe, expect, it } from 'vitest';
import { type RouteEntry, RouteTable } from '../../../src/route/network.ts';

const v4 = (a: number, b: number, c: number, d: number) => Uint8Array.of(a, b, c, d);
const v6 = (...groups: number[]) => Uint8Array.from(groups.flatMap((group) => [group >>> 8, group & 255]));
const member = (name: string): RouteEntry => ({ kind: 'member', member: name, route: 7 });

describe('the route table', () => {
  it('knows nobody when it is empty', () => {
    const table = new RouteTable();
    expect(table.lookup(v4(10, 0, 0, 1))).toBeNull();
    expect(table.remove({ address: v4(10, 0, 0, 0), length: 8 })).toBe(false);
  });

  it('answers with the longest prefix', () => {
    const table = new RouteTable();
    table.insert({ address: v4(10, 0, 0, 0), length: 8 }, member('site'));
    table.insert({ address: v4(10, 1, 2, 3), length: 32 }, member('device'));
    table.insert({ address: v4(10, 1, 0, 0), length: 16 }, member('branch'));
    table.insert({ address: v4(0, 0, 0, 0), length: 0 }, member('exit'));
    table.insert({ address: v4(10, 255, 0, 1), length: 32 }, { kind: 'gateway' });
    expect(table.lookup(v4(10, 1, 2, 3))).toEqual(member('device'));
    expect(table.lookup(v4(10, 1, 2, 4))).toEqual(member('branch'));
    expect(table.lookup(v4(10, 2, 0, 0))).toEqual(member('site'));
    expect(table.lookup(v4(10, 255, 0, 1))).toEqual({ kind: 'gateway' });
    expect(table.lookup(v4(192, 0, 2, 1))).toEqual(member('exit'));
    expect(table.size).toBe(5);
  });

  it('keeps the two families apart', () => {
    const table = new RouteTable();
    table.insert({ address: v6(0, 0, 0, 0, 0, 0, 0, 0), length: 0 }, member('six'));
    expect(table.lookup(v4(0, 0, 0, 0))).toBeNull();
    table.insert({ address: v6(0xfd00, 1, 2, 3, 0, 0, 0, 0), length: 64 }, member('sixty-four'));
    expect(table.lookup(v6(0xfd00, 1, 2, 3, 9, 9, 9, 9))).toEqual(member('sixty-four'));
    expect(table.lookup(v6(0xfd00, 1, 2, 4, 9, 9, 9, 9))).toEqual(member('six'));
  });

  it('replaces and forgets', () => {
    const table = new RouteTable();
    const prefix = { address: v4(10, 1, 0, 0), length: 16 };
    table.insert(prefix, member('a'));
    table.insert(prefix, member('b'));
    expect(table.size).toBe(1);
    expect(table.lookup(v4(10, 1, 9, 9))).toEqual(member('b'));
    expect(table.remove({ address: v4(10, 1, 0, 0), length: 17 })).toBe(false);
    expect(table.remove(prefix)).toBe(true);
    expect(table.remove(prefix)).toBe(false);
    expect(table.lookup(v4(10, 1, 9, 9))).toBeNull();
    expect(table.size).toBe(0);
  });
});
