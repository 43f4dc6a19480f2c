// Signatures with keys in DER: RSA PKCS#1 1.5 and PSS, ECDSA as r|s or ASN.1, Ed25519.
// Keys are handed over as DER each time: beside padding or encoding workerd takes no KeyObject.

import { constants, createPublicKey, type KeyObject, sign, verify } from 'node:crypto';
import type { PublicKeyKind, SignatureScheme } from '../../src/crypto/primitives.ts';

const CURVE_KINDS: ReadonlyMap<string, PublicKeyKind> = new Map([
  ['prime256v1', 'p256'],
  ['secp384r1', 'p384'],
  ['secp521r1', 'p521'],
]);

/** @throws when the key is not PKCS#8 DER or does not fit the scheme. */
export function makeSignature(privateKey: Uint8Array, scheme: SignatureScheme, message: Uint8Array): Uint8Array {
  const key = { key: Buffer.from(privateKey), format: 'der', type: 'pkcs8' } as const;
  return new Uint8Array(sign(hashOf(scheme), message, { ...key, ...optionsOf(scheme) }));
}

export function checkSignature(
  publicKey: Uint8Array,
  scheme: SignatureScheme,
  message: Uint8Array,
  signature: Uint8Array,
): boolean {
  try {
    const key = { key: Buffer.from(publicKey), format: 'der', type: 'spki' } as const;
    if (!fits(kindOf(createPublicKey(key)), scheme)) return false;
    return verify(hashOf(scheme), message, { ...key, ...optionsOf(scheme) }, signature);
  } catch {
    return false;
  }
}

export function kindOfPublicKey(publicKey: Uint8Array): PublicKeyKind | null {
  try {
    return kindOf(createPublicKey({ key: Buffer.from(publicKey), format: 'der', type: 'spki' }));
  } catch {
    return null;
  }
}

function kindOf(key: KeyObject): PublicKeyKind | null {
  const type = key.asymmetricKeyType;
  if (type === 'rsa' || type === 'rsa-pss') return 'rsa';
  if (type === 'ed25519') return 'ed25519';
  return type === 'ec' ? (CURVE_KINDS.get(key.asymmetricKeyDetails?.namedCurve ?? '') ?? null) : null;
}

function fits(kind: PublicKeyKind | null, scheme: SignatureScheme): boolean {
  if (kind === null) return false;
  if (scheme.kind === 'ecdsa') return kind === 'p256' || kind === 'p384' || kind === 'p521';
  return scheme.kind === 'ed25519' ? kind === 'ed25519' : kind === 'rsa';
}

function hashOf(scheme: SignatureScheme): string | null {
  return scheme.kind === 'ed25519' ? null : scheme.hash;
}

function optionsOf(scheme: SignatureScheme): {
  padding?: number;
  saltLength?: number;
  dsaEncoding?: 'der' | 'ieee-p1363';
} {
  if (scheme.kind === 'rsa-pss') return { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: scheme.saltLength };
  if (scheme.kind === 'rsa-pkcs1') return { padding: constants.RSA_PKCS1_PADDING };
  return scheme.kind === 'ecdsa' ? { dsaEncoding: scheme.raw ? 'ieee-p1363' : 'der' } : {};
}
