// The table of algorithms against the registry's names and sizes.

import { describe, expect, it } from 'vitest';
import { encrAlgorithm, integAlgorithm, isSupported, isWeak, KE_METHODS } from '../../../src/crypto/algorithms.ts';
import { EncrId, Esn, IntegId, KeId, PrfId, TransformType } from '../../../src/wire/ike-numbers.ts';

const { ENCR, PRF, INTEG, KE, ESN } = TransformType;

describe('isSupported', () => {
  it('wants a key length of AES, and none of the others', () => {
    for (const id of [EncrId.AES_CBC, EncrId.AES_GCM_16, EncrId.NULL_AUTH_AES_GMAC]) {
      for (const keyBits of [128, 192, 256]) expect(isSupported({ type: ENCR, id, keyBits })).toBe(true);
      for (const keyBits of [0, 64, 129, 512]) expect(isSupported({ type: ENCR, id, keyBits })).toBe(false);
      expect(isSupported({ type: ENCR, id })).toBe(false);
    }
    expect(isSupported({ type: ENCR, id: EncrId.CHACHA20_POLY1305 })).toBe(true);
    expect(isSupported({ type: ENCR, id: EncrId.CHACHA20_POLY1305, keyBits: 256 })).toBe(false);
  });

  it.each<[number, readonly number[], readonly number[]]>([
    [ENCR, [EncrId.CHACHA20_POLY1305, EncrId.NULL], [EncrId.DES3, EncrId.AES_CTR, 0]],
    [PRF, [2, 5, 6, 7], [0, PrfId.HMAC_MD5, 4, 8]],
    [INTEG, [0, 2, 12, 13, 14], [IntegId.HMAC_MD5_96, 5, 8]],
    [KE, [0, 2, 5, 14, 15, 16, 19, 20, 21, 31], [1, 17, 22, 32]],
    [ESN, [Esn.NO, Esn.YES], [2]],
    [6, [], [0, 1]],
  ])('of transform type %i', (type, yes, no) => {
    for (const id of yes) expect(isSupported({ type, id })).toBe(true);
    for (const id of no) expect(isSupported({ type, id })).toBe(false);
  });
});

describe('isWeak', () => {
  it('holds for SHA-1, MD5, 3DES and MODP below 2048 bits', () => {
    const weak = [
      [ENCR, EncrId.DES3],
      [PRF, PrfId.HMAC_MD5],
      [PRF, PrfId.HMAC_SHA1],
      [INTEG, IntegId.HMAC_MD5_96],
      [INTEG, IntegId.HMAC_SHA1_96],
      [KE, KeId.MODP_1024],
      [KE, KeId.MODP_1536],
    ] as const;
    for (const [type, id] of weak) expect(isWeak(type, id)).toBe(true);
  });

  it('holds for nothing else that is supported', () => {
    for (const id of KE_METHODS.slice(0, -2)) expect(isWeak(KE, id)).toBe(false);
    for (const id of [EncrId.AES_CBC, EncrId.AES_GCM_16, EncrId.CHACHA20_POLY1305])
      expect(isWeak(ENCR, id)).toBe(false);
    for (const id of [5, 6, 7]) expect(isWeak(PRF, id)).toBe(false);
    for (const id of [0, 12, 13, 14]) expect(isWeak(INTEG, id)).toBe(false);
  });
});

describe('lookups', () => {
  it('throw for what no suite can hold', () => {
    expect(() => encrAlgorithm(EncrId.DES3)).toThrow(RangeError);
    expect(() => integAlgorithm(IntegId.HMAC_MD5_96)).toThrow(RangeError);
  });
});
