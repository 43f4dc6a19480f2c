// Certificates made when a test starts: an authority, what it issues, and the trust of a client in it. RFC 5280, RFC 7296 section 3.6.

import 'reflect-metadata';
import { createHash, webcrypto } from 'node:crypto';
import {
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectAlternativeNameExtension,
  X509Certificate,
  X509CertificateGenerator,
} from '@peculiar/x509';
import { text, toHex } from '../../src/bytes/octets.ts';
import { IdType } from '../../src/wire/ike-numbers.ts';
import type { Identity } from '../../src/wire/payload.ts';
import { formatAddress } from '../../src/wire/prefix.ts';

export type KeyKind = 'p256' | 'p384' | 'p521' | 'rsa' | 'ed25519';

export interface Authority {
  readonly certificate: X509Certificate;
  readonly keys: webcrypto.CryptoKeyPair;
  readonly der: Uint8Array;
  readonly keyHash: Uint8Array;
}

export interface Issued {
  readonly der: Uint8Array;
  /** PKCS#8. */
  readonly privateKey: Uint8Array;
  /** SubjectPublicKeyInfo. */
  readonly publicKey: Uint8Array;
  /** DER of the subject's name. */
  readonly subject: Uint8Array;
}

export interface Wanted {
  readonly name: string;
  readonly kind?: KeyKind;
  readonly dns?: readonly string[];
  readonly emails?: readonly string[];
  readonly forServer?: boolean;
  readonly notBefore?: Date;
  readonly notAfter?: Date;
}

const NOT_BEFORE = new Date('2025-01-01T00:00:00Z');
const NOT_AFTER = new Date('2045-01-01T00:00:00Z');

export async function createAuthority(name: string): Promise<Authority> {
  const keys = await generate('p256');
  const certificate = await X509CertificateGenerator.createSelfSigned({
    name: `CN=${name}`,
    notBefore: NOT_BEFORE,
    notAfter: NOT_AFTER,
    keys: keys as never,
    signingAlgorithm: { name: 'ECDSA', hash: 'SHA-256' } as never,
    extensions: [
      new BasicConstraintsExtension(true, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
    ],
  });
  const der = new Uint8Array(certificate.rawData);
  return { certificate, keys, der, keyHash: keyHashOf(der) };
}

/** SHA-1 of a certificate's SubjectPublicKeyInfo, as CERTREQ lists it. */
export function keyHashOf(der: Uint8Array): Uint8Array {
  const { publicKey } = new X509Certificate(der);
  return new Uint8Array(createHash('sha1').update(new Uint8Array(publicKey.rawData)).digest());
}

export async function issue(authority: Authority, wanted: Wanted): Promise<Issued> {
  const keys = await generate(wanted.kind ?? 'p256');
  const names = [
    ...(wanted.dns ?? []).map((value) => ({ type: 'dns' as const, value })),
    ...(wanted.emails ?? []).map((value) => ({ type: 'email' as const, value })),
  ];
  const certificate = await X509CertificateGenerator.create({
    subject: `CN=${wanted.name}`,
    issuer: authority.certificate.subject,
    notBefore: wanted.notBefore ?? NOT_BEFORE,
    notAfter: wanted.notAfter ?? NOT_AFTER,
    publicKey: keys.publicKey as never,
    signingKey: authority.keys.privateKey as never,
    signingAlgorithm: { name: 'ECDSA', hash: 'SHA-256' } as never,
    extensions: [
      new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
      new ExtendedKeyUsageExtension([wanted.forServer ? ExtendedKeyUsage.serverAuth : ExtendedKeyUsage.clientAuth]),
      ...(names.length > 0 ? [new SubjectAlternativeNameExtension(names)] : []),
    ],
  });
  return {
    der: new Uint8Array(certificate.rawData),
    privateKey: new Uint8Array(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey)),
    publicKey: new Uint8Array(certificate.publicKey.rawData),
    subject: new Uint8Array(certificate.subjectName.toArrayBuffer()),
  };
}

/** What a client with this root (DER) makes of a gateway's certificate: signature, serverAuth, and the name it was told to expect. */
export function trusting(root: Uint8Array) {
  const { publicKey } = new X509Certificate(root);
  return async (chain: readonly Uint8Array[], identity: Identity): Promise<Uint8Array | null> => {
    const [leaf] = chain;
    if (leaf === undefined) return null;
    const certificate = new X509Certificate(leaf);
    const signed = await certificate.verify({ publicKey, signatureOnly: true });
    const usage = certificate.getExtension(ExtendedKeyUsageExtension)?.usages ?? [];
    if (!signed || !usage.includes(ExtendedKeyUsage.serverAuth) || !isNamed(certificate, identity)) return null;
    return new Uint8Array(certificate.publicKey.rawData);
  };
}

export async function isIssuedBy(certificate: X509Certificate, authority: Authority): Promise<boolean> {
  return certificate.verify({ publicKey: authority.certificate.publicKey, signatureOnly: true });
}

/** Whether an IKE identity belongs to a certificate: its subject, or one of its alternative names (RFC 7296 section 3.5). */
export function isNamed(certificate: X509Certificate, identity: Identity): boolean {
  if (identity.idType === IdType.DER_ASN1_DN)
    return toHex(new Uint8Array(certificate.subjectName.toArrayBuffer())) === toHex(identity.data);
  const names = certificate.getExtension(SubjectAlternativeNameExtension)?.names.items ?? [];
  if (identity.idType === IdType.FQDN)
    return names.some((name) => name.type === 'dns' && name.value === text(identity.data));
  if (identity.idType === IdType.RFC822_ADDR)
    return names.some((name) => name.type === 'email' && name.value === text(identity.data));
  return names.some((name) => name.type === 'ip' && name.value === formatAddress(identity.data));
}

async function generate(kind: KeyKind): Promise<webcrypto.CryptoKeyPair> {
  const { subtle } = webcrypto;
  if (kind === 'rsa') {
    const algorithm = { name: 'RSASSA-PKCS1-v1_5', modulusLength: 2048, publicExponent: Uint8Array.of(1, 0, 1) };
    return subtle.generateKey({ ...algorithm, hash: 'SHA-256' }, true, ['sign', 'verify']);
  }
  if (kind === 'ed25519')
    return (await subtle.generateKey('Ed25519', true, ['sign', 'verify'])) as webcrypto.CryptoKeyPair;
  return subtle.generateKey({ name: 'ECDSA', namedCurve: `P-${kind.slice(1)}` }, true, ['sign', 'verify']);
}
