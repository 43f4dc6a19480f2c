// ECDSA key pairs: made, exported for the vault, and taken up again. A key that signs cannot be read out of its CryptoKey.

export type Curve = 'P-256' | 'P-384';

export async function makeKeyPair(curve: Curve): Promise<CryptoKeyPair> {
  const pair = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: curve }, true, ['sign', 'verify']);
  return pair as CryptoKeyPair;
}

/** PKCS#8 DER. */
export async function exportPrivateKey(pair: CryptoKeyPair): Promise<Uint8Array> {
  return new Uint8Array((await crypto.subtle.exportKey('pkcs8', pair.privateKey)) as ArrayBuffer);
}

export function importPrivateKey(pkcs8: Uint8Array, curve: Curve): Promise<CryptoKey> {
  return crypto.subtle.importKey('pkcs8', pkcs8, { name: 'ECDSA', namedCurve: curve }, false, ['sign']);
}
