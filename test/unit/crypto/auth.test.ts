// Proofs of identity: RFC 7296 section 2.15, RFC 7427, RFC 4754.

import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { concat, fromHex, toHex, utf8 } from '../../../src/bytes/octets.ts';
import {
  ANNOUNCED_HASHES,
  chooseScheme,
  emitDigitalSignature,
  emitSignature,
  parseDigitalSignature,
  sharedKeyAuth,
  signedOctets,
  verifyAuth,
} from '../../../src/crypto/auth.ts';
import { deriveIkeKeys } from '../../../src/crypto/keymat.ts';
import type { PublicKeyKind, SignatureScheme } from '../../../src/crypto/primitives.ts';
import { openSk } from '../../../src/crypto/sk.ts';
import { parseIkeMessage } from '../../../src/wire/ike-message.ts';
import { AuthMethod, IdType, PayloadType, PrfId, SignatureHash } from '../../../src/wire/ike-numbers.ts';
import { parsePayloads } from '../../../src/wire/payloads.ts';
import { workerPrimitives } from '../../../worker/edge/primitives.ts';
import { describeShared, ownVectors, sharedJson } from '../../vector-files.ts';
import { HANDSHAKE, handshake, OLD_SUITE, spi } from './handshake-vectors.ts';

const p = workerPrimitives();

interface KeyPair {
  readonly privateKey: Uint8Array;
  readonly publicKey: Uint8Array;
}

const KEYS: Readonly<Record<PublicKeyKind, KeyPair>> = {
  rsa: exported(generateKeyPairSync('rsa', { modulusLength: 2048 })),
  p256: exported(generateKeyPairSync('ec', { namedCurve: 'P-256' })),
  p384: exported(generateKeyPairSync('ec', { namedCurve: 'P-384' })),
  p521: exported(generateKeyPairSync('ec', { namedCurve: 'P-521' })),
  ed25519: exported(generateKeyPairSync('ed25519')),
};

function exported(pair: { privateKey: KeyObject; publicKey: KeyObject }): KeyPair {
  return {
    privateKey: new Uint8Array(pair.privateKey.export({ format: 'der', type: 'pkcs8' })),
    publicKey: new Uint8Array(pair.publicKey.export({ format: 'der', type: 'spki' })),
  };
}

const SIGNED = utf8('InitiatorSignedOctets');
const { RSA_SIGNATURE, ECDSA_SHA256_P256, ECDSA_SHA384_P384, ECDSA_SHA512_P521, DIGITAL_SIGNATURE } = AuthMethod;

