// The pseudorandom function of an IKE SA and prf+, which stretches it: RFC 7296 section 2.13.

import { concat } from '../bytes/octets.ts';
import { prfAlgorithm } from './algorithms.ts';
import type { Primitives } from './primitives.ts';

/** prf(key, data), the parts of the data one after the other. */
export function prf(p: Primitives, prfId: number, key: Uint8Array, ...data: Uint8Array[]): Uint8Array {
  return p.hmac(prfAlgorithm(prfId).hash, key, ...data);
}

/**
 * The first `length` octets of prf+ (K,S) = T1 | T2 | T3 | T4 | ...
 * @throws RangeError beyond 255 times the size of the prf output, where prf+ is not defined.
 */
export function prfPlus(p: Primitives, prfId: number, key: Uint8Array, seed: Uint8Array, length: number): Uint8Array {
  const blocks = Math.ceil(length / prfAlgorithm(prfId).octets);
  if (blocks > 255) throw new RangeError('prf+ ends after 255 blocks');
  const parts: Uint8Array[] = [];
  let last: Uint8Array = new Uint8Array(0);
  for (let i = 1; i <= blocks; i++) {
    // T1 = prf (K, S | 0x01), T2 = prf (K, T1 | S | 0x02), ...
    last = prf(p, prfId, key, last, seed, Uint8Array.of(i));
    parts.push(last);
  }
  return concat(...parts).subarray(0, length);
}

/** Octets of SK_d, SK_pi and SK_pr. */
export function prfKeyOctets(prfId: number): number {
  return prfAlgorithm(prfId).octets;
}
