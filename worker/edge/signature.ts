// Signatures with keys in DER: RSA PKCS#1 1.5 and PSS by WebCrypto, ECDSA as r|s or ASN.1 and Ed25519 by node:crypto.
// Each does what the other does not: workerd's node:crypto makes PKCS#1 1.5 whatever padding it is asked for, and takes DER
// but no KeyObject beside an option; WebCrypto has no ASN.1 form of ECDSA.

import { createPublicKey, sign, verify, webcrypto } from 'node:crypto';
import type { HashName, PublicKeyKind, SignatureScheme } from '../../src/crypto/primitives.ts';

const CURVE_KINDS: ReadonlyMap<string, PublicKeyKind> = new Map([
  ['prime256v1', 'p256'],
  ['secp384r1', 'p384'],
  ['secp521r1', 'p521'],
]);

const HASHES: Readonly<Record<HashName, string>> = {
  sha1: 'SHA-1',
  sha256: 'SHA-256',
  sha384: 'SHA-384',
  sha512: 'SHA-512',
};

/** @throws when the key is not PKCS#8 DER or does not fit the scheme. */
export async function makeSignature(
  privateKey: Uint8Array,
  scheme: SignatureScheme,
  message: Uint8Array,
): Promise<Uint8Array> {
  const rsa = rsaAlgorithm(scheme);
  if (rsa !== null) {
    const key = await webcrypto.subtle.importKey('pkcs8', privateKey, rsa, false, ['sign']);
    return new Uint8Array(await webcrypto.subtle.sign(rsa, key, message));
  }
  const key = { key: Buffer.from(privateKey), format: 'der', type: 'pkcs8' } as const;
  return new Uint8Array(sign(hashOf(scheme), message, { ...key, ...encodingOf(scheme) }));
}

export async function checkSignature(
  publicKey: Uint8Array,
  scheme: SignatureScheme,
  message: Uint8Array,
  signature: Uint8Array,
): Promise<boolean> {
  try {
    if (!fits(kindOfPublicKey(publicKey), scheme)) return false;
    const rsa = rsaAlgorithm(scheme);
    if (rsa !== null) {
      const key = await webcrypto.subtle.importKey('spki', publicKey, rsa, false, ['verify']);
      return await webcrypto.subtle.verify(rsa, key, signature, message);
    }
    const key = { key: Buffer.from(publicKey), format: 'der', type: 'spki' } as const;
    return verify(hashOf(scheme), message, { ...key, ...encodingOf(scheme) }, signature);
  } catch {
    return false;
  }
}

export function kindOfPublicKey(publicKey: Uint8Array): PublicKeyKind | null {
  try {
    const key = createPublicKey({ key: Buffer.from(publicKey), format: 'der', type: 'spki' });
    const type = key.asymmetricKeyType;
    if (type === 'rsa' || type === 'ed25519') return type;
    return type === 'ec' ? (CURVE_KINDS.get(key.asymmetricKeyDetails?.namedCurve ?? '') ?? null) : null;
  } catch {
    return null;
  }
}

function fits(kind: PublicKeyKind | null, scheme: SignatureScheme): boolean {
  if (kind === null) return false;
  if (scheme.kind === 'ecdsa') return kind === 'p256' || kind === 'p384' || kind === 'p521';
  return scheme.kind === 'ed25519' ? kind === 'ed25519' : kind === 'rsa';
}

function rsaAlgorithm(scheme: SignatureScheme): { name: string; hash: string; saltLength?: number } | null {
  if (scheme.kind === 'rsa-pkcs1') return { name: 'RSASSA-PKCS1-v1_5', hash: HASHES[scheme.hash] };
  if (scheme.kind !== 'rsa-pss') return null;
  return { name: 'RSA-PSS', hash: HASHES[scheme.hash], saltLength: scheme.saltLength };
}

function hashOf(scheme: SignatureScheme): string | null {
  return scheme.kind === 'ed25519' ? null : scheme.hash;
}

function encodingOf(scheme: SignatureScheme): { dsaEncoding?: 'der' | 'ieee-p1363' } {
  return scheme.kind === 'ecdsa' ? { dsaEncoding: scheme.raw ? 'ieee-p1363' : 'der' } : {};
}
