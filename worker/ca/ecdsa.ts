// ECDSA signatures of a WebCrypto key, in both forms that IKE takes: r|s (RFC 4754) and ASN.1 (RFC 7427).

import type { SignatureScheme } from '../../src/crypto/primitives.ts';

const HASHES = { sha1: 'SHA-1', sha256: 'SHA-256', sha384: 'SHA-384', sha512: 'SHA-512' } as const;

/** @throws for a scheme that is not ECDSA. */
export async function signEcdsa(key: CryptoKey, scheme: SignatureScheme, message: Uint8Array): Promise<Uint8Array> {
  if (scheme.kind !== 'ecdsa') throw new Error(`the gateway's key makes no ${scheme.kind} signatures`);
  const algorithm = { name: 'ECDSA', hash: HASHES[scheme.hash] };
  const raw = new Uint8Array(await crypto.subtle.sign(algorithm, key, message));
  return scheme.raw ? raw : derSignature(raw);
}

/** Ecdsa-Sig-Value ::= SEQUENCE { r INTEGER, s INTEGER }, RFC 3279 section 2.2.3; at most 64 octets each half. */
export function derSignature(raw: Uint8Array): Uint8Array {
  const half = raw.length / 2;
  const body = [...derInteger(raw.subarray(0, half)), ...derInteger(raw.subarray(half))];
  return Uint8Array.from([0x30, ...(body.length < 0x80 ? [body.length] : [0x81, body.length]), ...body]);
}

function derInteger(octets: Uint8Array): number[] {
  let start = 0;
  while (start < octets.length - 1 && octets[start] === 0) start++;
  const content = [...(octets[start]! >= 0x80 ? [0] : []), ...octets.subarray(start)];
  return [0x02, content.length, ...content];
}
