// prf and prf+ of RFC 7296 section 2.13.

import { describe, expect, it } from 'vitest';
import { concat, fromHex, toHex } from '../../../src/bytes/octets.ts';
import { prf, prfKeyOctets, prfPlus } from '../../../src/crypto/prf.ts';
import { PrfId } from '../../../src/wire/ike-numbers.ts';
import { workerPrimitives } from '../../../worker/edge/primitives.ts';
import { describeShared, ownVectors, sharedJson } from '../../vector-files.ts';

const p = workerPrimitives();

describe('prf', () => {
  const { vectors } = ownVectors<{ vectors: { key: string; data: string; sha256: string }[] }>('rfc4231.json');

  it('is the HMAC of its parts joined', () => {
    const { key, data, sha256 } = vectors[6]!;
    const octets = fromHex(data);
    const parts = [octets.subarray(0, 1), new Uint8Array(0), octets.subarray(1, 50), octets.subarray(50)];
    expect(toHex(prf(p, PrfId.HMAC_SHA2_256, fromHex(key), ...parts))).toBe(sha256);
  });
});

describe('prf+', () => {
  const key = fromHex('000102030405060708090a0b0c0d0e0f');
  const seed = fromHex('5eed');

  it('follows T1 = prf (K, S | 0x01), T2 = prf (K, T1 | S | 0x02), T3 = prf (K, T2 | S | 0x03)', () => {
    const step = (last: Uint8Array, n: number) => p.hmac('sha384', key, concat(last, seed, Uint8Array.of(n)));
    const T1 = step(new Uint8Array(0), 1);
    const T2 = step(T1, 2);
    const T3 = step(T2, 3);
    const expected = concat(T1, T2, T3);
    for (const length of [0, 1, 47, 48, 49, 96, 97, 144]) {
      expect(toHex(prfPlus(p, PrfId.HMAC_SHA2_384, key, seed, length))).toBe(toHex(expected.subarray(0, length)));
    }
  });

  it('ends after 255 blocks', () => {
    expect(prfPlus(p, PrfId.HMAC_SHA1, key, seed, 255 * 20)).toHaveLength(255 * 20);
    expect(() => prfPlus(p, PrfId.HMAC_SHA1, key, seed, 255 * 20 + 1)).toThrow(RangeError);
  });

  it('has keys as long as the output', () => {
    const octets = [PrfId.HMAC_SHA1, PrfId.HMAC_SHA2_256, PrfId.HMAC_SHA2_384, PrfId.HMAC_SHA2_512].map(prfKeyOctets);
    expect(octets).toEqual([20, 32, 48, 64]);
  });
});

interface NssVector {
  prf: string;
  id: number;
  type: string;
  ikm: string;
  gxykm: string;
  okm: string;
  Ni: string;
  Nr: string;
  seed_data: string;
  size: number;
}

const NSS_PRF: Readonly<Record<string, number>> = {
  'hmac-sha1': PrfId.HMAC_SHA1,
  'hmac-sha256': PrfId.HMAC_SHA2_256,
  'hmac-sha384': PrfId.HMAC_SHA2_384,
  'hmac-sha512': PrfId.HMAC_SHA2_512,
};

describeShared('vectors of NSS', 'nss-ike-vectors.json', () => {
  /** Those of IKEv2, and of IKEv1 where it computes the same. */
  const derive: Readonly<Record<string, (id: number, v: NssVector) => Uint8Array>> = {
    ikeGxy: (id, v) => prf(p, id, fromHex(v.Ni + v.Nr), fromHex(v.ikm)),
    ikeV1Psk: (id, v) => prf(p, id, fromHex(v.ikm), fromHex(v.Ni + v.Nr)),
    ikeV2Rekey: (id, v) => prf(p, id, fromHex(v.ikm), fromHex(v.gxykm), fromHex(v.Ni), fromHex(v.Nr)),
    ikePlus: (id, v) => prfPlus(p, id, fromHex(v.ikm), fromHex(v.seed_data), v.size),
  };

  it.each(Object.keys(derive))('%s', (type) => {
    const { vectors } = sharedJson<{ vectors: NssVector[] }>('nss-ike-vectors.json');
    const mine = vectors.filter((v) => v.type === type && v.prf in NSS_PRF);
    expect(mine.length).toBeGreaterThanOrEqual(4);
    for (const v of mine) {
      expect(`${v.prf} ${v.id} ${toHex(derive[type]!(NSS_PRF[v.prf]!, v))}`).toBe(`${v.prf} ${v.id} ${v.okm}`);
    }
  });
});
