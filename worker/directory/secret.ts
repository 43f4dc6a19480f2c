// Secrets that people and programs copy: passwords of devices, pre-shared keys of sites.

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

/** The same for the same token, which has more than enough of chance in it: a page and a file know it without anybody keeping it. */
export async function typedPasswordOf(token: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-512', new TextEncoder().encode(`typed password of ${token}`));
  const octets = [...new Uint8Array(digest)].filter((octet) => octet < 4 * ALPHABET.length);
  return octets
    .slice(0, TYPED_LENGTH)
    .map((octet) => ALPHABET[octet % ALPHABET.length])
    .join('');
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
