// ESP header and trailer.

import { describe, expect, it } from 'vitest';
import { fromHex, toHex } from '../../../src/bytes/octets.ts';
import {
  EspNextHeader,
  espPlaintextLength,
  espSequence,
  espSpi,
  parseEspTrailer,
  writeEspHeader,
  writeEspTrailer,
} from '../../../src/wire/esp.ts';

describe('ESP', () => {
  it('begins with SPI and sequence number', () => {
    const packet = new Uint8Array(16);
    writeEspHeader(packet, 0xc0ffee01, 0xfffffffe);
    expect(toHex(packet)).toBe('c0ffee01fffffffe0000000000000000');
    expect(espSpi(packet)).toBe(0xc0ffee01);
    expect(espSequence(packet)).toBe(0xfffffffe);
  });

  it('sends the low half of an extended sequence number', () => {
    const packet = new Uint8Array(8);
    writeEspHeader(packet, 256, 5 * 2 ** 32 + 7);
    expect(toHex(packet)).toBe('0000010000000007');
  });

  it.each([
    [0, 4, 4],
    [2, 4, 4],
    [3, 4, 8],
    [60, 4, 64],
    [14, 16, 16],
    [15, 16, 32],
    [1400, 16, 1408],
  ])('%d octets of payload aligned to %d have a plaintext of %d', (payload, alignment, plaintext) => {
    expect(espPlaintextLength(payload, alignment)).toBe(plaintext);
  });

  it('ends with 1, 2, 3, ..., pad length and next header', () => {
    const plaintext = fromHex('aabbcc'.padEnd(32, 'f'));
    writeEspTrailer(plaintext, 3, EspNextHeader.IPV4);
    expect(toHex(plaintext)).toBe('aabbcc0102030405060708090a0b0b04');
    expect(parseEspTrailer(plaintext)).toEqual({ nextHeader: 4, payloadLength: 3 });
  });

  it.each([
    ['0004', { nextHeader: 4, payloadLength: 0 }],
    ['aa003b', { nextHeader: 59, payloadLength: 1 }],
    ['aabb0229', { nextHeader: 41, payloadLength: 0 }],
    ['aabb0329', null],
    ['04', null],
    ['', null],
  ])('reads the end of %j', (hex, trailer) => {
    expect(parseEspTrailer(fromHex(hex))).toEqual(trailer);
  });
});
