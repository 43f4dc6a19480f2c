// Keys out of a password as PKCS#12 makes them (RFC 7292 appendix B.2), with SHA-1.

import { sha1 } from '@noble/hashes/legacy.js';
import { concat } from '../../src/bytes/octets.ts';
import { utf16 } from './der.ts';

/** The ID octet: what the octets are for (RFC 7292 appendix B.3). */
export const Diversifier = { KEY: 1, IV: 2, MAC: 3 } as const;

/** Octets of SHA-1's input block and of its result. */
const V = 64;
const U = 20;

export function pkcs12Key(
  password: string,
  salt: Uint8Array,
  iterations: number,
  diversifier: number,
  length: number,
): Uint8Array {
  const start = new Uint8Array(V).fill(diversifier);
  // "with a two-octet terminator": appendix B.1.
  const secret = utf16(`${password}\0`);
  const mixed = concat(repeated(salt), repeated(secret));
  const key = new Uint8Array(Math.ceil(length / U) * U);
  for (let at = 0; at < length; at += U) {
    let block = sha1(concat(start, mixed));
    for (let i = 1; i < iterations; i++) block = sha1(block);
    key.set(block, at);
    for (let j = 0; j < mixed.length; j += V) addBlock(mixed.subarray(j, j + V), block);
  }
  return key.subarray(0, length);
}

/** Copies of the octets until whole blocks are full. */
function repeated(octets: Uint8Array): Uint8Array {
  const whole = Math.ceil(octets.length / V) * V;
  return Uint8Array.from({ length: whole }, (_, i) => octets[i % octets.length]!);
}

/** I_j = (I_j + B + 1) mod 2^v, where B is the block repeated. */
function addBlock(target: Uint8Array, block: Uint8Array): void {
  let carry = 1;
  for (let i = V - 1; i >= 0; i--) {
    carry += target[i]! + block[i % U]!;
    target[i] = carry & 0xff;
    carry >>= 8;
  }
}
