// What is sealed at rest: AES-256-GCM, all of it synchronous, because it shares a turn with the write.

import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { readPlain, writePlain } from './plain.ts';

const NONCE_OCTETS = 12;
const TAG_OCTETS = 16;

/** @returns nonce | ciphertext | tag. `key` has 32 octets; `place` says where it is kept and is authenticated. */
export function sealAtRest(key: Uint8Array, place: string, value: unknown): Uint8Array {
  const nonce = randomBytes(NONCE_OCTETS);
  const cipher = createCipheriv('aes-256-gcm', key, nonce);
  cipher.setAAD(new TextEncoder().encode(place));
  const body = cipher.update(writePlain(value), 'utf8');
  cipher.final();
  const sealed = new Uint8Array(NONCE_OCTETS + body.length + TAG_OCTETS);
  sealed.set(nonce);
  sealed.set(body, NONCE_OCTETS);
  sealed.set(cipher.getAuthTag(), NONCE_OCTETS + body.length);
  return sealed;
}

/** @returns null when this key did not seal it for this place. */
export function openAtRest(key: Uint8Array, place: string, sealed: Uint8Array): unknown {
  if (sealed.length < NONCE_OCTETS + TAG_OCTETS) return null;
  const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, NONCE_OCTETS));
  decipher.setAAD(new TextEncoder().encode(place));
  decipher.setAuthTag(sealed.subarray(sealed.length - TAG_OCTETS));
  try {
    const body = decipher.update(sealed.subarray(NONCE_OCTETS, sealed.length - TAG_OCTETS), undefined, 'utf8');
    decipher.final();
    return readPlain(body);
  } catch {
    return null;
  }
}
