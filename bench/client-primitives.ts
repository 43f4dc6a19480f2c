// The primitives of the Worker, but AES-GCM by node:crypto: in Node it takes a fraction of WebCrypto's time, and the client shares the machine.

import { createCipheriv, createDecipheriv } from 'node:crypto';
import type { AeadKey, Primitives } from '../src/crypto/primitives.ts';
import { workerPrimitives } from '../worker/edge/primitives.ts';

const TAG_OCTETS = 16;

export function clientPrimitives(): Primitives {
  return { ...workerPrimitives(), aesGcm };
}

function aesGcm(key: Uint8Array): AeadKey {
  const cipher = `aes-${key.length * 8}-gcm` as 'aes-256-gcm';
  return {
    async seal(nonce, aad, plaintext) {
      const sealing = createCipheriv(cipher, key, nonce);
      sealing.setAAD(aad);
      const sealed = new Uint8Array(plaintext.length + TAG_OCTETS);
      sealed.set(sealing.update(plaintext));
      sealing.final();
      sealed.set(sealing.getAuthTag(), plaintext.length);
      return sealed;
    },
    async open(nonce, aad, ciphertext) {
      const end = ciphertext.length - TAG_OCTETS;
      const opening = createDecipheriv(cipher, key, nonce, { authTagLength: TAG_OCTETS });
      opening.setAAD(aad);
      opening.setAuthTag(ciphertext.subarray(end));
      const plaintext = opening.update(ciphertext.subarray(0, end));
      try {
        opening.final();
      } catch {
        return null;
      }
      return plaintext;
    },
  };
}
