// The AEAD of a suite with the salt that came out of KEYMAT: RFC 5282 section 4, RFC 4106 section 4, RFC 7634 section 2.

import { EncrId } from '../wire/ike-numbers.ts';
import { encrAlgorithm } from './algorithms.ts';
import type { AeadKey, Primitives } from './primitives.ts';

export interface SaltedAead {
  readonly key: AeadKey;
  readonly salt: Uint8Array;
}

/** @param encr the key with its salt at the end, as IkeKeys and EspKeys hold it. */
export function saltedAead(p: Primitives, encrId: number, encr: Uint8Array): SaltedAead {
  const split = encr.length - encrAlgorithm(encrId).saltOctets;
  const key = encr.subarray(0, split);
  return {
    key: encrId === EncrId.CHACHA20_POLY1305 ? p.chaCha20Poly1305(key) : p.aesGcm(key),
    salt: encr.subarray(split),
  };
}

/** nonce = salt | IV, 4 and 8 octets. */
export function aeadNonce(salt: Uint8Array, iv: Uint8Array): Uint8Array {
  const nonce = new Uint8Array(12);
  nonce.set(salt, 0);
  nonce.set(iv, 4);
  return nonce;
}
