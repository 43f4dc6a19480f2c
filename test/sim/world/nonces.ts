// Watches the one thing that must never happen to an AEAD key: two messages that left under the same nonce. RFC 5116 section 2.1.

import { toHex } from '../../../src/bytes/octets.ts';
import type { AeadKey, CbcKey, Primitives } from '../../../src/crypto/primitives.ts';

const ICV = 16;

/**
 * Sealing twice under one nonce is no harm while only one of the two leaves: a step may be thrown away and taken again. So each seal is
 * remembered by its ICV, and judged when a datagram that ends in it goes out.
 */
export class NonceWatch {
  readonly violations: string[] = [];
  /** ICV -> key and nonce. */
  readonly #sealed = new Map<string, string>();
  /** Key and nonce -> the ICV that left with them. */
  readonly #left = new Map<string, string>();
  readonly #ivs = new Set<string>();

  /** The same primitives, watched. */
  watch(primitives: Primitives): Primitives {
    return {
      ...primitives,
      aesGcm: (key) => this.#aead('gcm', key, primitives.aesGcm(key)),
      chaCha20Poly1305: (key) => this.#aead('chacha', key, primitives.chaCha20Poly1305(key)),
      aesCbc: (key) => this.#cbc(key, primitives.aesCbc(key)),
    };
  }

  /** A datagram goes out: IKE or ESP, from either side. */
  leaves(octets: Uint8Array): void {
    const icv = toHex(octets.subarray(-ICV));
    const used = this.#sealed.get(icv);
    if (used === undefined) return;
    const before = this.#left.get(used);
    if (before !== undefined && before !== icv) this.violations.push(`a nonce left twice: ${used.slice(-24)}`);
    this.#left.set(used, icv);
  }

  get count(): number {
    return this.#left.size + this.#ivs.size;
  }

  #aead(kind: string, key: Uint8Array, inner: AeadKey): AeadKey {
    const name = `${kind}/${toHex(key)}`;
    return {
      open: (nonce, aad, ciphertext) => inner.open(nonce, aad, ciphertext),
      seal: async (nonce, aad, plaintext) => {
        const used = `${name}/${toHex(nonce)}`;
        const sealed = await inner.seal(nonce, aad, plaintext);
        this.#sealed.set(toHex(sealed.subarray(-ICV)), used);
        return sealed;
      },
    };
  }

  /** An IV of CBC is random: the same one twice is a broken source of chance. */
  #cbc(key: Uint8Array, inner: CbcKey): CbcKey {
    const name = toHex(key);
    return {
      decrypt: (iv, ciphertext) => inner.decrypt(iv, ciphertext),
      encrypt: (iv, plaintext) => {
        const used = `${name}/${toHex(iv)}`;
        if (this.#ivs.has(used)) this.violations.push('a CBC IV came twice');
        this.#ivs.add(used);
        return inner.encrypt(iv, plaintext);
      },
    };
  }
}
