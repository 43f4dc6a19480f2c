// Sealing and opening of the Encrypted payload and its fragments: RFC 7296 section 3.14, RFC 5282, RFC 7383 section 2.5.

import { equalConstantTime } from '../bytes/octets.ts';
import { aeadNonce, saltedAead } from './aead.ts';
import { encrAlgorithm, integAlgorithm } from './algorithms.ts';
import type { Primitives } from './primitives.ts';
import type { IkeSuite } from './suite.ts';

/** Keys of the sender's direction: SK_e* and SK_a*. */
export interface SkKeys {
  readonly encr: Uint8Array;
  readonly integ: Uint8Array;
}

/** A whole message; `offset` is where the IV stands. All octets before it are covered by the ICV. */
export interface SkShell {
  readonly octets: Uint8Array;
  readonly offset: number;
}

/** Of IV, ciphertext and ICV together, for so many octets of inner payloads. */
export function skBodyLength(suite: IkeSuite, plaintextLength: number): number {
  const encr = encrAlgorithm(suite.encr);
  return encr.ivOctets + paddedLength(plaintextLength, encr.blockOctets) + icvOctets(suite);
}

/**
 * Fills the body of a shell of the length that skBodyLength told.
 * @param ivOrCounter 16 unpredictable octets for CBC; for an AEAD a number never used before under this key, or its 8 octets.
 * @returns the octets of the shell, complete.
 */
export async function sealSk(
  p: Primitives,
  suite: IkeSuite,
  keys: SkKeys,
  shell: SkShell,
  plaintext: Uint8Array,
  ivOrCounter: Uint8Array | bigint,
): Promise<Uint8Array> {
  const { octets, offset } = shell;
  const encr = encrAlgorithm(suite.encr);
  if (octets.length !== offset + skBodyLength(suite, plaintext.length)) {
    throw new RangeError('the shell is not of the length that the body needs');
  }
  const iv = typeof ivOrCounter === 'bigint' ? counterOctets(ivOrCounter) : ivOrCounter;
  if (iv.length !== encr.ivOctets) throw new RangeError(`an IV of ${encr.ivOctets} octets is needed`);
  octets.set(iv, offset);
  const start = offset + encr.ivOctets;
  const padded = pad(plaintext, encr.blockOctets);
  const integ = integAlgorithm(suite.integ);
  if (encr.aead) {
    const { key, salt } = saltedAead(p, suite.encr, keys.encr);
    octets.set(await key.seal(aeadNonce(salt, iv), octets.subarray(0, offset), padded), start);
  } else if (integ !== null) {
    octets.set(p.aesCbc(keys.encr).encrypt(iv, padded), start);
    const end = octets.length - integ.icvOctets;
    octets.set(p.hmac(integ.hash, keys.integ, octets.subarray(0, end)).subarray(0, integ.icvOctets), end);
  } else {
    throw new RangeError('a suite without integrity');
  }
  return octets;
}

/**
 * @param message an IkeMessage.
 * @returns the octets of the inner payloads, or null when the message is not protected, not authentic or not well padded.
 */
export async function openSk(
  p: Primitives,
  suite: IkeSuite,
  keys: SkKeys,
  message: { readonly octets: Uint8Array; readonly protected: { readonly offset: number } | null },
): Promise<Uint8Array | null> {
  if (message.protected === null) return null;
  const { octets } = message;
  const { offset } = message.protected;
  const encr = encrAlgorithm(suite.encr);
  const start = offset + encr.ivOctets;
  const end = octets.length - icvOctets(suite);
  // At least the Pad Length field is encrypted.
  if (end - start < encr.blockOctets || (end - start) % encr.blockOctets !== 0) return null;
  const iv = octets.subarray(offset, start);
  const integ = integAlgorithm(suite.integ);
  if (encr.aead) {
    const { key, salt } = saltedAead(p, suite.encr, keys.encr);
    return unpad(await key.open(aeadNonce(salt, iv), octets.subarray(0, offset), octets.subarray(start)));
  }
  if (integ === null) return null;
  const icv = p.hmac(integ.hash, keys.integ, octets.subarray(0, end)).subarray(0, integ.icvOctets);
  if (!equalConstantTime(icv, octets.subarray(end))) return null;
  return unpad(p.aesCbc(keys.encr).decrypt(iv, octets.subarray(start, end)));
}

function icvOctets(suite: IkeSuite): number {
  return encrAlgorithm(suite.encr).icvOctets + (integAlgorithm(suite.integ)?.icvOctets ?? 0);
}

function paddedLength(length: number, block: number): number {
  return Math.ceil((length + 1) / block) * block;
}

function pad(plaintext: Uint8Array, block: number): Uint8Array {
  const padded = new Uint8Array(paddedLength(plaintext.length, block));
  padded.set(plaintext);
  padded[padded.length - 1] = padded.length - plaintext.length - 1;
  return padded;
}

/** The receiver accepts any padding content and any length (RFC 7296 section 3.14). */
function unpad(padded: Uint8Array | null): Uint8Array | null {
  if (padded === null) return null;
  const length = padded.length - 1 - (padded.at(-1) ?? 0);
  return length < 0 ? null : padded.subarray(0, length);
}

function counterOctets(counter: bigint): Uint8Array {
  const octets = new Uint8Array(8);
  new DataView(octets.buffer).setBigUint64(0, counter);
  return octets;
}
