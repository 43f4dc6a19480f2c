// What the AUTH payload proves, and how: RFC 7296 section 2.15, RFC 7427, RFC 4754, RFC 8420.

import { concat, utf8 } from '../bytes/octets.ts';
import { AuthMethod, SignatureHash } from '../wire/ike-numbers.ts';
import type { Identity } from '../wire/payload.ts';
import { emitAlgorithmIdentifier, parseAlgorithmIdentifier } from './algorithm-identifier.ts';
import { prf } from './prf.ts';
import type { HashName, Primitives, PublicKeyKind, SignatureScheme } from './primitives.ts';

/** AUTH Method and the scheme that makes its data. */
export interface AuthChoice {
  readonly method: number;
  readonly scheme: SignatureScheme;
}

/** For our SIGNATURE_HASH_ALGORITHMS, best first. verifyAuth takes no other hash with DIGITAL_SIGNATURE. */
export const ANNOUNCED_HASHES: readonly number[] = [
  SignatureHash.SHA2_256,
  SignatureHash.SHA2_384,
  SignatureHash.SHA2_512,
  SignatureHash.IDENTITY,
];

const HASH_NUMBER: Readonly<Record<HashName, number>> = {
  sha1: SignatureHash.SHA1,
  sha256: SignatureHash.SHA2_256,
  sha384: SignatureHash.SHA2_384,
  sha512: SignatureHash.SHA2_512,
};

/** RFC 4754 section 3: each method stands for one curve and one hash. */
const CLASSIC_ECDSA: ReadonlyMap<number, { readonly kind: PublicKeyKind; readonly hash: HashName }> = new Map<
  number,
  { readonly kind: PublicKeyKind; readonly hash: HashName }
>([
  [AuthMethod.ECDSA_SHA256_P256, { kind: 'p256', hash: 'sha256' }],
  [AuthMethod.ECDSA_SHA384_P384, { kind: 'p384', hash: 'sha384' }],
  [AuthMethod.ECDSA_SHA512_P521, { kind: 'p521', hash: 'sha512' }],
]);

/** Of the side that sent `message`: its IKE_SA_INIT message without marker, the other side's nonce, its own SK_p and identity. */
export interface SignedPart {
  readonly message: Uint8Array;
  readonly nonce: Uint8Array;
  readonly SK_p: Uint8Array;
  readonly identity: Identity;
}

export function signedOctets(p: Primitives, prfId: number, part: SignedPart): Uint8Array {
  // InitiatorSignedOctets = RealMessage1 | NonceRData | prf(SK_pi, IDType | RESERVED | InitIDData)
  const maced = prf(p, prfId, part.SK_p, Uint8Array.of(part.identity.idType, 0, 0, 0), part.identity.data);
  return concat(part.message, part.nonce, maced);
}

/** `secret` is the pre-shared key, or the MSK of an EAP method (RFC 7296 section 2.16). */
export function sharedKeyAuth(p: Primitives, prfId: number, secret: Uint8Array, signed: Uint8Array): Uint8Array {
  // AUTH = prf( prf(Shared Secret, "Key Pad for IKEv2"), <InitiatorSignedOctets>)
  return prf(p, prfId, prf(p, prfId, secret, utf8('Key Pad for IKEv2')), signed);
}

/**
 * Chooses how to sign with a key of this kind.
 * @param peerHashes what the peer's SIGNATURE_HASH_ALGORITHMS listed, or null when it sent none.
 * @returns null when the peer can verify nothing that such a key makes.
 */
export function chooseScheme(kind: PublicKeyKind, peerHashes: readonly number[] | null): AuthChoice | null {
  const scheme = peerHashes === null ? null : chooseDigital(kind, peerHashes);
  if (scheme !== null) return { method: AuthMethod.DIGITAL_SIGNATURE, scheme };
  if (kind === 'rsa') return { method: AuthMethod.RSA_SIGNATURE, scheme: { kind: 'rsa-pkcs1', hash: 'sha1' } };
  for (const [method, classic] of CLASSIC_ECDSA) {
    if (classic.kind === kind) return { method, scheme: { kind: 'ecdsa', hash: classic.hash, raw: true } };
  }
  return null;
}

