// Comparing, joining, hexadecimal, UTF-8.

import { describe, expect, it } from 'vitest';
import {
  compare,
  concat,
  equal,
  equalConstantTime,
  fromHex,
  text,
  toHex,
  utf8,
  xor,
  zeros,
} from '../../../src/bytes/octets.ts';

describe('octets', () => {
  it('joins', () => {
    expect(toHex(concat(fromHex('01'), zeros(0), fromHex('0203')))).toBe('010203');
    expect(concat()).toHaveLength(0);
  });

  it.each([equal, equalConstantTime])('%o tells equal from different', (same) => {
    expect(same(fromHex('0102'), fromHex('0102'))).toBe(true);
    expect(same(zeros(0), zeros(0))).toBe(true);
    expect(same(fromHex('0102'), fromHex('0103'))).toBe(false);
    expect(same(fromHex('0102'), fromHex('8102'))).toBe(false);
    expect(same(fromHex('0102'), fromHex('010200'))).toBe(false);
  });

  it('orders lexicographically, octets unsigned', () => {
    expect(compare(fromHex('7f'), fromHex('80'))).toBe(-1);
    expect(compare(fromHex('0200'), fromHex('01ff'))).toBe(1);
    expect(compare(fromHex('01'), fromHex('0100'))).toBe(-1);
    expect(compare(fromHex('0100'), fromHex('01'))).toBe(1);
    expect(compare(fromHex('0102'), fromHex('0102'))).toBe(0);
  });

  it('combines only what is of one length', () => {
    expect(toHex(xor(fromHex('ff0f'), fromHex('0ff0')))).toBe('f0ff');
    expect(() => xor(zeros(1), zeros(2))).toThrow(RangeError);
  });

  it('reads and writes hexadecimal', () => {
    expect([...fromHex('00fFa0')]).toEqual([0, 255, 160]);
    expect(toHex(Uint8Array.of(0, 15, 160, 255))).toBe('000fa0ff');
    for (const wrong of ['0', '0g', '0x00', '00 11', '+1']) expect(() => fromHex(wrong)).toThrow(RangeError);
  });
});

describe('UTF-8', () => {
  it.each([
    '',
    'Culvert',
    'Müller@büro',
    '東京',
    '🛰️ = U+1F6F0',
    '\u0000\u007f\u0080\u07ff\u0800\uffff\u{10000}\u{10ffff}',
  ])('writes and reads %j as the platform does', (sample) => {
    expect(toHex(utf8(sample))).toBe(toHex(new TextEncoder().encode(sample)));
    expect(text(utf8(sample))).toBe(sample);
  });

  it('replaces half a surrogate pair', () => {
    expect(toHex(utf8('a\ud800b\udc00'))).toBe(toHex(new TextEncoder().encode('a\ud800b\udc00')));
  });

  it.each([
    '80', // continuation without a lead
    'c080', // overlong
    'c3', // cut off
    'c328',
    'e08080', // overlong
    'e282', // cut off
    'e28228',
    'eda080', // a surrogate
    'f0808080', // overlong
    'f09f9b', // cut off
    'f4908080', // beyond U+10FFFF
    'f5', // never a lead
    'fffe',
    '61f09f41',
  ])('reads what is not valid (%s) as the platform does', (hex) => {
    const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
    expect(text(fromHex(hex))).toBe(decoder.decode(fromHex(hex)));
  });
});
