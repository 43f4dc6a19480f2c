// The cursor that every parser reads with.

import { describe, expect, it } from 'vitest';
import { Malformed } from '../../../src/bytes/malformed.ts';
import { Reader } from '../../../src/bytes/reader.ts';

const OCTETS = Uint8Array.from({ length: 24 }, (_, i) => 0xf0 + i);

describe('Reader', () => {
  it('reads big endian, unsigned', () => {
    const r = new Reader(OCTETS);
    expect(r.u8()).toBe(0xf0);
    expect(r.u16()).toBe(0xf1f2);
    expect(r.u24()).toBe(0xf3f4f5);
    expect(r.u32()).toBe(0xf6f7f8f9);
    expect(r.u64()).toBe(0xfafbfcfdfeff0001n);
    expect(r.offset).toBe(18);
    expect(r.remaining).toBe(6);
  });

  it('hands out views, not copies', () => {
    const r = new Reader(OCTETS, 2);
    expect(r.take(3).buffer).toBe(OCTETS.buffer);
    expect(r.take(0)).toHaveLength(0);
    expect([...r.rest()]).toEqual([...OCTETS.subarray(5)]);
    expect(r.remaining).toBe(0);
  });

  it('counts the offsets of a part from the start of the whole', () => {
    const r = new Reader(OCTETS);
    r.u32();
    const part = r.sub(6);
    expect(part.offset).toBe(4);
    expect(part.remaining).toBe(6);
    expect(r.offset).toBe(10);
    part.take(6);
    expect(() => part.u8()).toThrow(Malformed);
    expect(r.u8()).toBe(OCTETS[10]);
  });

  it('stays where it is when a read fails', () => {
    const r = new Reader(OCTETS, 0, 3);
    expect(() => r.u32()).toThrow('4 octets wanted, 3 left');
    expect(r.u24()).toBe(0xf0f1f2);
  });

  it.each([
    ['u8', (r: Reader) => r.u8()],
    ['u16', (r: Reader) => r.u16()],
    ['u24', (r: Reader) => r.u24()],
    ['u32', (r: Reader) => r.u32()],
    ['u64', (r: Reader) => r.u64()],
    ['take', (r: Reader) => r.take(1)],
    ['sub', (r: Reader) => r.sub(1)],
  ])('%s throws Malformed at the end', (_, read) => {
    expect(() => read(new Reader(OCTETS, 24))).toThrow(Malformed);
  });

  it('never walks backwards', () => {
    const r = new Reader(OCTETS, 8);
    expect(() => r.take(-4)).toThrow(Malformed);
    expect(() => r.sub(-1)).toThrow(Malformed);
    expect(r.offset).toBe(8);
  });

  it('cuts bounds to what is there', () => {
    expect(new Reader(OCTETS, 20, 99).remaining).toBe(4);
    expect(new Reader(OCTETS, 99).remaining).toBe(0);
  });

  it('names what should have been the end', () => {
    expect(() => new Reader(OCTETS).expectEmpty('the last selector')).toThrow('24 octets follow the last selector');
    new Reader(OCTETS, 24).expectEmpty('the last selector');
  });
});
