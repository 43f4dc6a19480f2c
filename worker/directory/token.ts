// Secrets that stand in links and headers: 256 random bits, of which only the hash is kept.

import { Buffer } from 'node:buffer';
import { createHash } from 'node:crypto';

const OCTETS = 32;

/** @param prefix tells people and scanners what the text is. */
export function makeToken(prefix = ''): string {
  return prefix + Buffer.from(crypto.getRandomValues(new Uint8Array(OCTETS))).toString('base64url');
}

/** SHA-256 in hexadecimal: what has 256 random bits needs no salt. */
export function tokenHash(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}
