// The ICV of an ESP packet under a keyed hash: RFC 4303 section 2.8, RFC 4868.

import { equalConstantTime } from '../bytes/octets.ts';
import { type IntegAlgorithm, integAlgorithm } from '../crypto/algorithms.ts';
import type { Primitives } from '../crypto/primitives.ts';
import type { EspParameters } from './parameters.ts';
import { highWord, writeU32 } from './transform.ts';

export class HmacIcv {
  readonly octets: number;
  readonly #primitives: Primitives;
  readonly #integ: IntegAlgorithm;
  readonly #key: Uint8Array;
  readonly #esn: boolean;

  /** @throws RangeError for a suite without integrity. */
  constructor(primitives: Primitives, { suite, keys }: EspParameters) {
    const integ = integAlgorithm(suite.integ);
    if (integ === null) throw new RangeError(`ENCR ${suite.encr} without integrity`);
    this.octets = integ.icvOctets;
    this.#primitives = primitives;
    this.#integ = integ;
    this.#key = keys.integ;
    this.#esn = suite.esn;
  }

  /** Over all of the packet up to `end`, where the ICV stands: SPI | sequence | IV | ciphertext [| high 32 bits of the sequence] (section 2.2.1). */
  of(packet: Uint8Array, end: number, sequence: number): Uint8Array {
    const covered = packet.subarray(0, end);
    if (!this.#esn) return this.#hmac(covered);
    const high = new Uint8Array(4);
    writeU32(high, 0, highWord(sequence));
    return this.#hmac(covered, high);
  }

  fits(packet: Uint8Array, end: number, sequence: number): boolean {
    return equalConstantTime(this.of(packet, end, sequence), packet.subarray(end));
  }

  #hmac(...parts: Uint8Array[]): Uint8Array {
    return this.#primitives.hmac(this.#integ.hash, this.#key, ...parts).subarray(0, this.octets);
  }
}
