// ESP with AES-CBC (RFC 3602) under an HMAC (RFC 4868): encrypted, then authenticated; verified, then decrypted.

import { equalConstantTime } from '../bytes/octets.ts';
import { type IntegAlgorithm, integAlgorithm } from '../crypto/algorithms.ts';
import type { CbcKey, Primitives } from '../crypto/primitives.ts';
import { ESP_HEADER_OCTETS } from '../wire/esp.ts';
import type { EspParameters } from './parameters.ts';
import { type EspShape, espShape } from './shape.ts';
import { type EspTransform, highWord, writeU32 } from './transform.ts';

const IV_OCTETS = 16;
const IVS_AT_ONCE = 64;

export class CbcHmacTransform implements EspTransform {
  readonly shape: EspShape;
  readonly #primitives: Primitives;
  readonly #esn: boolean;
  readonly #cbc: CbcKey;
  readonly #integ: IntegAlgorithm;
  readonly #integKey: Uint8Array;
  /** Unpredictable octets, asked for many IVs at once. */
  #ivs: Uint8Array = new Uint8Array();

  constructor(primitives: Primitives, { suite, keys }: EspParameters) {
    const integ = integAlgorithm(suite.integ);
    if (integ === null) throw new RangeError('AES-CBC without integrity');
    this.shape = espShape(suite);
    this.#primitives = primitives;
    this.#esn = suite.esn;
    this.#cbc = primitives.aesCbc(keys.encr);
    this.#integ = integ;
    this.#integKey = keys.integ;
  }

  seal(packet: Uint8Array, sequence: number): null {
    const start = ESP_HEADER_OCTETS + IV_OCTETS;
    const end = packet.length - this.#integ.icvOctets;
    const iv = this.#unpredictable();
    packet.set(iv, ESP_HEADER_OCTETS);
    packet.set(this.#cbc.encrypt(iv, packet.subarray(start, end)), start);
    packet.set(this.#icv(packet, end, sequence), end);
    return null;
  }

  open(packet: Uint8Array, sequence: number): Uint8Array | null {
    const start = ESP_HEADER_OCTETS + IV_OCTETS;
    const end = packet.length - this.#integ.icvOctets;
    if (!equalConstantTime(this.#icv(packet, end, sequence), packet.subarray(end))) return null;
    return this.#cbc.decrypt(packet.subarray(ESP_HEADER_OCTETS, start), packet.subarray(start, end));
  }

  /** HMAC(SPI | sequence | IV | ciphertext [| high 32 bits of the sequence]), cut short (RFC 4303 section 2.2.1). */
  #icv(packet: Uint8Array, end: number, sequence: number): Uint8Array {
    const { hash, icvOctets } = this.#integ;
    const covered = packet.subarray(0, end);
    if (!this.#esn) return this.#primitives.hmac(hash, this.#integKey, covered).subarray(0, icvOctets);
    const high = new Uint8Array(4);
    writeU32(high, 0, highWord(sequence));
    return this.#primitives.hmac(hash, this.#integKey, covered, high).subarray(0, icvOctets);
  }

  #unpredictable(): Uint8Array {
    if (this.#ivs.length === 0) this.#ivs = this.#primitives.random(IVS_AT_ONCE * IV_OCTETS);
    const iv = this.#ivs.subarray(0, IV_OCTETS);
    this.#ivs = this.#ivs.subarray(IV_OCTETS);
    return iv;
  }
}
