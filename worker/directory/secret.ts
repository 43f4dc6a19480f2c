// Secrets that people and programs copy: passwords of devices, pre-shared keys of sites.

import { createHmac } from 'node:crypto';

/** Without the ones that are mistaken for each other, and without 0, which begins encoded secrets in swanctl.conf. */
const ALPHABET = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz';
/** 58^40 is more than 2^234. */
const LENGTH = 40;
/** Of a password that a person types from a screen: 58^16 is more than 2^93. */
const TYPED_LENGTH = 16;

export function makeSecret(): string {
  return draw(LENGTH);
}

export function makeTypedPassword(): string {
  return draw(TYPED_LENGTH);
}

/** The same for the same token: who holds a one-time link reads it on the page, and the file is sealed with it. */
export function typedPasswordOf(token: string): string {
  let password = '';
  for (let block = 0; password.length < TYPED_LENGTH; block++) {
    for (const octet of createHmac('sha256', token).update(`typed password ${block}`).digest()) {
      if (octet < 4 * ALPHABET.length && password.length < TYPED_LENGTH) password += ALPHABET[octet % ALPHABET.length];
    }
  }
  return password;
}

function draw(length: number): string {
  let secret = '';
  while (secret.length < length) {
    for (const octet of crypto.getRandomValues(new Uint8Array(2 * length))) {
      // Only whole multiples of the alphabet, so that each character is as likely as any other.
      if (octet < 4 * ALPHABET.length && secret.length < length) secret += ALPHABET[octet % ALPHABET.length];
    }
  }
  return secret;
}
