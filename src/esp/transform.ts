// How a suite turns the payload of an ESP packet into ciphertext and ICV: RFC 4303 sections 3.2 and 3.3.2.

import type { EspShape } from './shape.ts';

/** One suite with its keys. `packet` is always a whole ESP packet, `sequence` its whole sequence number. */
export interface EspTransform {
  readonly shape: EspShape;
  /**
   * Header and plaintext stand in place; the IV is written at once.
   * @returns what is to be put behind the IV (ciphertext and ICV), or null when it stands there already.
   */
  seal(packet: Uint8Array, sequence: number): Promise<Uint8Array> | null;
  /**
   * Leaves `packet`, whose length fits the shape, as it is.
   * @returns the plaintext with its trailer, null when the ICV is wrong.
   */
  open(packet: Uint8Array, sequence: number): Promise<Uint8Array | null> | Uint8Array | null;
}

const TWO_32 = 2 ** 32;

export function highWord(sequence: number): number {
  return Math.floor(sequence / TWO_32);
}

export function writeU32(octets: Uint8Array, at: number, value: number): void {
  octets[at] = value >>> 24;
  octets[at + 1] = value >>> 16;
  octets[at + 2] = value >>> 8;
  octets[at + 3] = value;
}
