// The primitives that a shell supplies to the core. The core waits for what is a promise here and for nothing else.

export type HashName = 'sha1' | 'sha256' | 'sha384' | 'sha512';

/** One AEAD key: AES-GCM-16 or ChaCha20-Poly1305, 16-octet ICV after the ciphertext. */
export interface AeadKey {
  /** @returns ciphertext and ICV. `nonce` has 12 octets. */
  seal(nonce: Uint8Array, aad: Uint8Array, plaintext: Uint8Array): Promise<Uint8Array>;
  /** @returns the plaintext, or null when the ICV is wrong. */
  open(nonce: Uint8Array, aad: Uint8Array, ciphertext: Uint8Array): Promise<Uint8Array | null>;
}

/** AES-CBC without padding: both ways a whole number of 16-octet blocks. */
export interface CbcKey {
  encrypt(iv: Uint8Array, plaintext: Uint8Array): Uint8Array;
  decrypt(iv: Uint8Array, ciphertext: Uint8Array): Uint8Array;
}

export interface KeyExchange {
  /** KeId. */
  readonly method: number;
  /** As the KE payload carries it: MODP value padded to the prime's length, ECP x|y, X25519 32 octets. */
  readonly publicValue: Uint8Array;
  /** Makes the same exchange again after the object that began it was evicted. */
  readonly privateValue: Uint8Array;
  /** @returns g^ir as RFC 7296 section 2.14 wants it (ECP: x only), or null when the peer's value is not acceptable (RFC 6989). */
  agree(peerPublicValue: Uint8Array): Promise<Uint8Array | null>;
}

/** How a signature is made; `hash` counts for all but Ed25519. */
export type SignatureScheme =
  | { readonly kind: 'rsa-pkcs1'; readonly hash: HashName }
  | { readonly kind: 'rsa-pss'; readonly hash: HashName; readonly saltLength: number }
  /** The signature is r|s of fixed length when `raw`, an ASN.1 SEQUENCE otherwise. */
  | { readonly kind: 'ecdsa'; readonly hash: HashName; readonly raw: boolean }
  | { readonly kind: 'ed25519' };

export type PublicKeyKind = 'rsa' | 'p256' | 'p384' | 'p521' | 'ed25519';

export interface Primitives {
  random(length: number): Uint8Array;
  hash(name: HashName, ...parts: Uint8Array[]): Uint8Array;
  hmac(name: HashName, key: Uint8Array, ...parts: Uint8Array[]): Uint8Array;
  aesGcm(key: Uint8Array): AeadKey;
  chaCha20Poly1305(key: Uint8Array): AeadKey;
  aesCbc(key: Uint8Array): CbcKey;
  /**
   * A fresh exchange, or the one that this private value began.
   * @returns null for a method this deployment cannot do.
   */
  keyExchange(method: number, privateValue?: Uint8Array): Promise<KeyExchange | null>;
  /** Signs with a PKCS#8 DER private key. */
  sign(privateKey: Uint8Array, scheme: SignatureScheme, message: Uint8Array): Promise<Uint8Array>;
  /** Verifies with a SubjectPublicKeyInfo DER public key; false for anything wrong, never a throw. */
  verify(publicKey: Uint8Array, scheme: SignatureScheme, message: Uint8Array, signature: Uint8Array): Promise<boolean>;
  /** @returns null for a key that is none of these kinds. */
  publicKeyKind(publicKey: Uint8Array): PublicKeyKind | null;
}
