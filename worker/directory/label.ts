// Labels: what stands for a tenant's name where the whole deployment can read it, in identities and certificates.

const LONGEST = 32;
/** 31 characters of which none is taken for another; 31^8 are more than 2^39. */
const ALPHABET = '23456789abcdefghjkmnpqrstuvwxyz';
const SUFFIX = 8;
const WHOLE = 256 - (256 % ALPHABET.length);

/**
 * The name and a random suffix, whether the name is free or not: nobody learns from it what others have.
 * The default organisation has the deployment to itself as far as names go.
 */
export function labelFor(organisation: string, name: string): string {
  return organisation === 'default' ? name : `${slug(name, LONGEST - SUFFIX - 1)}-${randomText(SUFFIX)}`;
}

/** Letters, digits and inner hyphens of a text; `x` where it has none. */
export function slug(text: string, longest: number): string {
  const plain = text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, longest)
    .replace(/^-+|-+$/g, '');
  return plain === '' ? 'x' : plain;
}

export function randomText(length: number): string {
  let text = '';
  while (text.length < length) {
    for (const octet of crypto.getRandomValues(new Uint8Array(2 * length))) {
      // Only whole multiples of the alphabet, so that each character is as likely as any other.
      if (octet < WHOLE && text.length < length) text += ALPHABET[octet % ALPHABET.length];
    }
  }
  return text;
}
