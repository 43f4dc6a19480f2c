// ESP with ENCR_NULL_AUTH_AES_GMAC (RFC 4543 section 3): authentic, and for everybody to read.

import { concat } from '../bytes/octets.ts';
import { aeadNonce, saltedAead } from '../crypto/aead.ts';
import type { AeadKey, Primitives } from '../crypto/primitives.ts';
import { ESP_HEADER_OCTETS } from '../wire/esp.ts';
import type { EspParameters } from './parameters.ts';
import { type EspShape, espShape } from './shape.ts';
import { type EspTransform, highWord, writeU32 } from './transform.ts';

/*
   AAD = SPI | sequence number of 32 or 64 bits | IV | payload | padding | pad length | next header

   "Authenticated Payload" of figures 2 and 3 begins with the IV (sections 3.1 and 3.5, figure 4).
*/

const IV_OCTETS = 8;
const NO_PLAINTEXT = new Uint8Array(0);

export class GmacTransform implements EspTransform {
  readonly shape: EspShape;
  readonly #esn: boolean;
  readonly #key: AeadKey;
  readonly #salt: Uint8Array;

  constructor(primitives: Primitives, { suite, keys }: EspParameters) {
    const { key, salt } = saltedAead(primitives, suite.encr, keys.encr);
    this.shape = espShape(suite);
    this.#esn = suite.esn;
    this.#key = key;
    this.#salt = salt;
  }

  async seal(packet: Uint8Array, sequence: number): Promise<Uint8Array> {
    const end = packet.length - this.shape.icvOctets;
    // The sequence number is the IV: it never comes twice under one key.
    writeU32(packet, ESP_HEADER_OCTETS, highWord(sequence));
    writeU32(packet, ESP_HEADER_OCTETS + 4, sequence);
    const icv = await this.#key.seal(this.#nonce(packet), this.#aad(packet, end, sequence), NO_PLAINTEXT);
    return concat(packet.subarray(ESP_HEADER_OCTETS + IV_OCTETS, end), icv);
  }

  async open(packet: Uint8Array, sequence: number): Promise<Uint8Array | null> {
    const end = packet.length - this.shape.icvOctets;
    const authentic = await this.#key.open(this.#nonce(packet), this.#aad(packet, end, sequence), packet.subarray(end));
    return authentic && packet.subarray(ESP_HEADER_OCTETS + IV_OCTETS, end);
  }

  #nonce(packet: Uint8Array): Uint8Array {
    return aeadNonce(this.#salt, packet.subarray(ESP_HEADER_OCTETS, ESP_HEADER_OCTETS + IV_OCTETS));
  }

  #aad(packet: Uint8Array, end: number, sequence: number): Uint8Array {
    if (!this.#esn) return packet.subarray(0, end);
    const high = new Uint8Array(4);
    writeU32(high, 0, highWord(sequence));
    return concat(packet.subarray(0, 4), high, packet.subarray(4, end));
  }
}