/** @returns the data of the AUTH payload for a signature made as chosen. */
export function emitSignature(choice: AuthChoice, signature: Uint8Array): Uint8Array {
  return choice.method === AuthMethod.DIGITAL_SIGNATURE ? emitDigitalSignature(choice.scheme, signature) : signature;
}

/**
 * Verifies the data of an AUTH payload that a signature fills, whichever of its methods it is.
 * @param publicKey SubjectPublicKeyInfo, already found to belong to the peer's identity.
 */
export async function verifyAuth(
  p: Primitives,
  method: number,
  data: Uint8Array,
  publicKey: Uint8Array,
  signed: Uint8Array,
): Promise<boolean> {
  const kind = p.publicKeyKind(publicKey);
  if (kind === null) return false;
  if (method === AuthMethod.DIGITAL_SIGNATURE) {
    const parsed = parseDigitalSignature(data);
    if (parsed === null || !ANNOUNCED_HASHES.includes(hashNumber(parsed.scheme))) return false;
    return p.verify(publicKey, parsed.scheme, signed, parsed.signature);
  }
  if (method === AuthMethod.RSA_SIGNATURE) {
    if (kind !== 'rsa') return false;
    // RFC 7296 section 3.8: SHA-1 SHOULD be the default, and the signature itself tells which hash it was.
    for (const hash of ['sha1', 'sha256', 'sha384', 'sha512'] as const) {
      if (await p.verify(publicKey, { kind: 'rsa-pkcs1', hash }, signed, data)) return true;
    }
    return false;
  }
  const classic = CLASSIC_ECDSA.get(method);
  if (classic === undefined || classic.kind !== kind) return false;
  return p.verify(publicKey, { kind: 'ecdsa', hash: classic.hash, raw: true }, signed, data);
}

/** Authentication Data of method 14: u8 length | AlgorithmIdentifier | signature (RFC 7427 section 3). */
export function emitDigitalSignature(scheme: SignatureScheme, signature: Uint8Array): Uint8Array {
  const identifier = emitAlgorithmIdentifier(scheme);
  return concat(Uint8Array.of(identifier.length), identifier, signature);
}

/** @returns null for an algorithm that we do not know. */
export function parseDigitalSignature(
  data: Uint8Array,
): { readonly scheme: SignatureScheme; readonly signature: Uint8Array } | null {
  const end = 1 + (data[0] ?? 0);
  if (end > data.length) return null;
  const scheme = parseAlgorithmIdentifier(data.subarray(1, end));
  return scheme === null ? null : { scheme, signature: data.subarray(end) };
}

/** PKCS#1 1.5 for RSA: the platforms' own clients sign and verify it everywhere, PSS only in part. */
function chooseDigital(kind: PublicKeyKind, peerHashes: readonly number[]): SignatureScheme | null {
  if (kind === 'ed25519') return peerHashes.includes(SignatureHash.IDENTITY) ? { kind: 'ed25519' } : null;
  const order: HashName[] = ['sha256', 'sha384', 'sha512'];
  if (kind === 'p384') order.unshift('sha384');
  if (kind === 'p521') order.unshift('sha512');
  const hash = order.find((name) => peerHashes.includes(HASH_NUMBER[name]));
  if (hash === undefined) return null;
  return kind === 'rsa' ? { kind: 'rsa-pkcs1', hash } : { kind: 'ecdsa', hash, raw: false };
}

function hashNumber(scheme: SignatureScheme): number {
  return scheme.kind === 'ed25519' ? SignatureHash.IDENTITY : HASH_NUMBER[scheme.hash];
}