describe('AlgorithmIdentifier, RFC 7427 Appendix A', () => {
  const { vectors } = ownVectors<{
    vectors: { section: string; name: string; octets: string; scheme: SignatureScheme | null }[];
  }>('rfc7427.json');

  it.each(vectors)('$section $name', ({ section, octets, scheme }) => {
    const data = concat(Uint8Array.of(octets.length / 2), fromHex(octets), fromHex('5160'));
    const parsed = parseDigitalSignature(data);
    expect(parsed && { ...parsed, signature: toHex(parsed.signature) }).toEqual(
      scheme && { scheme, signature: '5160' },
    );
    // A.4.1 and A.4.2 are two ways to say the same; we say it in full.
    if (scheme === null || section === 'A.4.1') return;
    expect(toHex(emitDigitalSignature(scheme, fromHex('5160')))).toBe(toHex(data));
  });

  it('knows Ed25519 as RFC 8420 gives it', () => {
    const octets = '300506032b6570';
    expect(toHex(emitDigitalSignature({ kind: 'ed25519' }, fromHex('00')))).toBe(`07${octets}00`);
    expect(parseDigitalSignature(fromHex(`07${octets}00`))?.scheme).toEqual({ kind: 'ed25519' });
  });

  it.each(['sha1', 'sha256', 'sha384', 'sha512'] as const)('says RSASSA-PSS with %s in full', (hash) => {
    const scheme: SignatureScheme = { kind: 'rsa-pss', hash, saltLength: 48 };
    expect(parseDigitalSignature(emitDigitalSignature(scheme, SIGNED))?.scheme).toEqual(scheme);
  });

  it.each<[string, string, SignatureScheme | null]>([
    ['no parameters', '300b06092a864886f70d01010a', { kind: 'rsa-pss', hash: 'sha1', saltLength: 20 }],
    [
      'a salt length alone',
      '301206092a864886f70d01010a3005a203020100',
      { kind: 'rsa-pss', hash: 'sha1', saltLength: 0 },
    ],
    [
      'hashes without NULL',
      '303e06092a864886f70d01010a3031a00d300b0609608648016503040202a11a301806092a864886f70d010108300b0609608648016503040202a20402020030',
      null,
    ],
    [
      'hashes without NULL and a short salt length',
      '303d06092a864886f70d01010a3030a00d300b0609608648016503040202a11a301806092a864886f70d010108300b0609608648016503040202a203020130',
      { kind: 'rsa-pss', hash: 'sha384', saltLength: 48 },
    ],
    ['one hash and another mask', '301e06092a864886f70d01010a3011a00f300d06096086480165030402010500', null],
    ['a trailer that is not 1', '301206092a864886f70d01010a3005a303020102', null],
    ['a negative salt length', '301206092a864886f70d01010a3005a2030201ff', null],
    ['NULL parameters', '300d06092a864886f70d01010a0500', null],
  ])('reads RSASSA-PSS with %s', (_, octets, scheme) => {
    const data = concat(Uint8Array.of(octets.length / 2), fromHex(octets));
    expect(parseDigitalSignature(data)?.scheme ?? null).toEqual(scheme);
  });

  it.each([
    ['nothing', ''],
    ['a length alone', '0f'],
    ['length 0', '00300d06092a864886f70d01010b0500'],
    ['a cut identifier', '0e300d06092a864886f70d01010b05'],
    ['an octet too many', '10300d06092a864886f70d01010b050000'],
    ['a third element', '11300f06092a864886f70d01010b05000500'],
    ['RSA parameters that are not NULL', '0f300d06092a864886f70d01010b3000'],
    ['an indefinite length', '11308006092a864886f70d01010b05000000'],
    ['an unknown algorithm', '0f300d06092a864886f70d01010e0500'],
  ])('refuses %s', (_, octets) => {
    expect(parseDigitalSignature(fromHex(octets))).toBeNull();
  });
});

describe('chooseScheme', () => {
  const { SHA1, SHA2_256, SHA2_384, SHA2_512, IDENTITY } = SignatureHash;
  const all = [SHA1, SHA2_256, SHA2_384, SHA2_512, IDENTITY];

  it.each<[PublicKeyKind, number[] | null, number | null, SignatureScheme | null]>([
    ['rsa', null, RSA_SIGNATURE, { kind: 'rsa-pkcs1', hash: 'sha1' }],
    ['rsa', [SHA1], RSA_SIGNATURE, { kind: 'rsa-pkcs1', hash: 'sha1' }],
    ['rsa', all, DIGITAL_SIGNATURE, { kind: 'rsa-pkcs1', hash: 'sha256' }],
    ['rsa', [SHA2_512, SHA2_384], DIGITAL_SIGNATURE, { kind: 'rsa-pkcs1', hash: 'sha384' }],
    ['p256', null, ECDSA_SHA256_P256, { kind: 'ecdsa', hash: 'sha256', raw: true }],
    ['p384', null, ECDSA_SHA384_P384, { kind: 'ecdsa', hash: 'sha384', raw: true }],
    ['p521', null, ECDSA_SHA512_P521, { kind: 'ecdsa', hash: 'sha512', raw: true }],
    ['p256', [IDENTITY], ECDSA_SHA256_P256, { kind: 'ecdsa', hash: 'sha256', raw: true }],
    ['p256', all, DIGITAL_SIGNATURE, { kind: 'ecdsa', hash: 'sha256', raw: false }],
    ['p384', all, DIGITAL_SIGNATURE, { kind: 'ecdsa', hash: 'sha384', raw: false }],
    ['p384', [SHA2_256], DIGITAL_SIGNATURE, { kind: 'ecdsa', hash: 'sha256', raw: false }],
    ['p521', all, DIGITAL_SIGNATURE, { kind: 'ecdsa', hash: 'sha512', raw: false }],
    ['ed25519', all, DIGITAL_SIGNATURE, { kind: 'ed25519' }],
    ['ed25519', [SHA2_256], null, null],
    ['ed25519', null, null, null],
  ])('of %s for a peer with hashes %s', async (kind, hashes, method, scheme) => {
    const choice = chooseScheme(kind, hashes);
    expect(choice).toEqual(method === null ? null : { method, scheme });
    if (choice === null) return;
    const { privateKey, publicKey } = KEYS[kind];
    const data = emitSignature(choice, await p.sign(privateKey, choice.scheme, SIGNED));
    expect(await verifyAuth(p, choice.method, data, publicKey, SIGNED)).toBe(true);
    expect(await verifyAuth(p, choice.method, data, publicKey, utf8('ResponderSignedOctets'))).toBe(false);
  });
});

