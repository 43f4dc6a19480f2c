// Secrets that people and programs copy: passwords of devices, pre-shared keys of sites.

/** Without the ones that are mistaken for each other, and without 0, which begins encoded secrets in swanctl.conf. */
const ALPHABET = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz';
/** 58^40 is more than 2^234. */
const LENGTH = 40;

export function makeSecret(): string {
  let secret = '';
  while (secret.length < LENGTH) {
    for (const octet of crypto.getRandomValues(new Uint8Array(2 * LENGTH))) {
      // Only whole multiples of the alphabet, so that each character is as likely as any other.
      if (octet < 4 * ALPHABET.length && secret.length < LENGTH) secret += ALPHABET[octet % ALPHABET.length];
    }
  }
  return secret;
}
