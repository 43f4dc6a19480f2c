// The algorithms that Culvert can do and the sizes that follow from each: RFC 7296 section 3.3.2, RFC 4868, RFC 5282, RFC 7634, RFC 8247.

import { EncrId, IntegId, KeId, PrfId, TransformType } from '../wire/ike-numbers.ts';
import type { HashName } from './primitives.ts';

/** All sizes in octets. */
export interface EncrAlgorithm {
  readonly aead: boolean;
  /** Values of the Key Length attribute; empty where the transform carries none (RFC 7634 section 5). */
  readonly keyBits: readonly number[];
  /** Of the key alone. `bits` is the Key Length attribute and is ignored where there is none. */
  keyOctets(bits: number): number;
  /** Part of the nonce that comes out of KEYMAT, behind the key. */
  readonly saltOctets: number;
  /** What stands before the ciphertext. */
  readonly ivOctets: number;
  /** 0 where an integrity algorithm stands beside. */
  readonly icvOctets: number;
  /** The plaintext is padded to a multiple of this. */
  readonly blockOctets: number;
}

export interface PrfAlgorithm {
  readonly hash: HashName;
  /** Of the output, and preferred for keys. */
  readonly octets: number;
}

export interface IntegAlgorithm {
  readonly hash: HashName;
  readonly keyOctets: number;
  /** The HMAC is cut to this. */
  readonly icvOctets: number;
}

const AES_KEY_BITS = [128, 192, 256];

const ENCR: ReadonlyMap<number, EncrAlgorithm> = new Map([
  [
    EncrId.AES_CBC,
    {
      aead: false,
      keyBits: AES_KEY_BITS,
      keyOctets: octetsOf,
      saltOctets: 0,
      ivOctets: 16,
      icvOctets: 0,
      blockOctets: 16,
    },
  ],
  [
    EncrId.AES_GCM_16,
    {
      aead: true,
      keyBits: AES_KEY_BITS,
      keyOctets: octetsOf,
      saltOctets: 4,
      ivOctets: 8,
      icvOctets: 16,
      blockOctets: 1,
    },
  ],
  [
    EncrId.CHACHA20_POLY1305,
    { aead: true, keyBits: [], keyOctets: () => 32, saltOctets: 4, ivOctets: 8, icvOctets: 16, blockOctets: 1 },
  ],
  // The last two are ESP's alone and encrypt nothing: RFC 4543, RFC 2410.
  [
    EncrId.NULL_AUTH_AES_GMAC,
    {
      aead: true,
      keyBits: AES_KEY_BITS,
      keyOctets: octetsOf,
      saltOctets: 4,
      ivOctets: 8,
      icvOctets: 16,
      blockOctets: 1,
    },
  ],
  [
    EncrId.NULL,
    { aead: false, keyBits: [], keyOctets: () => 0, saltOctets: 0, ivOctets: 0, icvOctets: 0, blockOctets: 1 },
  ],
]);

const PRF: ReadonlyMap<number, PrfAlgorithm> = new Map<number, PrfAlgorithm>([
  [PrfId.HMAC_SHA1, { hash: 'sha1', octets: 20 }],
  [PrfId.HMAC_SHA2_256, { hash: 'sha256', octets: 32 }],
  [PrfId.HMAC_SHA2_384, { hash: 'sha384', octets: 48 }],
  [PrfId.HMAC_SHA2_512, { hash: 'sha512', octets: 64 }],
]);

const INTEG: ReadonlyMap<number, IntegAlgorithm> = new Map<number, IntegAlgorithm>([
  [IntegId.HMAC_SHA1_96, { hash: 'sha1', keyOctets: 20, icvOctets: 12 }],
  [IntegId.HMAC_SHA2_256_128, { hash: 'sha256', keyOctets: 32, icvOctets: 16 }],
  [IntegId.HMAC_SHA2_384_192, { hash: 'sha384', keyOctets: 48, icvOctets: 24 }],
  [IntegId.HMAC_SHA2_512_256, { hash: 'sha512', keyOctets: 64, icvOctets: 32 }],
]);

/** Key exchange methods, best first. */
export const KE_METHODS: readonly number[] = [
  KeId.CURVE25519,
  KeId.ECP_256,
  KeId.ECP_384,
  KeId.ECP_521,
  KeId.MODP_2048,
  KeId.MODP_3072,
  KeId.MODP_4096,
  KeId.MODP_1536,
  KeId.MODP_1024,
];

/** Left to networks with the legacy switch on (RFC 8247: all are SHOULD NOT or on their way out). */
const WEAK: ReadonlyMap<number, readonly number[]> = new Map<number, readonly number[]>([
  [TransformType.ENCR, [EncrId.DES3]],
  [TransformType.PRF, [PrfId.HMAC_MD5, PrfId.HMAC_SHA1]],
  [TransformType.INTEG, [IntegId.HMAC_MD5_96, IntegId.HMAC_SHA1_96]],
  [TransformType.KE, [KeId.MODP_1024, KeId.MODP_1536]],
]);

/** @returns whether only a network with the legacy switch on may choose this transform. */
export function isWeak(type: number, id: number): boolean {
  return WEAK.get(type)?.includes(id) ?? false;
}

/** @returns whether Culvert can do this transform of an SA payload, its Key Length attribute included. */
export function isSupported(transform: {
  readonly type: number;
  readonly id: number;
  readonly keyBits?: number;
}): boolean {
  const { type, id, keyBits } = transform;
  if (type === TransformType.ENCR) {
    const encr = ENCR.get(id);
    if (encr === undefined) return false;
    return encr.keyBits.length === 0 ? keyBits === undefined : keyBits !== undefined && encr.keyBits.includes(keyBits);
  }
  if (keyBits !== undefined) return false;
  if (type === TransformType.PRF) return PRF.has(id);
  if (type === TransformType.INTEG) return id === IntegId.NONE || INTEG.has(id);
  if (type === TransformType.KE) return id === KeId.NONE || KE_METHODS.includes(id);
  return type === TransformType.ESN && (id === 0 || id === 1);
}

/** The lookups below are for ids of a chosen suite; an id that Culvert cannot do is a RangeError. */
export function encrAlgorithm(id: number): EncrAlgorithm {
  return found(ENCR.get(id), 'ENCR', id);
}

export function prfAlgorithm(id: number): PrfAlgorithm {
  return found(PRF.get(id), 'PRF', id);
}

/** @returns null for NONE, which is what a suite with an AEAD holds. */
export function integAlgorithm(id: number): IntegAlgorithm | null {
  return id === IntegId.NONE ? null : found(INTEG.get(id), 'INTEG', id);
}

function found<T>(algorithm: T | undefined, type: string, id: number): T {
  if (algorithm === undefined) throw new RangeError(`${type} ${id} is not among the algorithms`);
  return algorithm;
}

function octetsOf(bits: number): number {
  return bits / 8;
}