describe('verifyAuth', () => {
  const sign = (kind: PublicKeyKind, scheme: SignatureScheme) => p.sign(KEYS[kind].privateKey, scheme, SIGNED);
  const verify = (method: number, data: Uint8Array, kind: PublicKeyKind) =>
    verifyAuth(p, method, data, KEYS[kind].publicKey, SIGNED);

  it.each(['sha1', 'sha256', 'sha384', 'sha512'] as const)('takes %s in an RSA signature of method 1', async (hash) => {
    expect(await verify(RSA_SIGNATURE, await sign('rsa', { kind: 'rsa-pkcs1', hash }), 'rsa')).toBe(true);
  });

  it('takes no PSS in method 1', async () => {
    const signature = await sign('rsa', { kind: 'rsa-pss', hash: 'sha256', saltLength: 32 });
    expect(await verify(RSA_SIGNATURE, signature, 'rsa')).toBe(false);
  });

  it('takes PSS in method 14, with its salt length only', async () => {
    const scheme: SignatureScheme = { kind: 'rsa-pss', hash: 'sha384', saltLength: 48 };
    const signature = await sign('rsa', scheme);
    expect(await verify(DIGITAL_SIGNATURE, emitDigitalSignature(scheme, signature), 'rsa')).toBe(true);
    const other = emitDigitalSignature({ ...scheme, saltLength: 47 }, signature);
    expect(await verify(DIGITAL_SIGNATURE, other, 'rsa')).toBe(false);
  });

  it('takes no SHA-1 in method 14, which we do not announce', async () => {
    expect(ANNOUNCED_HASHES).not.toContain(SignatureHash.SHA1);
    const schemes: [PublicKeyKind, SignatureScheme][] = [
      ['rsa', { kind: 'rsa-pkcs1', hash: 'sha1' }],
      ['rsa', { kind: 'rsa-pss', hash: 'sha1', saltLength: 20 }],
      ['p256', { kind: 'ecdsa', hash: 'sha1', raw: false }],
    ];
    for (const [kind, scheme] of schemes) {
      const data = emitDigitalSignature(scheme, await sign(kind, scheme));
      expect(await verify(DIGITAL_SIGNATURE, data, kind)).toBe(false);
    }
  });

  it('takes the curve and the hash of a classic method only', async () => {
    const raw = await sign('p384', { kind: 'ecdsa', hash: 'sha384', raw: true });
    expect(await verify(ECDSA_SHA384_P384, raw, 'p384')).toBe(true);
    expect(await verify(ECDSA_SHA256_P256, raw, 'p384')).toBe(false);
    const otherHash = await sign('p384', { kind: 'ecdsa', hash: 'sha256', raw: true });
    expect(await verify(ECDSA_SHA384_P384, otherHash, 'p384')).toBe(false);
    const asn1 = await sign('p384', { kind: 'ecdsa', hash: 'sha384', raw: false });
    expect(await verify(ECDSA_SHA384_P384, asn1, 'p384')).toBe(false);
  });

  it('takes nothing by a method that is no signature, nor under another kind of key', async () => {
    const rsa = await sign('rsa', { kind: 'rsa-pkcs1', hash: 'sha256' });
    for (const method of [0, AuthMethod.SHARED_KEY_MIC, 3, 12, AuthMethod.NULL, 15]) {
      expect(await verify(method, rsa, 'rsa')).toBe(false);
    }
    expect(await verify(RSA_SIGNATURE, rsa, 'p256')).toBe(false);
    expect(await verify(RSA_SIGNATURE, new Uint8Array(0), 'rsa')).toBe(false);
    expect(await verifyAuth(p, RSA_SIGNATURE, rsa, fromHex('3000'), SIGNED)).toBe(false);
  });
});

