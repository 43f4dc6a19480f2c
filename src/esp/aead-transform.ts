// ESP with AES-GCM (RFC 4106) and ChaCha20-Poly1305 (RFC 7634).

import { saltedAead } from '../crypto/aead.ts';
import type { AeadKey, Primitives } from '../crypto/primitives.ts';
import { ESP_HEADER_OCTETS } from '../wire/esp.ts';
import type { EspParameters } from './parameters.ts';
import { type EspShape, espShape } from './shape.ts';
import { type EspTransform, highWord, writeU32 } from './transform.ts';

const SALT_OCTETS = 4;
const IV_OCTETS = 8;
const NONCE_OCTETS = SALT_OCTETS + IV_OCTETS;
/** A buffer for many: what WebCrypto is given must have a buffer outside of the heap, which costs more than what goes in. */
const NONCES_OCTETS = 128 * NONCE_OCTETS;

export class AeadTransform implements EspTransform {
  readonly shape: EspShape;
  readonly #esn: boolean;
  readonly #key: AeadKey;
  readonly #salt: Uint8Array;
  #nonces = new Uint8Array(0);
  #used = 0;

  constructor(primitives: Primitives, { suite, keys }: EspParameters) {
    const { key, salt } = saltedAead(primitives, suite.encr, keys.encr);
    this.shape = espShape(suite);
    this.#esn = suite.esn;
    this.#key = key;
    this.#salt = salt;
  }

  seal(packet: Uint8Array, sequence: number): Promise<Uint8Array> {
    const start = ESP_HEADER_OCTETS + IV_OCTETS;
    // The sequence number is the IV: it never comes twice under one key.
    writeU32(packet, ESP_HEADER_OCTETS, highWord(sequence));
    writeU32(packet, ESP_HEADER_OCTETS + 4, sequence);
    const plaintext = packet.subarray(start, packet.length - this.shape.icvOctets);
    return this.#key.seal(this.#nonce(packet), this.#aad(packet, sequence), plaintext);
  }

  open(packet: Uint8Array, sequence: number): Promise<Uint8Array | null> {
    const ciphertext = packet.subarray(ESP_HEADER_OCTETS + IV_OCTETS);
    return this.#key.open(this.#nonce(packet), this.#aad(packet, sequence), ciphertext);
  }

  /** salt | IV. Each packet has its own: a key may look at it only after the call has returned. */
  #nonce(packet: Uint8Array): Uint8Array {
    if (this.#used === this.#nonces.length) {
      this.#nonces = new Uint8Array(NONCES_OCTETS);
      this.#used = 0;
    }
    const nonce = this.#nonces.subarray(this.#used, (this.#used += NONCE_OCTETS));
    for (let i = 0; i < SALT_OCTETS; i++) nonce[i] = this.#salt[i]!;
    for (let i = 0; i < IV_OCTETS; i++) nonce[SALT_OCTETS + i] = packet[ESP_HEADER_OCTETS + i]!;
    return nonce;
  }

  /** SPI | sequence number of 32 or 64 bits (RFC 4106 section 5, RFC 7634 section 2.1). */
  #aad(packet: Uint8Array, sequence: number): Uint8Array {
    if (!this.#esn) return packet.subarray(0, ESP_HEADER_OCTETS);
    const aad = new Uint8Array(ESP_HEADER_OCTETS + 4);
    for (let i = 0; i < 4; i++) {
      aad[i] = packet[i]!;
      aad[8 + i] = packet[4 + i]!;
    }
    writeU32(aad, 4, highWord(sequence));
    return aad;
  }
}
