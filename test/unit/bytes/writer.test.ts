// The buffer that every emitter writes to.

import { describe, expect, it } from 'vitest';
import { toHex } from '../../../src/bytes/octets.ts';
import { Reader } from '../../../src/bytes/reader.ts';
import { Writer } from '../../../src/bytes/writer.ts';

describe('Writer', () => {
  it('writes big endian', () => {
    const w = new Writer();
    w.u8(0xf0);
    w.u16(0xf1f2);
    w.u32(0xf3f4f5f6);
    w.u64(0xf7f8f9fafbfcfdfen);
    w.octets(Uint8Array.of(1, 2));
    expect(w.length).toBe(17);
    expect(toHex(w.finish())).toBe('f0f1f2f3f4f5f6f7f8f9fafbfcfdfe0102');
  });

  it('writes numbers beyond 32 bits, and cuts their fractions', () => {
    for (const [value, written] of [
      [0, 0],
      [2 ** 32 - 1, 2 ** 32 - 1],
      [2 ** 32 + 7.9, 2 ** 32 + 7],
      [1_800_000_000_123.456, 1_800_000_000_123],
      [Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER],
    ] as const) {
      const w = new Writer();
      w.u53(value);
      const octets = w.finish();
      expect(new DataView(octets.buffer).getBigUint64(0)).toBe(BigInt(written));
      expect(new Reader(octets).u53()).toBe(written);
    }
  });

  it('grows, and finishes in a buffer of exactly its length', () => {
    for (const capacity of [0, 1, 5, 6, 64]) {
      const w = new Writer(capacity);
      w.octets(Uint8Array.of(1, 2, 3));
      w.u16(0x0405);
      w.u8(6);
      const octets = w.finish();
      expect([...octets]).toEqual([1, 2, 3, 4, 5, 6]);
      expect(octets.buffer.byteLength).toBe(6);
    }
  });

  it('holds 0xffff where a length is still owed', () => {
    const w = new Writer();
    const mark = w.reserve16();
    w.u8(9);
    expect(toHex(w.finish())).toBe('ffff09');
    w.patch16(mark, 0x0102);
    expect(toHex(w.finish())).toBe('010209');
  });

  it('refuses a length that 16 bits do not hold', () => {
    const w = new Writer();
    const mark = w.reserve16();
    expect(() => w.patch16(mark, 65_536)).toThrow(RangeError);
    expect(() => w.patch16(mark, -1)).toThrow(RangeError);
    w.patch16(mark, 65_535);
  });
});