describeShared('a recorded handshake', HANDSHAKE, () => {
  it('proves both sides by the pre-shared key', async () => {
    const v = handshake();
    const [Ni, Nr] = [fromHex(v.ni), fromHex(v.nr)];
    const seed = { Ni, Nr, shared: fromHex(v.g_ir), SPIi: spi(v.spi_i), SPIr: spi(v.spi_r) };
    const keys = deriveIkeKeys(p, OLD_SUITE, seed);
    const sides = [
      { init: 0, auth: 2, nonce: Nr, SK_p: keys.SK_pi, sk: { encr: keys.SK_ei, integ: keys.SK_ai }, id: 'IDi' },
      { init: 1, auth: 3, nonce: Ni, SK_p: keys.SK_pr, sk: { encr: keys.SK_er, integ: keys.SK_ar }, id: 'IDr' },
    ] as const;
    for (const { init, auth, nonce, SK_p, sk, id } of sides) {
      const message = fromHex(v.messages[init]!.hex);
      const opened = (await openSk(p, OLD_SUITE, sk, parseIkeMessage(fromHex(v.messages[auth]!.hex))))!;
      const payloads = parsePayloads(PayloadType[id], opened);
      const identity = payloads.find((payload) => payload.type === 'IDi' || payload.type === 'IDr')!;
      const proof = payloads.find((payload) => payload.type === 'AUTH')!;
      const signed = signedOctets(p, OLD_SUITE.prf, { message, nonce, SK_p, identity });
      expect(toHex(sharedKeyAuth(p, OLD_SUITE.prf, utf8(v.psk), signed))).toBe(toHex(proof.data));
    }
  });

  it('has a second proof beside it', () => {
    const { psk, vectors } = handshake().session_secrets_tests;
    const v = vectors[1]!;
    const [Ni, Nr] = [fromHex(v.setInitiatorNonce!), fromHex(v.setResponderNonce!)];
    const keys = deriveIkeKeys(p, OLD_SUITE, {
      Ni,
      Nr,
      shared: fromHex(v.setDHSecret!),
      SPIi: spi(v.setInitiatorCookie!),
      SPIr: spi(v.setResponderCookie!),
    });
    const identity = { idType: IdType.IPV4_ADDR, data: Uint8Array.of(10, 0, 3, 1) };
    const part = { message: fromHex(v.setMessage!), nonce: Nr, SK_p: keys.SK_pi, identity };
    const signed = signedOctets(p, OLD_SUITE.prf, part);
    expect(toHex(signed)).toBe(v.expect_getOctets);
    expect(toHex(sharedKeyAuth(p, OLD_SUITE.prf, utf8(psk), signed))).toBe(v.expect_computeAUTH);
  });
});

describeShared('the SA record of AOSP', 'aosp-sarecord.json', () => {
  it('ends the signed octets with prf(SK_pi, IDType | RESERVED | InitIDData)', () => {
    const v = sharedJson<{ idi_mac: { prf_key: string; mac: string } }>('aosp-sarecord.json').idi_mac;
    const signed = signedOctets(p, PrfId.HMAC_SHA1, {
      message: fromHex('aa'),
      nonce: fromHex('bb'),
      SK_p: fromHex(v.prf_key),
      identity: { idType: IdType.IPV4_ADDR, data: Uint8Array.of(10, 80, 80, 13) },
    });
    expect(toHex(signed)).toBe(`aabb${v.mac.toLowerCase()}`);
  });
});
