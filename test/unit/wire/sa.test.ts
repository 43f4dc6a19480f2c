// SA payload: what RFC 7296 section 3.3 draws, and what clients get wrong.

import { describe, expect, it } from 'vitest';
import { Malformed } from '../../../src/bytes/malformed.ts';
import { fromHex, toHex } from '../../../src/bytes/octets.ts';
import { EncrId, KeId, PrfId, Protocol, TransformType } from '../../../src/wire/ike-numbers.ts';
import { emitSA, parseSA } from '../../../src/wire/sa.ts';

const GCM = '0300000c 01000014 800e0100';
const PRF = '03000008 02000005';
const KE = '00000008 0400001f';

function hex(...parts: string[]): Uint8Array {
  return fromHex(parts.join('').replaceAll(' ', ''));
}

describe('SA payload', () => {
  it('reads and writes an IKE proposal', () => {
    const octets = hex('00000024 01010003', GCM, PRF, KE);
    const payload = parseSA(octets);
    expect(payload.proposals).toEqual([
      {
        number: 1,
        protocol: Protocol.IKE,
        spi: new Uint8Array(0),
        transforms: [
          { type: TransformType.ENCR, id: EncrId.AES_GCM_16, keyBits: 256 },
          { type: TransformType.PRF, id: PrfId.HMAC_SHA2_256 },
          { type: TransformType.KE, id: KeId.CURVE25519 },
        ],
      },
    ]);
    expect(toHex(emitSA(payload))).toBe(toHex(octets));
  });

  it('writes "more" before each but the last proposal and transform', () => {
    const payload = parseSA(hex('00000020 02030402 01020304', '0300000c 0100000c 800e0080', '00000008 05000000'));
    const two = emitSA({ proposals: [payload.proposals[0]!, payload.proposals[0]!] });
    expect([two[0], two[32]]).toEqual([2, 0]);
    expect([two[12], two[24]]).toEqual([3, 0]);
    expect(parseSA(two).proposals).toHaveLength(2);
  });

  it('takes proposals as macOS 14 numbers them: first number 3, of the wrong protocol (quirk 12)', () => {
    const octets = hex('02000024 03010003', GCM, PRF, KE, '00000014 07030401 c0ffee01 00000008 05000000');
    const { proposals } = parseSA(octets);
    expect(proposals.map((p) => [p.number, p.protocol])).toEqual([
      [3, Protocol.IKE],
      [7, Protocol.ESP],
    ]);
    expect(toHex(proposals[1]!.spi)).toBe('c0ffee01');
  });

  it('looks at lengths, not at "last substructure" octets', () => {
    const octets = hex('00000018 01010002 00000008 02000005 ff000008 0400001f', '07000010 02010001 63000008 02000006');
    expect(parseSA(octets).proposals.map((p) => p.transforms.length)).toEqual([2, 1]);
  });

  it('keeps protocols and transform types that nobody knows', () => {
    const octets = hex('00000010 01c80001 00000008 f0000fff');
    expect(parseSA(octets).proposals[0]).toMatchObject({ protocol: 200, transforms: [{ type: 240, id: 0x0fff }] });
  });

  it('reads a Key Length in TLV form', () => {
    const octets = hex('00000016 01010001 0000000e 0100000c 000e0002 0080');
    expect(parseSA(octets).proposals[0]!.transforms).toEqual([{ type: 1, id: EncrId.AES_CBC, keyBits: 128 }]);
  });

  it('names attributes that it does not know, in both forms', () => {
    const octets = hex('0000001f 01010001 00000017 0100000c 800e0080 80120001 00130003 aabbcc');
    expect(parseSA(octets).proposals[0]!.transforms).toEqual([
      { type: 1, id: EncrId.AES_CBC, keyBits: 128, otherAttributes: [18, 19] },
    ]);
  });

  it('counts a second Key Length as an attribute that it does not know', () => {
    const octets = hex('00000018 01010001 00000010 0100000c 800e0080 800e0100');
    expect(parseSA(octets).proposals[0]!.transforms).toEqual([
      { type: 1, id: EncrId.AES_CBC, keyBits: 128, otherAttributes: [14] },
    ]);
  });

  it.each([
    ['no proposal', ''],
    ['a proposal shorter than its header', '00000003 01010000'],
    ['a proposal longer than the payload', '00000040 01010001 00000008 02000005'],
    ['fewer transforms than counted', '00000010 01010002 00000008 02000005'],
    ['more transforms than counted', '00000018 01010001 03000008 02000005 00000008 04000013'],
    ['a transform shorter than its header', '00000010 01010001 00000007 02000005'],
    ['a transform that leaves its proposal', '00000010 01010001 00000009 02000005 00'],
    ['an SPI that leaves its proposal', '0000000c 01030800 01020304'],
    ['an attribute cut off', '00000013 01010001 0000000b 0100000c 800e01'],
    ['a long attribute cut off', '00000014 01010001 0000000c 0100000c 000e0009'],
  ])('refuses %s', (_, octets) => {
    expect(() => parseSA(hex(octets))).toThrow(Malformed);
  });

  it('reads 64 proposals and no more', () => {
    const one = '00000010 01010001 00000008 02000005';
    expect(parseSA(hex(one.repeat(64))).proposals).toHaveLength(64);
    expect(() => parseSA(hex(one.repeat(65)))).toThrow('more than 64 proposals');
  });
});
