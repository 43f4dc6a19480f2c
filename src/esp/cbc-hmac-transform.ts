// ESP with AES-CBC (RFC 3602) under an HMAC (RFC 4868): encrypted, then authenticated; verified, then decrypted.

import type { CbcKey, Primitives } from '../crypto/primitives.ts';
import { ESP_HEADER_OCTETS } from '../wire/esp.ts';
import { HmacIcv } from './hmac-icv.ts';
import type { EspParameters } from './parameters.ts';
import { type EspShape, espShape } from './shape.ts';
import type { EspTransform } from './transform.ts';

const IV_OCTETS = 16;
const IVS_AT_ONCE = 64;

export class CbcHmacTransform implements EspTransform {
  readonly shape: EspShape;
  readonly #primitives: Primitives;
  readonly #cbc: CbcKey;
  readonly #icv: HmacIcv;
  /** Unpredictable octets, asked for many IVs at once. */
  #ivs: Uint8Array = new Uint8Array();

  constructor(primitives: Primitives, parameters: EspParameters) {
    this.shape = espShape(parameters.suite);
    this.#primitives = primitives;
    this.#cbc = primitives.aesCbc(parameters.keys.encr);
    this.#icv = new HmacIcv(primitives, parameters);
  }

  seal(packet: Uint8Array, sequence: number): null {
    const start = ESP_HEADER_OCTETS + IV_OCTETS;
    const end = packet.length - this.#icv.octets;
    const iv = this.#unpredictable();
    packet.set(iv, ESP_HEADER_OCTETS);
    packet.set(this.#cbc.encrypt(iv, packet.subarray(start, end)), start);
    packet.set(this.#icv.of(packet, end, sequence), end);
    return null;
  }

  open(packet: Uint8Array, sequence: number): Uint8Array | null {
    const start = ESP_HEADER_OCTETS + IV_OCTETS;
    const end = packet.length - this.#icv.octets;
    if (!this.#icv.fits(packet, end, sequence)) return null;
    return this.#cbc.decrypt(packet.subarray(ESP_HEADER_OCTETS, start), packet.subarray(start, end));
  }

  #unpredictable(): Uint8Array {
    if (this.#ivs.length === 0) this.#ivs = this.#primitives.random(IVS_AT_ONCE * IV_OCTETS);
    const iv = this.#ivs.subarray(0, IV_OCTETS);
    this.#ivs = this.#ivs.subarray(IV_OCTETS);
    return iv;
  }
}
