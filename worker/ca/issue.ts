// Issuing certificates: the root, one intermediate per organisation, the gateway, its clients (RFC 5280, RFC 4945).

import { toHex } from '../../src/bytes/octets.ts';
import { exportPrivateKey, makeKeyPair } from './key-pair.ts';
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  type Extension,
  ExtendedKeyUsageExtension,
  type JsonGeneralNames,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509Certificate,
  X509CertificateGenerator,
} from './x509.ts';

export interface Issued {
  /** DER. */
  readonly certificate: Uint8Array;
  /** PKCS#8 DER. */
  readonly privateKey: Uint8Array;
  /** Milliseconds. */
  readonly notBefore: number;
  readonly notAfter: number;
}

/** Who signs. */
export interface Issuer {
  /** DER. */
  readonly certificate: Uint8Array;
  readonly signingKey: CryptoKey;
}

/** A dNSName, rfc822Name or iPAddress in text. */
export type AlternativeName = JsonGeneralNames[number];

const SERVER_AUTH = '1.3.6.1.5.5.7.3.1';
const CLIENT_AUTH = '1.3.6.1.5.5.7.3.2';
/** Recommended for Windows, which prefers such a certificate among several. */
const IKE_INTERMEDIATE = '1.3.6.1.5.5.8.2.2';

const DAY_MS = 86_400_000;
const ROOT_DAYS = 7_305;
const ORGANISATION_DAYS = 3_652;
/** Apple refuses servers whose certificate lasts longer than 825 days. */
const LEAF_DAYS = 730;
/** Clocks that are late. */
const HEAD_START_MS = 3_600_000;

const CA_SIGNATURE = { name: 'ECDSA', hash: 'SHA-384' };
const CA_USAGE = KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign;

export async function issueRoot(now: number): Promise<Issued> {
  const keys = await makeKeyPair('P-384');
  const validity = validityFrom(now, ROOT_DAYS);
  const certificate = await X509CertificateGenerator.createSelfSigned({
    ...validity,
    serialNumber: serialNumber(),
    // Told apart from the root of another deployment, where somebody trusts both.
    name: [{ O: ['Culvert'] }, { CN: [`Culvert root ${serialNumber().slice(0, 8)}`] }],
    keys,
    signingAlgorithm: CA_SIGNATURE,
    extensions: [
      new BasicConstraintsExtension(true, 1, true),
      new KeyUsagesExtension(CA_USAGE, true),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return issued(certificate, keys);
}

/** It may sign leaves and nothing that signs. */
export async function issueOrganisationCa(root: Issuer, organisation: string, now: number): Promise<Issued> {
  const keys = await makeKeyPair('P-384');
  const extensions = [new BasicConstraintsExtension(true, 0, true), new KeyUsagesExtension(CA_USAGE, true)];
  const name = [{ O: ['Culvert'] }, { OU: [organisation] }, { CN: [`Culvert ${organisation} CA`] }];
  return sign(root, keys, name, validityFrom(now, ORGANISATION_DAYS), extensions);
}

/** @param names host names and addresses that clients dial; the first one is the identity. */
export function issueGateway(root: Issuer, names: readonly AlternativeName[], now: number): Promise<Issued> {
  const subject = [{ O: ['Culvert'] }, { CN: [commonName(names)] }];
  return issueLeaf(root, subject, names, [SERVER_AUTH, IKE_INTERMEDIATE], now);
}

/** @param names the first one is the common name too. */
export function issueClient(
  ca: Issuer,
  organisation: string,
  network: string,
  names: readonly AlternativeName[],
  now: number,
): Promise<Issued> {
  const subject = [{ O: [organisation] }, { OU: [network] }, { CN: [commonName(names)] }];
  return issueLeaf(ca, subject, names, [CLIENT_AUTH], now);
}

async function issueLeaf(
  issuer: Issuer,
  subject: Subject,
  names: readonly AlternativeName[],
  usages: string[],
  now: number,
): Promise<Issued> {
  return sign(issuer, await makeKeyPair('P-256'), subject, validityFrom(now, LEAF_DAYS), [
    new BasicConstraintsExtension(false, undefined, true),
    new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
    new ExtendedKeyUsageExtension(usages),
    new SubjectAlternativeNameExtension([...names]),
  ]);
}

/** RFC 5280 appendix A: at most 64 characters. What is longer stands whole among the alternative names. */
function commonName(names: readonly AlternativeName[]): string {
  const name = names[0]!.value as string;
  return name.length <= 64 ? name : name.split(/[@.]/)[0]!.slice(0, 64);
}

type Subject = Record<string, string[]>[];

interface Validity {
  readonly notBefore: Date;
  readonly notAfter: Date;
}

async function sign(
  issuer: Issuer,
  keys: CryptoKeyPair,
  subject: Subject,
  validity: Validity,
  extensions: Extension[],
): Promise<Issued> {
  const parent = new X509Certificate(issuer.certificate);
  const certificate = await X509CertificateGenerator.create({
    notBefore: validity.notBefore,
    notAfter: new Date(Math.min(validity.notAfter.getTime(), parent.notAfter.getTime())),
    serialNumber: serialNumber(),
    subject,
    issuer: parent.subjectName,
    publicKey: keys.publicKey,
    signingKey: issuer.signingKey,
    signingAlgorithm: CA_SIGNATURE,
    extensions: [
      ...extensions,
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
      await AuthorityKeyIdentifierExtension.create(parent.publicKey),
    ],
  });
  return issued(certificate, keys);
}

async function issued(certificate: X509Certificate, keys: CryptoKeyPair): Promise<Issued> {
  return {
    certificate: new Uint8Array(certificate.rawData),
    privateKey: await exportPrivateKey(keys),
    notBefore: certificate.notBefore.getTime(),
    notAfter: certificate.notAfter.getTime(),
  };
}

function validityFrom(now: number, days: number): Validity {
  // A certificate's times are whole seconds.
  const start = Math.floor((now - HEAD_START_MS) / 1000) * 1000;
  return { notBefore: new Date(start), notAfter: new Date(start + days * DAY_MS) };
}

/** 16 random octets, positive and without a leading zero, in hexadecimal. */
function serialNumber(): string {
  const octets = crypto.getRandomValues(new Uint8Array(16));
  octets[0] = (octets[0]! & 0x3f) | 0x40;
  return toHex(octets);
}
